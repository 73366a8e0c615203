# SPDX-License-Identifier: GPL-2.0-or-later
"""SERIES on the command line: the same argument, options and help for every command."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import click

from patchtool.intake.sources.forms import MEANING, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

#: What ``--from`` takes; standard input is written ``-``.
CHOICES = [kind.value for kind in Kind if kind is not Kind.STDIN]


def forms() -> str:
    """The paragraph of a help text that lists what SERIES may be."""
    lines = "\n".join(f"  {kind.value:10} {text}" for kind, text in MEANING.items())
    return (
        f"\b\nSERIES is one of these, recognised by what it is:\n{lines}\n\n"
        "#v8 or #<message-id> after it picks one of several postings."
    )


def series_argument(
    function: Callable[..., Any] | None = None, *, required: bool = True
) -> Callable[..., Any]:
    """Give a command the argument SERIES, ``--from`` and ``--offline``.

    The command gets ``series``, a :class:`patchtool.intake.load.Reference`. A range ``A..B`` is
    looked up in the tree that the command's own ``--tree`` names, if it has one.

    Args:
        function: The command.
        required: Whether SERIES must be given; else the command may get None.
    """
    if function is None:
        return functools.partial(series_argument, required=required)
    inner = function

    @click.argument("series", required=required)
    @click.option(
        "--from",
        "series_kind",
        metavar="KIND",
        type=click.Choice(CHOICES),
        help="What SERIES is, if it is not recognised: a word from the list of forms.",
    )
    @click.option(
        "--offline", is_flag=True, help="Ask no server; use only mails that were fetched before."
    )
    @functools.wraps(inner)
    def wrapped(
        *args: object, series: str | None, series_kind: str | None, offline: bool, **rest: object
    ) -> object:
        from patchtool.intake.load import Reference

        tree = rest.get("tree")
        kind = Kind(series_kind) if series_kind else None
        in_tree = tree if isinstance(tree, str) else None
        reference = None if series is None else Reference(series, kind, offline, in_tree)
        return inner(*args, series=reference, **rest)

    wrapped.__doc__ = f"{inspect.cleandoc(inner.__doc__ or '')}\n\n{forms()}"
    return wrapped
