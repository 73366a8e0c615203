# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch mail's text taken apart: commit message, notes, file diffs; also where it is folded."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.recover.fragment import file_diffs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.recover.page import PageMail

_TRAILERS = (
    "[A-Z][a-z]+(?:-[A-Za-z]+)*-by|Cc|Fixes|Link|Closes|Message-I[dD]|Change-Id|BugLink|Bugzilla"
)
_TRAILER = re.compile(rf"\s+(?=(?:{_TRAILERS}): \S)")
_SIGNED = re.compile(r"Signed-off-by: ")
_CUT = re.compile(r"(?:^|\s)---(?=\s|$)")
_IN_BODY = re.compile(r"\s*From:\s+([^<>\n]{1,100}<[^<>\s]+>)\s+")
_STAT = re.compile(r"(?<!\S)(\S+) \| +([0-9]+|Bin)(?: ([-+]+))?(?= |$)")
_SUMMARY = re.compile(
    r"[0-9]+ files? changed(?:, [0-9]+ insertions?\(\+\))?(?:, [0-9]+ deletions?\(-\))?"
)
_MODE = re.compile(
    r"(?:create|delete) mode [0-7]{6} \S+|(?:rename|copy) \S+ => \S+ \([0-9]+%\)"
    r"|mode change [0-7]{6} => [0-7]{6} \S+"
)
_SIGNATURE = re.compile(r"(?:^|\s)-- ?\n?\s?[0-9]+(?:\.[0-9a-z-]+)+\S{0,40}\s*\Z")
_WIDTH = 72
_LONGEST_TRAILER = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a patch mail.

    Attributes:
        author: From an in-body ``From:`` line, or empty.
        message: The commit message; of folded text with line breaks of our own.
        notes: What stands below it, up to the diff.
        diffs: Each file diff, as the page has it.
        wrapped: Whether the line breaks of the message are ours.
    """

    author: str
    message: str
    notes: str
    diffs: tuple[bytes, ...]
    wrapped: bool


def open_letter(mail: PageMail) -> Letter:
    """Take a patch mail's text apart."""
    text = _SIGNATURE.sub("", mail.body[-200:]).join([mail.body[:-200], ""])
    data = text.encode("utf-8", "replace")
    diffs = tuple(file_diffs(data))
    head = data[: data.find(diffs[0])].decode("utf-8", "replace") if diffs else text
    signed = max((match.end() for match in _SIGNED.finditer(head)), default=0)
    cut = _CUT.search(head, signed) or _CUT.search(head)
    message, notes = (head[: cut.start()], head[cut.end() :]) if cut else (head, "")
    author = ""
    if match := _IN_BODY.match(message):
        author, message = " ".join(match[1].split()), message[match.end() :]
    wrapped = mail.folded or ("\n" not in message.strip() and len(message) > 2 * _WIDTH)
    if wrapped:
        message = unfolded_message(message)
    if mail.folded:
        notes = unfolded_notes(notes)
    return Letter(author, message.strip(), notes.strip("\n"), diffs, wrapped)


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
    prose = text[: found[0].start()].strip()
    width = max(len(match[1]) for match in found)
    lines = [f" {match[1]:<{width}} | {match[2]:>4} {match[3] or ''}".rstrip() for match in found]
    lines.append(f" {summary[0]}")
    rest = text[summary.end() :]
    modes = [match[0] for match in _MODE.finditer(rest)]
    lines += [f" {mode}" for mode in modes]
    rest = _MODE.sub("", rest).strip()
    for part in (prose, rest):
        if part:
            lines += ["", *_wrapped(part)]
    return "\n".join(lines)


def unfolded_cover(text: str, subjects: Sequence[str]) -> str:
    """A cover letter that was folded: its list, diffstat and change log on their lines again.

    Args:
        text: Its text.
        subjects: The subjects of the patches, which its list has.
    """
    text = _SIGNATURE.sub("", text[-200:]).join([text[:-200], ""])
    found = list(_STAT.finditer(text))
    end = found[0].start() if found else len(text)
    head, rest = text[:end], text[end:]
    for subject in subjects:
        if listed := re.search(rf"(?:^|\s){re.escape(subject)}(?=\s|$)", head, re.MULTILINE):
            head = f"{head[: listed.start()]}\n  {subject}\n{head[listed.end() :].lstrip()}"
    lines = [line for part in head.split("\n") for line in _wrapped(part, subjects)]
    return "\n".join([*lines, *(["", unfolded_notes(rest)] if found else [])])


def _wrapped(text: str, kept: Sequence[str] = ()) -> list[str]:
    """Folded text in lines; what it says of each revision, and each point, begins a new one."""
    if text.strip() in kept:
        return [text]
    text = re.sub(r"\s+(?=[vV][0-9]{1,2}:\s)", "\n\n", text.strip())
    text = re.sub(r"(?<=[;:.)])\s+(?=\*\s)", "\n", text)
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(part, _WIDTH, break_long_words=False, break_on_hyphens=False)
        or [""]
    ]


def subjects_in(cover: str, author: str, known: Sequence[str | None]) -> list[str | None]:
    """The subjects of all patches, those that are not *known* from the list in the cover letter.

    Args:
        cover: The cover letter's text, folded or not.
        author: Who sent it; the list begins with ``Name (5):``.
        known: The subject of each patch, in order; None where it is not known.
    """
    text = " ".join(cover.split())
    total = len(known)
    name = re.escape(" ".join(re.sub(r"<[^<>]*>", "", author).split()))
    start = re.search(rf"{name} \({total}\): " if name else r"\w \([0-9]+\): ", text)
    if start is None:
        return list(known)
    found = list(known)
    at = start.end()
    for number, subject in enumerate(known):
        if subject is not None:
            place = text.find(subject, at)
            at = place + len(subject) if place >= 0 else at
            continue
        following = known[number + 1] if number + 1 < total else None
        if following is not None:
            end = text.find(following, at)
        elif number + 1 == total:
            stat = re.search(r"\s\S+\s+\|\s+(?:[0-9]+|Bin)\s", text[at:])
            end = at + stat.start() if stat else -1
        else:
            end = -1
        if 0 < end - at < 200:
            found[number] = text[at:end].strip() or None
            at = end
    return found
