# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel build's log says: objects made, warnings, and the first error. Pure.

The log is one that ``make --output-sync=target`` wrote, so what a compiler says about an
object stands right behind the line that names the object.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: Where the build container sees the source and the objects; taken off paths in messages.
_PREFIX = re.compile(r"(?<![\w./])(?:/|(?:\.\./)+)(?:src|obj|in)/(?=[\w.])")
#: ``  CC      mm/foo.o``, ``  AR [M]  lib/lib.a``, ``  OBJTOOL vmlinux.o``.
_STEP = re.compile(r"  ([A-Z][A-Z0-9_+/]*)\s+(?:\[[A-Z]\]\s+)?(\S+)\s*\Z")
_GCC = re.compile(
    r"(?P<file>[^\s:]+):(?P<line>\d+):(?:\d+:)? (?P<kind>warning|error|fatal error): (?P<text>.*)\Z"
)
_FLAG = re.compile(r"\s*\[(?P<flag>-W[\w=+-]+)\]\Z")
_OBJTOOL = re.compile(
    r"(?:(?P<file>[^\s:]+): )?(?P<kind>warning|error): objtool: (?P<text>.*)\Z", re.IGNORECASE
)
_MODPOST = re.compile(r"(?P<kind>WARNING|ERROR): modpost: (?P<text>.*)\Z")
_LINKER = re.compile(
    r"(?:\S*/)?ld(?:\.\w+)?: (?:(?P<file>(?!warning:)[^\s:]+):(?:\S+:)? )?(?P<text>.*)\Z"
)
_KCONFIG_AT = re.compile(
    r"(?P<file>(?:[\w./-]*/)?(?:Kconfig[\w.-]*|fragment|\.config)):(?P<line>\d+): ?warning: "
    r"(?P<text>.*)\Z"
)
_KCONFIG = re.compile(r"warning: (?P<text>.*)\Z")
_KCONFIG_UNMET = re.compile(r"WARNING: unmet direct dependencies detected for (?P<text>\S+)\Z")
_KCONFIG_ERROR = re.compile(r"(?P<file>[\w./-]*Kconfig[\w.-]*):(?P<line>\d+): (?P<text>.+)\Z")
_MAKE = re.compile(r"make(?:\[\d+\])?: \*\*\* (?P<text>.*)\Z")
_UNDEFINED = re.compile(r"undefined reference to|multiple definition of|undefined symbol")
_LD_TEXT = re.compile(r"(?P<file>[^\s:]+\.[ocS]):(?:\([^)]*\)|\d+): (?P<text>.*)\Z")
_OFFSET = re.compile(r"\+0x[0-9a-f]+")
#: Longest line that is looked at, in characters.
LONGEST = 4000


class CompilerWarning(BaseModel):
    """One warning.

    Attributes:
        file: The source or object file, as a path in the tree; may be empty.
        line: Line number, or 0.
        flag: ``-Wunused-variable``, or the program that warned: ``objtool``, ``modpost``,
            ``ld``, ``Kconfig``, ``gcc``.
        text: What it says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    line: int
    flag: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same warning in another build: not the line number."""
        return self.file, self.flag, self.text

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{where}{self.text} [{self.flag}]"


class BuildMessage(BaseModel):
    """The error that ended a build: where, and what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{where}{self.text}"


class BuildLog(BaseModel):
    """What was found in a log.

    Attributes:
        by_target: Target -> its warnings; every target that was made is a key. Warnings
            before the first target are under the empty one.
        error: The first error, or None.
        steps: How many steps make announced.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by_target: dict[str, tuple[CompilerWarning, ...]]
    error: BuildMessage | None
    steps: int

    @property
    def warnings(self) -> tuple[CompilerWarning, ...]:
        """All warnings, each key once."""
        return distinct(item for found in self.by_target.values() for item in found)


def clean(line: str) -> str:
    """A line without colours, and with paths as the tree has them."""
    return _PREFIX.sub("", _ANSI.sub("", line[:LONGEST])).rstrip()


