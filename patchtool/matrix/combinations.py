# SPDX-License-Identifier: GPL-2.0-or-later
"""Which runs a matrix consists of. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.core.store import slug
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: What ``--variants`` may name. The series is always built with its option on.
VARIANTS = ("on", "off")


@dataclass(frozen=True, slots=True)
class Combination:
    """One run.

    Attributes:
        name: What it is called, and its folder; no other run of the matrix has it.
        tree: What ``apply-and-test --tree`` takes.
        toolchain: Name of a toolchain; None for the one of the tree's era.
    """

    name: str
    tree: str
    toolchain: str | None = None


def split_names(values: Iterable[str], option: str) -> tuple[str, ...]:
    """What an option names that may be repeated and takes several at once: ``A,B``.

    Raises:
        UsageError: One of them is empty.
    """
    named = [part.strip() for value in values for part in value.split(",")]
    if not all(named):
        raise UsageError(
            f"{option}: a name is missing beside a comma", hint=f"write {option} A,B without blanks"
        )
    return tuple(dict.fromkeys(named))


def has_off(variants: Sequence[str]) -> bool:
    """Whether the variant off is built and booted as well.

    Raises:
        UsageError: There is no such variant.
    """
    for name in variants:
        if name not in VARIANTS:
            raise UsageError(f"--variants: no variant {name!r}", hint="there are on and off")
    return "off" in variants


def combined(
    trees: Sequence[tuple[str, str]], toolchains: Sequence[str]
) -> tuple[Combination, ...]:
    """Each tree with each toolchain, tree by tree: what two of them share is then stored.

    Args:
        trees: A short name for each, and what ``--tree`` takes.
        toolchains: None given means the one of each tree's era.
    """
    made: list[Combination] = []
    for name, tree in trees:
        for toolchain in toolchains or (None,):
            named = name if toolchain is None else f"{name}-{toolchain}"
            wanted = slug(named, "run", also="._+-", longest=120)
            taken = {combination.name for combination in made}
            unique, count = wanted, 2
            while unique in taken:
                unique, count = f"{wanted}-{count}", count + 1
            made.append(Combination(unique, tree, toolchain))
    return tuple(made)
