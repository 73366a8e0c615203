# SPDX-License-Identifier: GPL-2.0-or-later
"""Damages a file diff as mail archives do that turn mails into text."""

from __future__ import annotations

import re

_BLANKS = re.compile(rb"[ \t\n\v\f\r]+")


def folded(diff: bytes) -> bytes:
    """*diff* on one line, each run of white space and line ends a single blank."""
    return _BLANKS.sub(b" ", diff).strip()


def line_by_line(diff: bytes) -> bytes:
    """*diff* with its line breaks, but no indentation, runs of blanks or blanks at the ends.

    Context lines lose the blank in front, too; of an added or removed line's indentation one
    blank stays behind its mark.
    """
    return b"".join(
        _BLANKS.sub(b" ", line).strip() + b"\n" for line in diff.removesuffix(b"\n").split(b"\n")
    )
