# SPDX-License-Identifier: GPL-2.0-or-later
"""The bundled series in three revisions, with what three people say about them.

v1 is ``series/balloon-counters``; ``tests/data/story`` has the edits that make the others of it,
and the threads.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from tests.lib.public_inbox import posting

TOP = Path(__file__).resolve().parents[2]
DATA = TOP / "tests" / "data" / "story"
SENT_TO = {"To": "linux-mm@example.org", "Cc": "virtualization@example.org"}
_HUNK = re.compile(r"^@@ -(\d+),\d+ \+(\d+),\d+ @@", re.MULTILINE)
_SUBJECT = re.compile(r"^Subject: \[PATCH(?: v\d)?", re.MULTILINE)
_DATE = re.compile(r"^Date: .*", re.MULTILINE)
_SEPARATOR = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"


def domain(revision: int) -> str:
    """What the Message-IDs of a revision end in: that of patch N is ``N@DOMAIN``."""
    return f"v{revision}.example"


def cover(revision: int) -> str:
    """Message-ID of the cover letter of a revision."""
    return f"0@{domain(revision)}"


def mails(revision: int, folder: Path) -> list[bytes]:
    """A revision as it was posted, and what was said about it; *folder* is for scratch files."""
    files = []
    for number, text in enumerate(texts(revision)):
        files.append(folder / f"v{revision}-{number:04}.patch")
        files[-1].write_text(text, encoding="utf-8")
    return [*posting(files, domain(revision), SENT_TO), *replies(revision)]


def replies(revision: int) -> list[bytes]:
    """What was said about a revision, mail by mail."""
    file = DATA / f"v{revision}.mbox"
    return file.read_bytes().split(_SEPARATOR)[1:] if file.exists() else []


def mailbox(revision: int, folder: Path) -> bytes:
    """A revision and its thread as a mailbox."""
    return b"".join(_SEPARATOR + mail + b"\n" for mail in mails(revision, folder))


def texts(revision: int) -> list[str]:
    """The cover letter and the patches of a revision, as ``git format-patch`` writes them."""
    files = sorted((TOP / "series" / "balloon-counters").glob("*.patch"))
    made = [file.read_text(encoding="utf-8") for file in files]
    for step in tomllib.loads((DATA / "story.toml").read_text(encoding="utf-8"))["revision"]:
        if step["number"] <= revision:
            made = _next(made, step)
    return made


def _next(before: list[str], step: dict[str, Any]) -> list[str]:
    """The revision after another."""
    made = list(before)
    for edit in step["edit"]:
        at, old = edit["patch"], edit["old"].lstrip("\n")
        assert made[at].count(old) == 1, old
        made[at] = made[at].replace(old, edit["new"].lstrip("\n"))
    signature = "\nPatchtool Developers (5):\n"
    assert made[0].count(signature) == 1
    made[0] = made[0].replace(signature, f"{step['changes']}{signature}")
    for at, text in enumerate(made):
        named = _SUBJECT.sub(f"Subject: [PATCH v{step['number']}", text, count=1)
        made[at] = _counted(_DATE.sub(f"Date: {step['date']}", named, count=1))
    return made


def _counted(patch: str) -> str:
    """A patch whose hunk headers count their lines."""
    lines = patch.split("\n")
    for at, line in enumerate(lines):
        found = _HUNK.match(line)
        if found is None:
            continue
        body = []
        for each in lines[at + 1 :]:
            if not each or each[0] not in " +-" or each == "-- ":
                break
            body.append(each[0])
        old, new = (sum(mark in marks for mark in body) for marks in (" -", " +"))
        head = f"@@ -{found[1]},{old} +{found[2]},{new} @@"
        lines[at] = head + line[found.end() :]
    return "\n".join(lines)