def step(line: str) -> tuple[str, str] | None:
    """``("CC", "mm/foo.o")`` when make announces a step in this line."""
    match = _STEP.match(line[:LONGEST])
    return (match[1], match[2]) if match else None


def parse_log(text: str) -> BuildLog:
    """Read a whole log."""
    by_target: dict[str, list[CompilerWarning]] = {}
    firm: BuildMessage | None = None
    vague: BuildMessage | None = None
    target, steps = "", 0
    for raw in text.splitlines():
        line = clean(raw)
        announced = step(line)
        if announced:
            steps += 1
            target = announced[1]
            by_target.setdefault(target, [])
            continue
        warning = parse_warning(line)
        if warning:
            by_target.setdefault(target, []).append(warning)
        elif firm is None:
            firm = _error(line)
            vague = vague or _make_error(line)
    found = {name: distinct(items) for name, items in by_target.items()}
    return BuildLog(by_target=found, error=firm or vague, steps=steps)


def parse_warning(line: str) -> CompilerWarning | None:
    """The warning in one cleaned line, or None."""
    match = _KCONFIG_AT.match(line)
    if match:
        return _warning(match["file"], int(match["line"]), "Kconfig", match["text"])
    match = _GCC.match(line)
    if match and match["kind"] == "warning":
        flag = _FLAG.search(match["text"])
        text = match["text"][: flag.start()] if flag else match["text"]
        return _warning(match["file"], int(match["line"]), flag["flag"] if flag else "gcc", text)
    match = _OBJTOOL.match(line)
    if match and match["kind"].lower() == "warning":
        return _warning(match["file"] or "", 0, "objtool", _OFFSET.sub("", match["text"]))
    match = _MODPOST.match(line)
    if match and match["kind"] == "WARNING":
        return _warning("", 0, "modpost", _OFFSET.sub("", match["text"]))
    match = _LINKER.match(line)
    if match and "warning: " in match["text"]:
        return _warning(match["file"] or "", 0, "ld", match["text"].partition("warning: ")[2])
    match = _KCONFIG_UNMET.match(line)
    if match:
        return _warning("", 0, "Kconfig", f"unmet direct dependencies of {match['text']}")
    match = _KCONFIG.match(line)
    if match:
        return _warning("", 0, "Kconfig", match["text"])
    return None


def _warning(file: str, line: int, flag: str, text: str) -> CompilerWarning:
    return CompilerWarning(file=file, line=line, flag=flag, text=text.strip())


def _error(line: str) -> BuildMessage | None:
    """A line that says itself what is wrong."""
    match = _GCC.match(line)
    if match and match["kind"] != "warning":
        return BuildMessage(file=match["file"], line=int(match["line"]), text=match["text"])
    match = _OBJTOOL.match(line) or _MODPOST.match(line)
    if match and match["kind"].lower() == "error":
        return BuildMessage(file="", line=0, text=match["text"])
    if _UNDEFINED.search(line):
        inner = _LD_TEXT.search(line)
        file, text = (inner["file"], inner["text"]) if inner else ("", line)
        return BuildMessage(file=file, line=0, text=text)
    match = _KCONFIG_ERROR.match(line)
    if match and "warning: " not in match["text"]:
        return BuildMessage(file=match["file"], line=int(match["line"]), text=match["text"])
    return None


def _make_error(line: str) -> BuildMessage | None:
    match = _MAKE.match(line)
    return BuildMessage(file="", line=0, text=match["text"]) if match else None


def distinct(warnings: Iterable[CompilerWarning]) -> tuple[CompilerWarning, ...]:
    """Each warning once, by its key; the first one stays."""
    found: dict[tuple[str, str, str], CompilerWarning] = {}
    for item in warnings:
        found.setdefault(item.key, item)
    return tuple(found.values())


def added_warnings(
    before: Iterable[CompilerWarning], after: Iterable[CompilerWarning]
) -> tuple[CompilerWarning, ...]:
    """The warnings in *after* that *before* does not have."""
    known: Mapping[tuple[str, str, str], None] = dict.fromkeys(item.key for item in before)
    return distinct(item for item in after if item.key not in known)
