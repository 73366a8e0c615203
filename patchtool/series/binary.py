# SPDX-License-Identifier: GPL-2.0-or-later
"""The data of a ``GIT binary patch``: base 85 over zlib, as git's ``diff.c`` writes it. Pure."""

from __future__ import annotations

import base64
import re
import zlib

#: Largest content one binary patch may state, in bytes; the kernel's biggest file is 22 MB.
LIMIT = 64 << 20
_START = re.compile(rb"(literal|delta) ([0-9]{1,9})\Z")


class BadBinaryError(ValueError):
    """The data is cut short or damaged; the text says how."""


def read(lines: list[bytes], at: int) -> tuple[bytes | None, int]:
    """Read the data that starts at ``lines[at]``, behind ``GIT binary patch``.

    Returns:
        The new content (None for a delta against the old one), and the index of the first
        line behind the data. The reverse data, where there is any, is skipped unread.

    Raises:
        BadBinaryError: The data is cut short or damaged.
    """
    found = _START.match(lines[at]) if at < len(lines) else None
    if found is None:
        raise BadBinaryError("expected `literal SIZE` or `delta SIZE` behind `GIT binary patch`")
    packed, at = _block(lines, at + 1)
    content = _inflate(packed, int(found[2]))
    if at < len(lines) and _START.match(lines[at]):
        _, at = _block(lines, at + 1)
    return (content if found[1] == b"literal" else None), at


def _block(lines: list[bytes], at: int) -> tuple[bytes, int]:
    packed = bytearray()
    while at < len(lines) and lines[at]:
        packed += _line(lines[at])
        at += 1
    if at >= len(lines) or not packed:
        raise BadBinaryError("the binary data is cut short: expected an empty line behind it")
    return bytes(packed), at + 1


def _line(line: bytes) -> bytes:
    """One line: a letter for its length (A-Z: 1 to 26, a-z: 27 to 52), then base 85."""
    letter = line[:1]
    if b"A" <= letter <= b"Z":
        length = letter[0] - ord("A") + 1
    elif b"a" <= letter <= b"z":
        length = letter[0] - ord("a") + 27
    else:
        raise BadBinaryError("expected a line of base 85 data")
    try:
        data = base64.b85decode(line[1:])
    except ValueError as error:
        raise BadBinaryError(f"bad base 85 data: {error}") from None
    if not length <= len(data) < length + 4:
        raise BadBinaryError(f"a line of binary data should hold {length} bytes, not {len(data)}")
    return data[:length]


def _inflate(packed: bytes, size: int) -> bytes:
    if size > LIMIT:
        raise BadBinaryError(f"{size} bytes of binary data; at most {LIMIT} are taken")
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(packed, size + 1)
    except zlib.error as error:
        raise BadBinaryError(f"the binary data is damaged: {error}") from None
    if len(content) != size:
        raise BadBinaryError(f"the binary data holds {len(content)} bytes; its header says {size}")
    return content
