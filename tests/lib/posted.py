# SPDX-License-Identifier: GPL-2.0-or-later
"""Small series, as values, for tests that need one with a certain fault."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.series.diff import parse_diff
from patchtool.series.model import Patch, Series

if TYPE_CHECKING:
    from patchtool.series.file_diff import FileDiff

AUTHOR = "Ann Author <ann@example.org>"
SIGNED = f"Signed-off-by: {AUTHOR}"


def diff_of(path: str, *added: str, removed: tuple[str, ...] = (), at: int = 10) -> str:
    """A diff of one file: two lines of context, the first of which is line *at*."""
    body = [" before", *(f"-{line}" for line in removed), *(f"+{line}" for line in added), " after"]
    old, new = 2 + len(removed), 2 + len(added)
    head = [f"diff --git a/{path} b/{path}", f"--- a/{path}", f"+++ b/{path}"]
    return "\n".join([*head, f"@@ -{at},{old} +{at},{new} @@", *body, ""])


def files_of(text: str) -> tuple[FileDiff, ...]:
    """The file diffs in *text*."""
    return parse_diff(text.encode(), "test")


def patch_of(
    message: str = f"Why.\n\n{SIGNED}",
    *,
    number: int = 1,
    subject: str = "mm: count pages",
    author: str = AUTHOR,
    diff: str = "",
) -> Patch:
    """A patch that is flawless unless told otherwise."""
    text = diff or diff_of(f"mm/file{number}.c", f"int number_{number};")
    head = f"From: {author}\nSubject: [PATCH] {subject}\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n"
    raw = f"{head}\nFrom: {author}\n\n{message}\n---\n{text}-- \n2.39.5\n".encode()
    return Patch(
        number=number,
        subject=subject,
        author=author,
        date="Mon, 3 Feb 2025 10:00:00 +0100",
        message=message,
        message_id=None,
        files=files_of(text),
        raw=raw,
    )


def series_of(*patches: Patch, cover: str | None = None, sender: str = AUTHOR) -> Series:
    """A series of *patches*, numbered as they come."""
    whole = patches or (patch_of(),)
    return Series(
        name="test",
        title="mm: count",
        revision=1,
        cover=cover,
        patches=tuple(replace(patch, number=number) for number, patch in enumerate(whole, 1)),
        manifest=None,
        author=sender,
    )
