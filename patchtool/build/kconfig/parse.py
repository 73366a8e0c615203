# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tree's Kconfig files define. Pure: the caller supplies the reading of files.

It reads what is needed to say why a symbol did not survive: definitions, prompts,
dependencies with those of the enclosing menus and ifs, and who selects whom.

Not by kconfiglib: while it parses, it runs the ``$(shell,...)`` commands of the Kconfig files,
which a series can change, outside the container; and it reads files and environment by itself.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Bounds on what is read; mainline has some 1,600 files for one architecture.
MAX_FILES = 20_000
MAX_DEPTH = 64

_TYPES = ("bool", "tristate", "string", "hex", "int", "def_bool", "def_tristate")
#: Without parentheses until Linux 4.17.
_SRCARCH = re.compile(r"\$(?:\(SRCARCH\)|SRCARCH\b)")
_NAME = re.compile(r"[A-Za-z0-9_]+\Z")
_PROMPT = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(?:if\b(?P<cond>.*))?\Z""")
_SOURCES = ("source", "rsource", "osource", "orsource")


@dataclass(frozen=True, slots=True)
class Definition:
    """One ``config`` entry.

    Attributes:
        file: Path in the tree.
        line: Line number of its ``config`` line.
        kind: ``bool``, ``tristate``, ``string``, ``hex``, ``int`` or empty.
        prompts: The condition of each prompt; empty text for none. No prompt: not settable.
        depends: What it depends on, with the enclosing menus' and ifs' conditions.
        choice: It is a member of a choice.
    """

    file: str
    line: int
    kind: str
    prompts: tuple[str, ...]
    depends: tuple[str, ...]
    choice: bool


@dataclass(frozen=True, slots=True)
class KconfigTree:
    """All definitions of a tree, for one architecture.

    Attributes:
        symbols: Symbol -> its definitions, in the order they were read.
        selected_by: Symbol -> (who selects it, under what condition).
        digest: SHA-256 (hex) over the files that were read.
        files: How many files were read.
    """

    symbols: dict[str, tuple[Definition, ...]]
    selected_by: dict[str, tuple[tuple[str, str], ...]]
    digest: str
    files: int

    def __contains__(self, symbol: object) -> bool:
        return symbol in self.symbols


@dataclass(slots=True)
class _Block:
    """An open ``if``, ``menu`` or ``choice``."""

    kind: str
    depends: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Entry:
    """The ``config`` entry whose attributes are being read."""

    name: str
    file: str
    line: int
    outer: tuple[str, ...]
    choice: bool
    kind: str = ""
    prompts: list[str] = field(default_factory=list)
    depends: list[str] = field(default_factory=list)


def parse(
    read: Callable[[str], bytes | None], arch: str = "x86", root: str = "Kconfig"
) -> KconfigTree:
    """Read a tree's Kconfig files.

    Args:
        read: Gives the content of a path in the tree, or None when there is no such file.
        arch: What ``$(SRCARCH)``, or ``$SRCARCH``, stands for.
        root: The file to start with.
    """
    parser = _Parser(read, arch)
    parser.file(root, 0)
    return KconfigTree(
        {name: tuple(found) for name, found in parser.symbols.items()},
        {name: tuple(found) for name, found in parser.selected_by.items()},
        parser.hash.hexdigest(),
        parser.files,
    )


class _Parser:
    def __init__(self, read: Callable[[str], bytes | None], arch: str) -> None:
        self.read = read
        self.arch = arch
        self.symbols: dict[str, list[Definition]] = {}
        self.selected_by: dict[str, list[tuple[str, str]]] = {}
        self.hash = hashlib.sha256()
        self.files = 0
        self.blocks: list[_Block] = []
        self.entry: _Entry | None = None

    def file(self, path: str, depth: int) -> None:
        """Read one file and what it sources."""
        if depth > MAX_DEPTH or self.files >= MAX_FILES:
            return
        content = self.read(path)
        if content is None:
            return
        self.files += 1
        self.hash.update(f"{path}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
        lines = content.decode("utf-8", "replace").split("\n")
        opened = len(self.blocks)
        at, count = 0, len(lines)
        while at < count:
            line = lines[at].strip()
            number = at + 1
            at += 1
            if not line or line[0] == "#":
                continue
            while line[-1] == "\\" and at < count:
                line = line[:-1] + " " + lines[at].strip()
                at += 1
            if line in ("help", "---help---"):
                at = _after_help(lines, at)
            else:
                self.statement(line, path, number, depth)
        self.close()
        del self.blocks[opened:]

    def close(self) -> None:
        """The entry being read is complete."""
        entry, self.entry = self.entry, None
        if entry is not None and entry.name:
            found = Definition(
                entry.file,
                entry.line,
                entry.kind,
                tuple(entry.prompts),
                (*entry.outer, *entry.depends),
                entry.choice,
            )
            self.symbols.setdefault(entry.name, []).append(found)

    def statement(self, line: str, path: str, number: int, depth: int) -> None:
        """One logical line that is not help text."""
        word, _, rest = line.partition(" ")
        if "\t" in word:
            word, _, more = word.partition("\t")
            rest = f"{more} {rest}"
        rest = rest.strip()
        if word in ("config", "menuconfig"):
            self.close()
            if _NAME.match(rest):
                outer = tuple(text for block in self.blocks for text in block.depends)
                inside = any(block.kind == "choice" for block in self.blocks)
                self.entry = _Entry(rest, path, number, outer, inside)
        elif word in ("if", "menu", "choice"):
            self.close()
            self.blocks.append(_Block(word, [_uncommented(rest)] if word == "if" else []))
        elif word in ("endif", "endmenu", "endchoice"):
            self.close()
            if self.blocks:
                self.blocks.pop()
        elif word in _SOURCES:
            self.close()
            self.source(word, rest, path, depth)
        elif word in ("comment", "mainmenu"):
            self.close()
            # A comment's `depends on` is its own, not the enclosing menu's.
            self.entry = _Entry("", path, number, (), choice=False) if word == "comment" else None
        else:
            self.attribute(word, rest)

    def source(self, word: str, rest: str, path: str, depth: int) -> None:
        """``source "path"``; a path that leaves the tree is not followed."""
        target = rest.split("#", maxsplit=1)[0].strip().strip("\"'")
        target = _SRCARCH.sub(self.arch, target).replace("$(srctree)/", "")
        if word in ("rsource", "orsource"):
            target = posixpath.join(posixpath.dirname(path), target)
        target = posixpath.normpath(target)
        if "$" not in target and not target.startswith(("/", "../")):
            self.file(target, depth + 1)

    def attribute(self, word: str, rest: str) -> None:
        """A line inside an entry or block."""
        entry = self.entry
        if word == "depends" and rest.startswith("on"):
            condition = _uncommented(rest[2:])
            if entry is not None:
                entry.depends.append(condition)
            elif self.blocks:
                self.blocks[-1].depends.append(condition)
            return
        if entry is None or entry.name == "":
            return
        if word in _TYPES:
            entry.kind = word.removeprefix("def_")
            if not word.startswith("def_") and rest:
                self.prompt(entry, rest)
        elif word == "prompt":
            self.prompt(entry, rest)
        elif word == "select":
            target, _, condition = rest.partition(" if ")
            target = target.strip()
            if _NAME.match(target):
                by = (entry.name, _uncommented(condition))
                self.selected_by.setdefault(target, []).append(by)

    def prompt(self, entry: _Entry, rest: str) -> None:
        """``"text" [if EXPR]``."""
        match = _PROMPT.match(_uncommented(rest))
        if match:
            entry.prompts.append((match["cond"] or "").strip())


def _uncommented(text: str) -> str:
    if "#" not in text:
        return text.strip()
    kept, quote = [], ""
    for char in text:
        if char == "#" and not quote:
            break
        if char in "\"'" and quote in ("", char):
            quote = "" if quote else char
        kept.append(char)
    return "".join(kept).strip()


def _after_help(lines: list[str], at: int) -> int:
    """Index of the first line behind a help text: the first one indented less than it."""
    count = len(lines)
    while at < count and not lines[at].strip():
        at += 1
    if at >= count:
        return at
    indent = _indent(lines[at])
    if indent == 0:
        return at
    while at < count:
        line = lines[at]
        if line[:1] not in ("\t", " ", "") or (line.strip() and _indent(line) < indent):
            return at
        at += 1
    return at


def _indent(line: str) -> int:
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())
