# SPDX-License-Identifier: GPL-2.0-or-later
"""What an archive did to the text of mails, undone where that can be told. Pure.

Characters: encodings, HTML entities, masked addresses. Line breaks of prose: trailers, the
diffstat, and the list of a cover letter get their lines back, the rest is wrapped anew.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MASKED = re.compile(rb"(.*[\w.+-]@)(x{3,})([^\w@]*.*)", re.DOTALL)
_LOCAL, _HOST = r"[A-Za-z0-9][\w.+-]{0,63}", r"[A-Za-z0-9][\w-]{0,62}(?:\.[\w-]{1,63}){0,8}"
_TOP = (
    "com|org|net|edu|gov|mil|int|info|io|dev|name|eu|uk|de|fr|nl|be|at|ch|it|es|pt|pl|cz|sk|hu|ro"
    "|se|no|fi|dk|ie|ru|ua|jp|cn|kr|tw|in|au|nz|br|ca|us|il|za|lt|lv|ee|gr|tr|me|cc|tv"
)
#: Ways to write an address that no program is to read: ``<a at b.c>``, ``a at b.org``,
#: ``a () b ! c``, ``a(a)b.c``, ``a [at] b.c``, and the prompt ``[root at host ~]``.
_AT = (
    re.compile(rf"<({_LOCAL}) at ({_HOST})>"),
    re.compile(rf"(?<![\w.+-])({_LOCAL}) at ((?:[\w-]{{1,63}}\.){{1,8}}(?:{_TOP}))(?![\w-]|\.\w)"),
    re.compile(rf"(?<=\[)({_LOCAL}) at ({_HOST})(?= [~/])"),
    re.compile(rf"(?<![\w.+-])({_LOCAL}) ?(?:\(a\)|\(at\)|\[at\]) ?({_HOST})(?![\w-])"),
    re.compile(rf"(?<![\w.+-])({_LOCAL}) \(\) ([\w-]{{1,63}}(?: ! [\w-]{{1,63}}){{1,6}})(?![\w-])"),
)
_HIDDEN = re.compile(r"(?<![\w.+-])[\w.+-]+@x{3,}")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#[0-9]{1,6}|#x[0-9a-fA-F]{1,5});")
_QUOTED = re.compile(r"=(?:([0-9A-F]{2})|[ \t]*(?:\n|\Z)| )")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{80,}={0,2}\s*")
_TRAILERS = (
    "[A-Z][a-z]+(?:-[A-Za-z]+)*-by|Cc|Fixes|Link|Closes|Message-I[dD]|Change-Id|BugLink|Bugzilla"
)
_TRAILER = re.compile(rf"\s+(?=(?:{_TRAILERS}): \S)")
_STAT = re.compile(r"(?<!\S)(\S+) \| +([0-9]+|Bin)(?: ([-+]+))?(?= |$)")
_SUMMARY = re.compile(
    r"[0-9]+ files? changed(?:, [0-9]+ insertions?\(\+\))?(?:, [0-9]+ deletions?\(-\))?"
)
_MODE = re.compile(
    r"(?:create|delete) mode [0-7]{6} \S+|(?:rename|copy) \S+ => \S+ \([0-9]+%\)"
    r"|mode change [0-7]{6} => [0-7]{6} \S+"
)
_BEFORE_STAT = re.compile(r"\s\S+\s+\|\s+(?:[0-9]+|Bin)\s")
_LONGEST_TRAILER = 200


@dataclass(frozen=True, slots=True)
class Undone:
    """Text as it was; each address that was masked, as it was shown and as it is; what else."""

    text: str
    changes: tuple[tuple[str, str], ...]
    encodings: tuple[str, ...]


def undo(text: str) -> Undone:
    """Undo in one mail's text what can be undone."""
    encodings: list[str] = []
    if (decoded := _from_base64(text)) is not None:
        text = decoded
        encodings.append("base64")
    codes = _QUOTED.findall(text)
    if ("=3D" in text or "=20\n" in text) and len(codes) == text.count("="):
        text = re.sub(r"=[ \t]*\n|= |=\Z", "", text)
        raw = re.sub(rb"=([0-9A-F]{2})", lambda code: bytes([int(code[1], 16)]), text.encode())
        text = raw.decode("utf-8", "replace")
        encodings.append("quoted-printable")
    if _ENTITY.search(text) and "<" not in text and ">" not in text:
        text = html.unescape(text).replace("\xa0", " ")
        encodings.append("HTML entities")
    text, changes = unmasked(text)
    return Undone(text, tuple(changes), tuple(encodings))


