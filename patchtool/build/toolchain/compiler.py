# SPDX-License-Identifier: GPL-2.0-or-later
"""Compilers and their versions, as their own ``--version`` and kernel sources write them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from patchtool.errors import UsageError

Kind = Literal["gcc", "clang"]

_GCC = re.compile(r"\S*gcc\S* \(.*\) ([0-9]+(?:\.[0-9]+)+)")
_CLANG = re.compile(r"(?:.* )?clang version ([0-9]+(?:\.[0-9]+)*)")


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler.

    Attributes:
        kind: Whose it is.
        version: Its numbers, such as (12, 2, 0).
    """

    kind: Kind
    version: tuple[int, ...]

    @property
    def major(self) -> int:
        """The 12 of 12.2.0."""
        return self.version[0]

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(map(str, self.version))}"


def read_compiler(line: str) -> Compiler:
    """The compiler whose ``--version`` begins with *line*.

    Raises:
        UsageError: It is neither gcc nor clang.
    """
    if found := _GCC.match(line):
        return Compiler("gcc", read_version(found[1]))
    if found := _CLANG.match(line):
        return Compiler("clang", read_version(found[1]))
    raise UsageError(f"{line[:80]!r} is the version of neither gcc nor clang")


def read_version(text: str) -> tuple[int, ...]:
    """``13.0.1`` as numbers, and so the ``40900`` of the kernel's ``GCC_VERSION`` (4.9.0).

    Source: include/linux/compiler-gcc.h, 10000 * major + 100 * minor + patch level.
    """
    if text.isdecimal() and int(text) >= 10000:
        packed = int(text)
        return packed // 10000, packed // 100 % 100, packed % 100
    return tuple(int(part) for part in text.split("."))
