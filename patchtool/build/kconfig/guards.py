# SPDX-License-Identifier: GPL-2.0-or-later
"""Which config symbols decide whether a line of a C file, or an object, is built. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"\s*#\s*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b(.*)")
_CONFIG = re.compile(r"CONFIG_([A-Z0-9_]+)\Z")
_DEFINED = re.compile(
    r"(?P<not>!\s*)?(?:defined\s*\(?|IS_ENABLED\s*\(|IS_BUILTIN\s*\(|IS_REACHABLE\s*\()"
    r"\s*CONFIG_(?P<name>[A-Z0-9_]+)\s*\)?\Z"
)
_OBJECTS = re.compile(
    r"(?P<target>[A-Za-z0-9_.-]+)-(?P<how>y|m|objs|\$\(CONFIG_(?P<name>[A-Z0-9_]+)\))\s*[:+]?=(?P<list>.*)"
)


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition around a line.

    Attributes:
        symbol: Without ``CONFIG_``.
        value: ``y`` when the line needs it, ``n`` when the line is left out with it.
        line: Line number of the directive, or of the Makefile line.
    """

    symbol: str
    value: str
    line: int


def _conditions(word: str, rest: str, line: int) -> tuple[Guard, ...]:
    """What a directive demands, as far as it is a plain conjunction of symbols."""
    text = re.sub(r"/\*.*?(\*/|\Z)|//.*", "", rest).strip()
    if word in ("ifdef", "ifndef", "elifdef", "elifndef"):
        match = _CONFIG.match(text)
        value = "n" if word.endswith("ndef") else "y"
        return (Guard(match[1], value, line),) if match else ()
    guards = []
    if "||" in text or "?" in text:
        return ()
    for part in text.split("&&"):
        term = part.strip()
        while term.startswith("(") and term.endswith(")"):
            term = term[1:-1].strip()
        match = _DEFINED.match(term)
        if match:
            guards.append(Guard(match["name"], "n" if match["not"] else "y", line))
    return tuple(guards)


def _inverse(guards: tuple[Guard, ...], line: int) -> tuple[Guard, ...]:
    """What ``#else`` demands: the opposite, when it is the opposite of one symbol."""
    if len(guards) != 1:
        return ()
    only = guards[0]
    return (Guard(only.symbol, "n" if only.value == "y" else "y", line),)


def line_guards(text: str) -> list[tuple[Guard, ...]]:
    """For each line of a C file (index 0 is line 1), the conditions it stands under."""
    stack: list[tuple[Guard, ...]] = []
    found: list[tuple[Guard, ...]] = []
    for number, line in enumerate(text.split("\n"), 1):
        match = _DIRECTIVE.match(line)
        if match:
            word, rest = match[1], match[2]
            if word in ("if", "ifdef", "ifndef"):
                stack.append(_conditions(word, rest, number))
            elif word == "endif":
                if stack:
                    stack.pop()
            elif stack:
                old = stack.pop()
                new = _inverse(old, number) if word == "else" else _conditions(word, rest, number)
                stack.append(new)
        found.append(tuple(guard for level in stack for guard in level))
    return found


def object_guards(makefile: str, name: str) -> tuple[Guard, ...]:
    """The symbols a Makefile builds an object or folder under.

    Args:
        makefile: Text of a Makefile or Kbuild file.
        name: ``foo.o``, or ``foo/`` for a folder.
    """
    found: list[Guard] = []
    wanted, seen = [name], {name}
    logical = re.sub(r"\\\n", lambda _: " \0", makefile)
    while wanted:
        target = wanted.pop()
        number = 1
        for raw in logical.split("\n"):
            line = raw.replace("\0", "")
            match = _OBJECTS.match(line.partition("#")[0].strip())
            if match and target in match["list"].split():
                if match["name"]:
                    found.append(Guard(match["name"], "y", number))
                whole = f"{match['target']}.o"
                if match["target"] not in ("obj", "lib", "subdir") and whole not in seen:
                    seen.add(whole)
                    wanted.append(whole)
            number += 1 + raw.count("\0")
    return tuple(dict.fromkeys(found))