def _from_base64(text: str) -> str | None:
    if not _BASE64.fullmatch(text.strip()) or len(text.split()) > 3 + len(text) // 40:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def unmasked(text: str) -> tuple[str, list[tuple[str, str]]]:
    """*text* with its masked addresses written out again, and each change."""
    changes: list[tuple[str, str]] = []

    def write(match: re.Match[str]) -> str:
        made = f"{match[1]}@{match[2].replace(' ! ', '.')}"
        made = f"<{made}>" if match[0].startswith("<") else made
        changes.append((match[0], made))
        return made

    for pattern in _AT:
        text = pattern.sub(write, text)
    return text, changes


def hidden(text: str) -> tuple[str, ...]:
    """Addresses whose host is masked for good, such as ``a@xxxxxxx``."""
    return tuple(dict.fromkeys(_HIDDEN.findall(text)))


def same(word: bytes, true: bytes) -> bool:
    """Whether *word*, as a page in UTF-8 has it, may be the word *true* of an old file."""
    if word == true:
        return True
    if b"@x" in word and len(word) == len(true) and (match := _MASKED.fullmatch(word)):
        return true.startswith(match[1]) and true.endswith(match[3])
    return word == true.decode("latin-1").encode() if word and not true.isascii() else False


# --- line breaks


def unfolded_message(text: str) -> str:
    """A commit message that was folded: its trailers on lines of their own again."""
    prose, *parts = _TRAILER.split(f" {text.strip()}")
    while parts and any(len(part) > _LONGEST_TRAILER for part in parts):
        prose = f"{prose} {parts.pop(0)}"
    lines = _wrapped(prose) if prose.strip() else []
    return "\n".join([*lines, *([""] if lines and parts else []), *parts])


def unfolded_notes(text: str) -> str:
    """What stands between the message and the diff: the diffstat on its lines again."""
    found = list(_STAT.finditer(text))
    summary = _SUMMARY.search(text, found[-1].end() if found else 0)
    if not found or summary is None:
        return "\n".join(_wrapped(text))
    width = max(len(match[1]) for match in found)
    lines = [f" {match[1]:<{width}} | {match[2]:>4} {match[3] or ''}".rstrip() for match in found]
    rest = text[summary.end() :]
    lines += [f" {line}" for line in (summary[0], *(match[0] for match in _MODE.finditer(rest)))]
    for part in (text[: found[0].start()], _MODE.sub("", rest)):
        if part.strip():
            lines += ["", *_wrapped(part)]
    return "\n".join(lines)


def unfolded_cover(text: str, subjects: Sequence[str]) -> str:
    """A cover letter that was folded: its list, diffstat and change log on their lines again.

    The list has the *subjects* of the patches; *text* has no signature.
    """
    stat = _STAT.search(text)
    head, rest = (text[: stat.start()], text[stat.start() :]) if stat else (text, "")
    for subject in subjects:
        if listed := re.search(rf"(?:^|\s){re.escape(subject)}(?=\s|$)", head, re.MULTILINE):
            head = f"{head[: listed.start()]}\n  {subject}\n{head[listed.end() :].lstrip()}"
    lines = [line for part in head.split("\n") for line in _wrapped(part, subjects)]
    return "\n".join([*lines, *(["", unfolded_notes(rest)] if stat else [])])


def _wrapped(text: str, kept: Sequence[str] = ()) -> list[str]:
    """Folded text in lines; what it says of each revision, and each point, begins a new one."""
    if text.strip() in kept:
        return [text]
    text = re.sub(r"\s+(?=[vV][0-9]{1,2}:\s)", "\n\n", text.strip())
    lines: list[str] = []
    for part in re.sub(r"(?<=[;:.)])\s+(?=\*\s)", "\n", text).split("\n"):
        lines += textwrap.wrap(part, 72, break_long_words=False, break_on_hyphens=False) or [""]
    return lines


def subjects_in(cover: str, author: str, known: Sequence[str | None]) -> list[str | None]:
    """The subjects of all patches, those that are not *known* from the list in a cover letter.

    *known* has them in order, None where one is not known; the *author* sent the letter, and the
    list begins with ``Name (5):``.
    """
    text = " ".join(cover.split())
    name = re.escape(" ".join(re.sub(r"<[^<>]*>", "", author).split()))
    start = re.search(rf"{name} \({len(known)}\): " if name else r"\w \([0-9]+\): ", text)
    found = list(known)
    at = start.end() if start else len(text)
    for number, subject in enumerate(known):
        if subject is not None:
            place = text.find(subject, at)
            at = place + len(subject) if place >= 0 else at
            continue
        following = known[number + 1] if number + 1 < len(known) else None
        stat = _BEFORE_STAT.search(text, at) if number + 1 == len(known) else None
        end = text.find(following, at) if following else stat.start() if stat else -1
        if 0 < end - at < 200:
            found[number] = text[at:end].strip() or None
            at = end
    return found
