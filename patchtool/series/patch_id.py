# SPDX-License-Identifier: GPL-2.0-or-later
"""The stable patch-id of a patch mail, as ``git patch-id --stable`` computes it. Pure.

One SHA-1 for each file diff, over its lines without white space, hunk headers and ``index``
lines; their sum, as little-endian numbers of 160 bits, is the patch-id, so the order of the
files does not matter. A binary file counts by the two hashes of its ``index`` line. As in
git 2.39, a file that changes only its mode or name is hashed together with the next one; other
than there, an empty line in a hunk is one of context, as it is for ``git apply``.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMIT = re.compile(rb"(?:commit |From )?[0-9a-fA-F]{40}")
_HUNK = re.compile(rb"@@ -[0-9]{1,9}(?:,([0-9]{1,9}))? \+[0-9]{1,9}(?:,([0-9]{1,9}))?")
_INDEX = re.compile(rb"index ([^ \n]*?)\.\.([^ \n]*)")
_SPACE = b" \t\n\r"  # what git's isspace() takes
_CONTEXT = (b" ", b"\n", b"\r\n")  # of an empty line, programs take the blank in front
_NOTE = 12  # bytes; a longer line behind a backslash is `No newline at end of file`


def patch_id(mail: bytes) -> str:
    """The stable patch-id of the first patch in *mail*, 40 hex digits; empty without a diff."""
    at = 0 if mail.startswith(b"diff ") else mail.find(b"\ndiff ") + 1
    if at == 0 and not mail.startswith(b"diff "):
        return ""
    sum_ = _Sum()
    while at < len(mail):
        end = mail.find(b"\n", at) + 1 or len(mail)
        line, at = mail[at:end].partition(b"\0")[0], end
        if line.startswith(b"\\ ") and len(line) > _NOTE:
            continue
        if _COMMIT.match(line) or not sum_.take(line):
            break
    sum_.flush()
    return (sum_.total % (1 << 160)).to_bytes(20, "little").hex()


class _Sum:
    """The sum over the file diffs, fed line by line."""

    def __init__(self) -> None:
        self.total = 0
        self.kept: list[bytes] = []
        self.hashes = b""  # of the last index line
        self.before = self.after = 0  # lines of the hunk still to come
        self.take: Callable[[bytes], bool] = self.header  # False where the patch ends

    def flush(self) -> None:
        digest = hashlib.sha1(b"".join(self.kept), usedforsecurity=False).digest()
        self.total += int.from_bytes(digest, "little")
        self.kept = []

    def keep(self, line: bytes) -> bool:
        self.before -= line.startswith((b"-", *_CONTEXT))
        self.after -= line.startswith((b"+", *_CONTEXT))
        self.kept.append(line.translate(None, _SPACE))
        return True

    def header(self, line: bytes) -> bool:
        """A line between ``diff --git`` and ``---``."""
        if line.startswith((b"GIT binary patch", b"Binary files")):
            self.kept.append(self.hashes)
            self.flush()
            self.take = self.binary
        elif line.startswith(b"index "):
            if found := _INDEX.match(line):
                self.hashes = found[1] + found[2]
        elif line.startswith(b"--- "):
            self.before = self.after = 1
            self.take = self.hunks
            return self.keep(line)
        elif line[:1].isalpha():
            return self.keep(line)
        else:
            return False
        return True

    def binary(self, line: bytes) -> bool:
        """A line of binary data; git does not hash the ``diff`` line that ends it."""
        if line.startswith(b"diff "):
            self.take = self.header
        return True

    def hunks(self, line: bytes) -> bool:
        """A line of a hunk, or behind one."""
        if self.before or self.after:
            return self.keep(line)
        if line.startswith(b"@@ -"):
            if found := _HUNK.match(line):
                self.before, self.after = (int(count) if count else 1 for count in found.groups())
            return True
        if not line.startswith(b"diff "):
            return False
        self.flush()
        self.take = self.header
        return self.keep(line)
