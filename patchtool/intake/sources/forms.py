# SPDX-License-Identifier: GPL-2.0-or-later
"""The forms a series comes in, and which of them some bytes are. Pure."""

from __future__ import annotations

import re
import tarfile
from enum import StrEnum

from patchtool.errors import MailError
from patchtool.series.diff import parse_diff
from patchtool.series.envelope import is_from_line
from patchtool.series.mime import BOM

_BLOCK = 512  # bytes of a tar header
_FIELD = re.compile(rb"([!-9;-~]+):(?:[ \t]|\r?\n)")
_DIFF = re.compile(rb"^(?:diff --git |Index: |--- \S.*\n\+\+\+ \S)", re.MULTILINE)
_HUNK = re.compile(rb"@@ -[0-9]+(?:,[0-9]+)? \+[0-9]+(?:,[0-9]+)? @@")
_POSTED = re.compile(rb"\[(?:RFC|PATCH)\b[^\]\n]*\]", re.IGNORECASE)
_MAILED = frozenset({b"date", b"message-id", b"received", b"return-path", b"mime-version"})


class Kind(StrEnum):
    """What SERIES is; the values are those of ``--from``."""

    LORE = "lore"
    PATCHWORK = "patchwork"
    MBOX = "mbox"
    MAIL = "mail"
    PATCH = "patch"
    MAILDIR = "maildir"
    FOLDER = "folder"
    QUILT = "quilt"
    TARBALL = "tarball"
    RANGE = "range"
    MANIFEST = "manifest"
    BUNDLED = "bundled"
    STDIN = "stdin"
    ARCHIVE = "archive"


#: What each kind is, for help texts and messages.
MEANING = {
    Kind.LORE: "a Message-ID (x@y, <x@y>, mid:x@y), or a link into a lore archive",
    Kind.PATCHWORK: "a link into patchwork, or patchwork:123 for a series id",
    Kind.MBOX: "a mailbox (also compressed, also what `b4 am` wrote)",
    Kind.MAIL: "one mail (.eml, .patch)",
    Kind.PATCH: "one diff without mail headers",
    Kind.MAILDIR: "a maildir (cur/, new/)",
    Kind.FOLDER: "a folder of `git format-patch` files, or of .eml mails",
    Kind.QUILT: "a quilt folder (series, or patches/series)",
    Kind.TARBALL: "a tarball (.tar, .tar.gz, .xz, .bz2, .zst) of any of these",
    Kind.RANGE: "a git range A..B, or TREE:A..B",
    Kind.MANIFEST: "a series.toml, or the folder that holds it",
    Kind.BUNDLED: "the name of a series that comes with patchtool",
    Kind.STDIN: "- for standard input",
    Kind.ARCHIVE: "a mail archive's page saved as text (only for `series recover`)",
}


def of_content(head: bytes, where: str, *, whole: bool) -> Kind:
    """What a file is, told by how it begins (decompressed).

    Args:
        head: Its first bytes.
        where: Its name, for errors.
        whole: Whether that is all of it.

    Raises:
        MailError: It is empty, binary, or nothing that a series can be read from.
    """
    text = head.removeprefix(BOM).lstrip(b"\r\n")
    if not text.strip():
        raise MailError(f"{where}: empty; expected a mail, a mailbox, a patch or a tarball")
    if _is_tar(head):
        return Kind.TARBALL
    nul = head.find(b"\0")
    if nul >= 0:
        line = 1 + head.count(b"\n", 0, nul)
        raise MailError(
            f"{where}:{line}: binary data; expected mails or patches, which are text",
            hint="compressed files are read when they are gzip, xz, bzip2 or zstd",
        )
    if is_from_line(text.partition(b"\n")[0]):
        return Kind.MBOX
    fields = header_fields(text)
    if b"from" in fields and _MAILED & fields:
        return Kind.MAIL
    if _DIFF.search(text) and (not whole or _reads(text, where)):
        return Kind.PATCH
    if _HUNK.search(text) or _DIFF.search(text) or _POSTED.search(text[:4096]):
        return Kind.ARCHIVE
    if fields:
        return Kind.MAIL  # what it lacks is said by who reads it
    raise MailError(
        f"{where}:1: neither a mail nor a patch; expected a mail header such as "
        "`From: Name <address>`, or a diff",
        hint="--from KIND says what it is, where that cannot be seen",
    )


def header_fields(text: bytes) -> set[bytes]:
    """The lower-case names of the header fields that *text* starts with."""
    found: set[bytes] = set()
    for line in text.split(b"\n", 400)[:400]:
        if field := _FIELD.match(line + b"\n"):
            found.add(field[1].lower())
        elif not (line[:1] in (b" ", b"\t") and found):
            break
    return found


def _is_tar(head: bytes) -> bool:
    """Whether *head* starts with a tar header whose check sum is right."""
    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _reads(text: bytes, where: str) -> bool:
    """Whether *text* holds a diff with nothing lost."""
    try:
        return bool(parse_diff(text, where))
    except MailError:
        return False
