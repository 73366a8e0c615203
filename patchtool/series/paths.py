# SPDX-License-Identifier: GPL-2.0-or-later
"""Which paths and symbolic links a patch may bring. Pure."""

from __future__ import annotations

import re

_OCTAL = re.compile(rb"[0-3][0-7]{2}")
_ESCAPES = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadPathError(ValueError):
    """A path that is not taken; the text says why."""


def unquote(text: bytes) -> bytes:
    """A path as git writes it, without the C-style quotes it gets for unusual characters.

    Raises:
        BadPathError: The quotes are not closed, or an escape is unknown.
    """
    if not text.startswith(b'"'):
        return text
    out = bytearray()
    at = 1
    while at < len(text):
        char = text[at : at + 1]
        if char == b'"':
            return bytes(out)
        if char != b"\\":
            out += char
            at += 1
            continue
        octal = _OCTAL.match(text, at + 1)
        if octal:
            out.append(int(octal[0], 8))
            at += 4
            continue
        escape = text[at + 1 : at + 2]
        if escape not in _ESCAPES:
            raise BadPathError(f"unknown escape in the quoted path {show(text)}")
        out.append(_ESCAPES[escape])
        at += 2
    raise BadPathError(f"the quoted path {show(text)} has no closing quote")


def show(text: bytes) -> str:
    """Bytes for an error message."""
    cut = text if len(text) <= 100 else text[:100] + b"..."
    return repr(cut.decode("utf-8", "replace"))


def check(path: bytes) -> str:
    """A path inside the tree, as text.

    Raises:
        BadPathError: It is empty, absolute, leaves the tree, is git's own, or is no UTF-8.
    """
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        raise BadPathError(f"the path {show(path)} is not UTF-8") from None
    if not text:
        raise BadPathError("the path is empty")
    if text.startswith("/"):
        raise BadPathError(f"the path {text!r} is absolute; expected one inside the tree")
    if _CONTROL.search(text):
        raise BadPathError(f"the path {text!r} has control characters")
    parts = text.split("/")
    if ".." in parts:
        raise BadPathError(f"the path {text!r} leaves the tree")
    if "" in parts or "." in parts:
        raise BadPathError(f"the path {text!r} has an empty or `.` component")
    if any(part.lower() == ".git" for part in parts):
        raise BadPathError(f"the path {text!r} is inside git's own folder")
    return text


def strip_prefix(path: bytes) -> tuple[bytes, bytes]:
    """The first component of a path in a diff (``a``), and the rest, as ``patch -p1`` splits it.

    Raises:
        BadPathError: The path is absolute, or has one component only.
    """
    if path.startswith(b"/"):
        raise BadPathError(f"the path {show(path)} is absolute; expected one inside the tree")
    prefix, slash, rest = path.partition(b"/")
    if not slash:
        raise BadPathError(f"the path {show(path)} has no a/ or b/ in front; was it made with -p0?")
    return prefix, rest


def check_link(path: str, target: bytes) -> None:
    """Check that the symbolic link *path* stays in the tree.

    ``..`` counts only at the start of the target: behind a name it would climb from where
    that name leads, which may be another link.

    Raises:
        BadPathError: The link leaves the tree.
    """
    shown = show(target)
    parts = target.rstrip(b"\n").split(b"/")
    if not target or b"\0" in target:
        raise BadPathError(f"the symbolic link {path!r} has the bad target {shown}")
    climbs = 0
    while climbs < len(parts) and parts[climbs] in (b"..", b"."):
        climbs += 1
    up = parts[:climbs].count(b"..")
    if target.startswith(b"/") or up > path.count("/") or b".." in parts[climbs:]:
        raise BadPathError(f"the symbolic link {path!r} points out of the tree, to {shown}")
