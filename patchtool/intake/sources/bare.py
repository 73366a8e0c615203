# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch that was never mailed becomes a mail: quilt's and Debian's headers, ``-pN``. Pure.

What such a patch does not say is filled in so that ``git am`` takes it and nobody mistakes
it for a fact: the author is :data:`patchtool.series.author.NOBODY`, the date the start of 1970,
the subject the file's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from patchtool.errors import MailError
from patchtool.series import compose
from patchtool.series.author import NOBODY
from patchtool.series.encoded_words import text_of
from patchtool.series.envelope import NO_DATE
from patchtool.series.hunks import outside
from patchtool.series.mime import BOM

_START = re.compile(rb"^(?:diff |Index: |--- \S.*\n\+\+\+ \S)", re.MULTILINE)
_FROM_LINE = re.compile(rb"\A\s*From [0-9a-f]{7,64} .*\n")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)\Z")
_MAILED = re.compile(
    r"^(?:From|Date|Message-ID): .*\n(?:[^\s:]{1,80}: .*\n){0,30}?Subject: ",
    re.MULTILINE | re.IGNORECASE,
)
_COUNTED = re.compile(r"v?[0-9]{1,4}[-_]")
_KNOWN = (
    *("from", "author", "subject", "description", "date", "last-update", "origin", "bug"),
    *("forwarded", "applied-upstream", "reviewed-by", "acked-by", "message-id"),
)


@dataclass(frozen=True, slots=True)
class BarePatch:
    """A patch as a mail.

    Attributes:
        mail: The mail.
        missing: What it did not say and was filled in: ``author``, ``date``, ``subject``.
    """

    mail: bytes
    missing: tuple[str, ...]


def as_mail(data: bytes, name: str, where: str, strip: int = 1) -> BarePatch:
    """A mail of a patch file that is none.

    Taken for headers are quilt's and Debian's (DEP-3): From or Author, Subject or
    Description, Date or Last-Update. Text that is no header is the message; its first line
    is the subject where no header gives one.

    Args:
        data: The file.
        name: Its name, for the subject of last resort.
        where: Its path, for errors.
        strip: The N of ``-pN`` it was made with.

    Raises:
        MailError: There is no diff in it, it has the header of a mail but does not begin with
            it, or its paths do not have N parts to strip.
    """
    data = data.removeprefix(BOM)
    start = _START.search(data)
    if start is None:
        raise MailError(f"{where}: no diff in it; expected `diff --git` or `---` and `+++` lines")
    fields, text = _header(text_of(_FROM_LINE.sub(b"", data[: start.start()])))
    if inside := _MAILED.search(text):
        at = data.count(b"\n", 0, start.start()) - text.count("\n", inside.start()) + 1
        raise MailError(
            f"{where}:{at}: the header of a mail, but the file does not begin with it; "
            "expected a mail or a patch"
        )
    text = re.sub(r"(?m)^---\s*\Z", "", text.rstrip()).strip("\n")
    author = fields.get("from") or fields.get("author") or ""
    date = fields.get("date") or _day(fields.get("last-update", ""))
    subject = fields.get("subject") or fields.get("description") or ""
    subject, _, more = subject.partition("\n")
    missing = [
        what for what, known in (("author", "@" in author), ("date", bool(date))) if not known
    ]
    if not subject and text:
        subject, _, text = text.partition("\n")
    elif not subject:
        missing.append("subject")
        subject = _title(name)
    message = "\n".join(part for part in (_paragraphs(more), text.strip("\n")) if part)
    head = compose.header(
        ("Message-ID", fields.get("message-id") or None),
        ("From", _sender(author) if "@" in author else NOBODY),
        ("Date", date or NO_DATE),
        ("Subject", compose.encoded(subject)),
    )
    diff = _to_p1(data[start.start() :], strip, where)
    words = f"{message}\n---\n".encode("utf-8", "replace")
    return BarePatch(head + words + diff, tuple(missing))


