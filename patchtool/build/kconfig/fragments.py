# SPDX-License-Identifier: GPL-2.0-or-later
"""Config fragments: their text, the templates they come from, and how they merge. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

_SET = re.compile(r"(?P<mark>[?~])?\s*CONFIG_(?P<symbol>[A-Za-z0-9_]+)=(?P<value>.*)\Z")
_UNSET = re.compile(r"#\s*CONFIG_(?P<symbol>[A-Za-z0-9_]+) is not set\Z")
_VALUE = re.compile(r'(?:[ymn]|-?[0-9]+|0[xX][0-9a-fA-F]+|"(?:[^"\\\n]|\\.)*")\Z')


@dataclass(frozen=True, slots=True)
class Ask:
    """One symbol a fragment asks for.

    Attributes:
        symbol: Without ``CONFIG_``.
        value: ``y``, ``m``, ``n``, a number, or a quoted string.
        optional: A tree that has no such symbol does without (``? CONFIG_…`` in the text).
        weak: As optional, and a tree in which it cannot be set does without, too (``~``).
        origin: Where it was asked for, for people.
    """

    symbol: str
    value: str
    optional: bool
    origin: str
    weak: bool = False


def render(template: str, where: str, values: Mapping[str, object]) -> str:
    """Fill in a jinja2 template.

    Raises:
        UsageError: The template has a mistake.
    """
    from jinja2 import Environment, StrictUndefined, TemplateError

    environment = Environment(  # noqa: S701 (Kconfig text, not HTML)
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    try:
        return environment.from_string(template).render(values)
    except TemplateError as error:
        raise UsageError(f"{where}: {error}") from error


def parse_fragment(text: str, where: str) -> tuple[Ask, ...]:
    """Read a fragment.

    Raises:
        UsageError: A line is neither a setting nor a comment; names it.
    """
    asks: list[Ask] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        unset = _UNSET.match(line)
        if unset:
            asks.append(Ask(unset["symbol"], "n", False, f"{where}:{number}"))
            continue
        if not line or line.startswith("#"):
            continue
        match = _SET.match(line)
        value = match["value"].partition(" #")[0].strip() if match else ""
        if match is None or not _VALUE.match(value):
            raise UsageError(
                f"{where}:{number}: {line[:80]!r} is not a config line",
                hint='write CONFIG_X=y, =m, =n, a number or a "string"',
            )
        mark, place = match["mark"], f"{where}:{number}"
        asks.append(Ask(match["symbol"], value, mark is not None, place, weak=mark == "~"))
    return tuple(asks)


def merge(asks: Iterable[Ask], known: Container[str], droppable: Container[str]) -> tuple[Ask, ...]:
    """One ask per symbol; the last one wins.

    Args:
        asks: In order of growing importance.
        known: The symbols the tree has.
        droppable: Symbols that may be unknown besides the optional ones.
    """
    last: dict[str, Ask] = {}
    for ask in asks:
        last.pop(ask.symbol, None)
        last[ask.symbol] = ask
    return tuple(
        ask
        for ask in last.values()
        if ask.symbol in known or not (ask.optional or ask.symbol in droppable)
    )


def to_text(asks: Iterable[Ask], *, marked: bool = False) -> str:
    """The fragment in the form make reads, or with its marks, as :func:`parse_fragment` does."""
    return "".join(map(_marked if marked else _line, asks))


def _line(ask: Ask) -> str:
    if ask.value == "n":
        return f"# CONFIG_{ask.symbol} is not set\n"
    return f"CONFIG_{ask.symbol}={ask.value}\n"


def _marked(ask: Ask) -> str:
    mark = "~ " if ask.weak else "? " if ask.optional else ""
    return f"{mark}CONFIG_{ask.symbol}={ask.value}\n"


def parse_config(text: str) -> dict[str, str]:
    """The values in a ``.config``; symbols that are not set have ``n``."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("CONFIG_"):
            name, equals, value = line[7:].partition("=")
            if equals:
                values[name] = value
        elif line.startswith("# CONFIG_") and line.endswith(" is not set"):
            values[line[9:-11]] = "n"
    return values
