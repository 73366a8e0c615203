# SPDX-License-Identifier: GPL-2.0-or-later
"""Text that was declared ``format=flowed`` (RFC 3676), as it was written. Pure."""

from __future__ import annotations

from patchtool.errors import MailError
from patchtool.series.diff import parse_diff

_SIGNATURE = b"-- "


def unflow(body: bytes, *, delsp: bool) -> bytes:
    """The lines as they were before the mail program stuffed and folded them.

    A blank in front of a line goes, and a line with a blank at its end is joined with the
    next, as the RFC asks, whose quote marks go, unless that one is quoted deeper or less (4.5):
    many programs leave a blank at the end of an empty quoted line, and what follows is the reply.
    Programs that flow do not all fold, and a patch may well have a blank at the end of a line:
    where a diff adds up only with its lines left apart, they are.
    """
    ended = body.endswith(b"\n")
    sent = body.removesuffix(b"\n").split(b"\n")
    depths = [len(line) - len(line.lstrip(b">")) for line in sent]  # what is stuffed is no quote
    lines = [line[1:] if line.startswith(b" ") else line for line in sent]
    apart = b"\n".join(lines) + b"\n" * ended
    joined = b"\n".join(_join(lines, depths, delsp=delsp)) + b"\n" * ended
    return apart if joined != apart and _adds_up(apart) and not _adds_up(joined) else joined


def _join(lines: list[bytes], depths: list[int], *, delsp: bool) -> list[bytes]:
    out: list[bytes] = []
    open_line: list[bytes] = []
    open_depth = 0
    for sent, depth in zip(lines, depths, strict=True):
        line = sent
        bare = line.removesuffix(b"\r")
        if open_line and (bare == _SIGNATURE or depth != open_depth):
            out.append(b"".join(open_line))
            open_line = []
        if open_line and depth:  # its quote marks stand in front of the line already
            line = line[depth:].removeprefix(b" ")
            bare = line.removesuffix(b"\r")
        if bare == _SIGNATURE or not bare.endswith(b" "):
            out.append(b"".join([*open_line, line]))
            open_line = []
        else:
            open_line.append(bare[:-1] if delsp else bare)
            open_depth = depth
    if open_line:
        out.append(b"".join(open_line))
    return out


def _adds_up(body: bytes) -> bool:
    try:
        parse_diff(body, "flowed")
    except MailError:
        return False
    return True
