# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series says it needs: a base commit, other patches, other series. Pure."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from patchtool.series import changelog
from patchtool.series.model import Dependency, DependsOn

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(
    r"^(base-commit|prerequisite-patch-id|prerequisite-message-id|prerequisite-change-id"
    r"|based-on|depends-on)[ \t]{0,9}:[ \t]{0,9}(\S.{0,500})$",
    re.IGNORECASE | re.MULTILINE,
)
_HASH = re.compile(r"[0-9a-f]{7,64}\b", re.IGNORECASE)
_LINK = r"https?://[^\s<>()\[\]\"']{4,300}"
_ID = r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>"
_TARGET = re.compile(rf"({_LINK})|({_ID})|\[([0-9]{{1,3}})\]")
_NOTE = re.compile(
    rf"^[ \t]{{0,4}}\[([0-9]{{1,3}})\]:?[ \t]{{0,9}}(?:\S.{{0,200}}?\s)?({_LINK}|{_ID})",
    re.MULTILINE,
)
_NEEDS = re.compile(
    r"\b(?:depends?|dependent|depending|dependency|relies|builds?)\s{1,9}(?:up)?on\b"
    r"|\brequires?\b|\bprerequisites?\b|\b(?:on\s{1,9}top\s{1,9}of|apply\s{1,9}after)\b"
    r"|\b(?:re-?)?based\s{1,9}(?:up)?on\b|\bagainst\b",
    re.IGNORECASE,
)
_BASED = re.compile(r"(?:re-?)?based|against|on|apply", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?](?:\s|\Z)|\n[ \t]*\n|;\s")
_FILL = (
    r"\s{1,9}(?:(?:on\s|top\s|of\s|the\s|current\s|latest\s|linux\b|linus'?s?\b|upstream\s|kernel\s"
    r"|mainline\s|vanilla\s|plain\s|stable\s|tag\s|commit\s|version\s|release\s|branch\s|tree\s"
    r"|today's\s|[-'\"`:,(])\s{0,9}){0,8}"
)
_BASE = re.compile(
    _FILL + r"(?:v?([0-9]{1,2}\.[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}(?:-rc[0-9]{1,2})?)(?![\w.]*[\w])"
    r"|(next-[0-9]{8}|[a-z]{2,20}-(?:next|unstable|stable|new|everything|fixes)\b)"
    r"|((?=[0-9a-f]*[0-9])[0-9a-f]{7,40})(?![0-9a-z]))",
    re.IGNORECASE,
)
_LISTED = 5  # links of one sentence that are taken
_REACH = 300  # characters behind "depends on" in which the link is looked for


def of_text(text: str, prose: str, patch: int) -> tuple[Dependency, ...]:
    """What a mail says is needed, in order, each once.

    Args:
        text: The whole text, diff and all: lines such as ``base-commit:`` stand at its end.
        prose: The part in which sentences are read. What a change log says there is left out:
            it is about earlier revisions.
        patch: Number of the patch that says so; 0 for the cover letter.
    """
    told = _told(_LINE.sub("", changelog.without(prose)), prose)
    found = [Dependency(kind, value, patch) for kind, value in (*_stated(text), *told)]
    return tuple(dict.fromkeys(found))


def _stated(text: str) -> Iterator[tuple[DependsOn, str]]:
    """The lines of ``git format-patch --base``, b4, and QEMU's kind."""
    for found in _LINE.finditer(text):
        kind, value = DependsOn(found[1].lower()), found[2].strip()
        if kind in (DependsOn.BASE_COMMIT, DependsOn.PATCH_ID):
            if match := _HASH.match(value):
                yield kind, match[0].lower()
            continue
        target = _TARGET.search(value)
        if target and (target[1] or target[2]):
            yield kind, _bare(target[1] or target[2])
        else:
            yield kind, value.strip("<>")


def _told(prose: str, text: str) -> Iterator[tuple[DependsOn, str]]:
    """What sentences say: `depends on <link>`, `based on v4.1`."""
    notes = {found[1]: _bare(found[2]) for found in _NOTE.finditer(text)}
    for found in _NEEDS.finditer(prose):
        rest = prose[found.end() : found.end() + _REACH]
        base = _BASE.match(rest) if _BASED.match(found[0]) else None
        if base:
            yield DependsOn.BASED_ON, f"v{base[1]}" if base[1] else base[2] or base[3]
        elif found[0].lower() != "against":
            kind = DependsOn.BASED_ON if "based" in found[0].lower() else DependsOn.DEPENDS_ON
            yield from ((kind, value) for value in _targets(rest, notes))


def _targets(rest: str, notes: dict[str, str]) -> Iterator[str]:
    """The links, Message-IDs and notes of one sentence."""
    end = 0
    for target in islice(_TARGET.finditer(rest), _LISTED):
        if _broken(rest[end : target.start()]):
            return
        end = target.end()
        value = notes.get(target[3]) if target[3] else _bare(target[1] or target[2])
        if value is not None:
            yield value


def _broken(text: str) -> bool:
    """Whether a sentence ends in *text*; a colon before a link on its own line does not end it."""
    return _SENTENCE.search(text.replace(":\n\n", ": ")) is not None


def _bare(target: str) -> str:
    return target.strip("<>").rstrip(".,;:")