def _header(text: str) -> tuple[dict[str, str], str]:
    """The fields in front, and the text behind them. DEP-3 may put text between two groups."""
    fields: dict[str, str] = {}
    lines = text.lstrip("\n").split("\n")
    at, last = 0, ""
    while at < len(lines):
        field = _FIELD.match(lines[at])
        if field and (field[1].lower() in _KNOWN or field[1].lower().startswith("bug-")):
            last = field[1].lower()
            value = field[2].strip()
            if last not in fields:
                fields[last] = value
            elif last in ("author", "from"):
                last = ""  # a second author has nowhere to go but the text
                break
        elif lines[at][:1] in (" ", "\t") and last and lines[at].strip():
            fields[last] += "\n" + lines[at][1:].rstrip()
        else:
            break
        at += 1
    return fields, "\n".join(lines[at:])


def _paragraphs(text: str) -> str:
    """The lines of a folded DEP-3 field; a lone ``.`` is an empty line."""
    return "\n".join("" if line.strip() == "." else line for line in text.split("\n")).strip("\n")


def _day(value: str) -> str:
    """DEP-3's ``Last-Update: 2024-01-31`` as a mail's date; empty where it is none."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value.strip())
    if found is None:
        return ""
    try:
        day = datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    except ValueError:
        return ""
    return format_datetime(day)


def _title(name: str) -> str:
    """A subject of a file's name: ``0001-mm-fix-it.patch`` is ``mm-fix-it``."""
    base = name.rpartition("/")[2]
    base = re.sub(r"(?:\.(?:patch|diff|dpatch|txt|gz|xz|bz2|zst))+\Z", "", base)
    return _COUNTED.sub("", base, count=1) or base or "patch"


def _sender(author: str) -> str:
    """The author as he stands there, quotes and all."""
    name, angle, address = " ".join(author.split()).partition("<")
    return f"{compose.encoded(name)} {angle}{address}".strip()


def _to_p1(diff: bytes, strip: int, where: str) -> bytes:
    """The diff with paths as ``-p1`` reads them; only header lines are changed."""
    lines = diff.split(b"\n")
    for at in outside(lines):
        line = lines[at]
        if strip != 1 and line.startswith(b"diff --git "):
            lines[at] = _git_line(line, strip, where)
        elif line.startswith(b"--- ") and lines[at + 1 : at + 2][:1] and _is_new(lines[at + 1]):
            _names(lines, at, strip, where)
    return b"\n".join(lines)


def _is_new(line: bytes) -> bool:
    return line.startswith(b"+++ ")


def _names(lines: list[bytes], at: int, strip: int, where: str) -> None:
    """Rewrite the ``---`` and ``+++`` lines at *at*; ``x.c.orig`` is the old ``x.c``."""
    (old, old_rest), (new, new_rest) = (_parted(line[4:]) for line in lines[at : at + 2])
    old, new = _moved(old, b"a/", strip, where), _moved(new, b"b/", strip, where)
    if old.endswith(b".orig") and old.partition(b"/")[2] == new.partition(b"/")[2] + b".orig":
        old = old.removesuffix(b".orig")
    lines[at], lines[at + 1] = b"--- " + old + old_rest, b"+++ " + new + new_rest


def _parted(name: bytes) -> tuple[bytes, bytes]:
    """A path, and the time stamp or CR behind it."""
    bare = name.partition(b"\t")[0].rstrip()
    return bare, name[len(bare) :]


def _moved(path: bytes, lead: bytes, strip: int, where: str) -> bytes:
    if strip == 1 or path == b"/dev/null":
        return path
    parts = path.split(b"/")
    if len(parts) <= strip:
        shown = path[:80].decode("utf-8", "replace")
        raise MailError(f"{where}: the path {shown} has not {strip} folders to strip (-p{strip})")
    return lead + b"/".join(parts[strip:])


def _git_line(line: bytes, strip: int, where: str) -> bytes:
    words = line.removeprefix(b"diff --git ").split(b" ")
    half = len(words) // 2  # both names are the same but for their lead, so as long
    old, new = b" ".join(words[:half]), b" ".join(words[half:])
    return b"diff --git %s %s" % (
        _moved(old, b"a/", strip, where),
        _moved(new, b"b/", strip, where),
    )
