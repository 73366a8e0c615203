# SPDX-License-Identifier: GPL-2.0-or-later
"""A recovered file diff, written as git writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.recover.values import HunkLine, StructuredHunk
    from patchtool.recover.verdict import FileRecovery

_NO_END = b"\\ No newline at end of file\n"


def diff_text(found: FileRecovery) -> bytes:
    """The file diff; words that are not known for sure stand with single blanks between them."""
    structure = found.structure
    assert structure is not None
    old, new = structure.old_path, structure.new_path
    lines = [f"diff --git {_name('a/', old or new)} {_name('b/', new or old)}"]
    lines += found.extended
    if found.old_blob and found.new_blob:
        mode = structure.new_mode
        shown = f" {mode}" if mode and not any(" mode " in line for line in found.extended) else ""
        lines.append(f"index {found.old_blob}..{found.new_blob}{shown}")
    if structure.hunks:
        lines.append(f"--- {_name('a/', old) if old else '/dev/null'}")
        lines.append(f"+++ {_name('b/', new) if new else '/dev/null'}")
    added = iter(found.lines)
    body = b"".join(part for hunk in structure.hunks for part in _hunk(hunk, added))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape") + body


def _name(prefix: str, path: str | None) -> str:
    return f"{prefix}{path}"


def _hunk(hunk: StructuredHunk, added: Iterator[bytes]) -> Iterator[bytes]:
    """The header as it was posted, and the lines."""
    old = _range(hunk.old_start - hunk.offset, hunk.old_count)
    new = _range(hunk.new_start, hunk.new_count)
    section = f" {hunk.section}" if hunk.section else ""
    yield f"@@ -{old} +{new} @@{section}\n".encode("utf-8", "surrogateescape")
    for line in hunk.lines:
        yield line.mark.encode() + _text(line, added) + b"\n"
        if not line.ended:
            yield _NO_END


def _text(line: HunkLine, added: Iterator[bytes]) -> bytes:
    if line.mark == "+":
        return next(added, b" ".join(line.pieces))
    return line.text if line.text is not None else b" ".join(line.pieces)


def _range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"
