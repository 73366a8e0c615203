# SPDX-License-Identifier: GPL-2.0-or-later
"""Archive pages of our own making, in both forms of damage, and file diffs to damage."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass


def blob(content: bytes, digits: int = 7) -> str:
    """git's abbreviated hash of a file."""
    whole = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return whole.hexdigest()[:digits]


def file_diff(path: str, old: bytes | None, new: bytes | None, *, index: str | None = None) -> str:
    """What git prints for a change of one file; *index* replaces the blobs of the index line."""
    before, after = (old or b"").decode(), (new or b"").decode()
    lines = list(
        difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    )[2:]
    named = index or f"{blob(old) if old is not None else '0' * 7}.."
    if index is None:
        named += blob(new) if new is not None else "0" * 7
    head = f"diff --git a/{path} b/{path}\n"
    if old is None:
        head += f"new file mode 100644\nindex {named}\n--- /dev/null\n+++ b/{path}\n"
    elif new is None:
        head += f"deleted file mode 100644\nindex {named}\n--- a/{path}\n+++ /dev/null\n"
    else:
        head += f"index {named} 100644\n--- a/{path}\n+++ b/{path}\n"
    body = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return head + body


def folded(text: str) -> str:
    """All on one line, each run of white space a single blank."""
    return " ".join(text.split())


def by_lines(text: str) -> str:
    """Line breaks kept; no indentation, no runs of blanks."""
    return "".join(" ".join(line.split()) + "\n" for line in text.split("\n")[:-1])


@dataclass(frozen=True)
class Sent:
    """A mail as it was sent."""

    author: str
    address: str
    date: str
    subject: str
    body: str


def masked(text: str) -> str:
    """Addresses as pipermail shows them."""
    return text.replace("@example.org", " at example.org")


def folded_page(mails: list[Sent], headless: frozenset[int] = frozenset()) -> str:
    """A page of name, date, subject and folded text; some mails have lost their header."""
    parts = []
    for number, mail in enumerate(mails):
        subject = mail.subject.removeprefix("Re: ")
        head = f"{mail.author}\n{mail.date}\n{subject}\n"
        parts.append(("" if number in headless else head) + masked(folded(mail.body)) + "\n")
    links = "Maybe Matching Threads\n" + "".join(f"- {mail.subject}\n" for mail in mails[:2])
    return "".join(parts) + links


def lined_page(mail: Sent) -> str:
    """A page of one mail whose line breaks were kept and whose hosts are masked for good."""
    body = by_lines(mail.body)
    for address in (mail.address, "r@example.org"):
        local, _, host = address.partition("@")
        body = body.replace(address, f"{local}@{'x' * len(host)}")
    return (
        f"{mail.subject}\n\n[Date Prev][Date Next][Thread Prev][Thread Next]\n\n"
        f"From: {mail.author}\nDate: {mail.date}\n\n\n{body}\n"
        "[Index of Archives]     [Other Lists]\n\n  Powered by Something\n"
    )
