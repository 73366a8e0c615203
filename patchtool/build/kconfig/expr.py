# SPDX-License-Identifier: GPL-2.0-or-later
"""Kconfig expressions: reading, evaluating, and saying which term is off. Pure.

The grammar is that of Documentation/kbuild/kconfig-language.rst, "Menu dependencies".
kconfiglib evaluates such expressions for the symbols of a tree that it parsed itself; why it
does not parse ours says :mod:`.parse`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(
    r"""\s*(?P<token>\|\||&&|!=|<=|>=|[=<>!()]
        |"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'
        |\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)
        |[A-Za-z0-9_./-]+)""",
    re.VERBOSE,
)
_COMPARISONS = ("=", "!=", "<", ">", "<=", ">=")
_LEVEL = {"n": 0, "m": 1, "y": 2}
#: Deepest nesting that is read; the kernel's own expressions stay below 10.
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Term:
    """A symbol, a constant, or a macro call that only make can answer."""

    word: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Two words compared."""

    left: str
    operator: str
    right: str


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class All:
    """Terms joined by ``&&``."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Terms joined by ``||``."""

    parts: tuple[Expression, ...]


Expression = Term | Compare | Not | All | Any


def tokens(text: str) -> list[str]:
    """The words of an expression.

    Raises:
        ValueError: There is a character that no word starts with.
    """
    found: list[str] = []
    position = 0
    text = text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"cannot read {text[position : position + 20]!r}")
        found.append(match["token"])
        position = match.end()
    return found


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ValueError: It is none.
    """
    words = tokens(text)
    tree, end = _any(words, 0, 0)
    if end != len(words):
        raise ValueError(f"cannot read {' '.join(words[end : end + 5])!r}")
    return tree


def _any(words: list[str], at: int, depth: int) -> tuple[Expression, int]:
    first, at = _all(words, at, depth)
    parts = [first]
    while at < len(words) and words[at] == "||":
        part, at = _all(words, at + 1, depth)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Any(tuple(parts))), at


def _all(words: list[str], at: int, depth: int) -> tuple[Expression, int]:
    first, at = _one(words, at, depth)
    parts = [first]
    while at < len(words) and words[at] == "&&":
        part, at = _one(words, at + 1, depth)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else All(tuple(parts))), at


def _one(words: list[str], at: int, depth: int) -> tuple[Expression, int]:
    if at >= len(words) or depth > DEPTH:
        raise ValueError("an expression that ends too early or nests too deep")
    word = words[at]
    if word == "!":
        inner, at = _one(words, at + 1, depth + 1)
        return Not(inner), at
    if word == "(":
        inner, at = _any(words, at + 1, depth + 1)
        if at >= len(words) or words[at] != ")":
            raise ValueError("a ( without its )")
        return inner, at + 1
    if word in ("||", "&&", ")", *_COMPARISONS):
        raise ValueError(f"{word!r} where a symbol was expected")
    if at + 2 < len(words) and words[at + 1] in _COMPARISONS:
        return Compare(word, words[at + 1], words[at + 2]), at + 3
    return Term(word), at + 1


def _text(word: str, values: Mapping[str, str]) -> str:
    if word[:1] in "\"'":
        return word[1:-1]
    if word in _LEVEL or word.isdigit() or word.startswith("0x"):
        return word
    return values.get(word, "n").strip('"')


def evaluate(tree: Expression, values: Mapping[str, str]) -> int:
    """0, 1 or 2 for n, m or y under a configuration; symbols not in it are n.

    A macro call counts as y: only make knows.
    """
    if isinstance(tree, Term):
        if tree.word.startswith("$("):
            return 2
        return _LEVEL.get(_text(tree.word, values), 0)
    if isinstance(tree, Not):
        return 2 - evaluate(tree.inner, values)
    if isinstance(tree, All):
        return min(evaluate(part, values) for part in tree.parts)
    if isinstance(tree, Any):
        return max(evaluate(part, values) for part in tree.parts)
    return 2 if _compare(tree, values) else 0


def _compare(tree: Compare, values: Mapping[str, str]) -> bool:
    if "$(" in tree.left + tree.right:
        return True
    left, right = _text(tree.left, values), _text(tree.right, values)
    try:
        one: int | str = int(left, 0)
        two: int | str = int(right, 0)
    except ValueError:
        one, two = left, right
    answers = {"=": one == two, "!=": one != two}
    if tree.operator in answers:
        return answers[tree.operator]
    order = (one > two) - (one < two) if type(one) is type(two) else 0  # type: ignore[operator]
    return {"<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[tree.operator]


def show(tree: Expression) -> str:
    """The expression as Kconfig writes it."""
    if isinstance(tree, Term):
        return tree.word
    if isinstance(tree, Compare):
        return f"{tree.left}{tree.operator}{tree.right}"
    if isinstance(tree, Not):
        inner = show(tree.inner)
        return f"!({inner})" if isinstance(tree.inner, All | Any) else f"!{inner}"
    if isinstance(tree, All):
        shown = (f"({show(p)})" if isinstance(p, Any) else show(p) for p in tree.parts)
        return " && ".join(shown)
    return " || ".join(show(part) for part in tree.parts)


def symbols(tree: Expression) -> tuple[str, ...]:
    """Every symbol in the expression, in order, once."""
    if isinstance(tree, Term):
        words = [tree.word]
    elif isinstance(tree, Compare):
        words = [tree.left, tree.right]
    elif isinstance(tree, Not):
        return symbols(tree.inner)
    else:
        words = [word for part in tree.parts for word in symbols(part)]
    plain = (w for w in words if re.fullmatch(r"[A-Z0-9_]*[A-Z_][A-Z0-9_]*", w))
    return tuple(dict.fromkeys(plain))


def unmet(tree: Expression, values: Mapping[str, str]) -> tuple[str, ...]:
    """The terms that hold the expression at n, each with the values that make it so."""
    if evaluate(tree, values) > 0:
        return ()
    if isinstance(tree, All):
        return tuple(dict.fromkeys(text for part in tree.parts for text in unmet(part, values)))
    named = symbols(tree)
    if isinstance(tree, Term):
        return (f"{tree.word}={values.get(tree.word, 'n')}",)
    state = ", ".join(f"{name}={values.get(name, 'n')}" for name in named)
    return (f"{show(tree)} ({state})" if state else show(tree),)
