# SPDX-License-Identifier: GPL-2.0-or-later
"""What several commands share: what they all get, SERIES, and the options they have in common."""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from patchtool.intake.sources.forms import MEANING, Kind
from patchtool.report.layout import COLOURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.report.layout import Style

#: What ``--from`` takes; standard input is written ``-``.
CHOICES = tuple(kind.value for kind in Kind if kind is not Kind.STDIN)
toolchain_option = click.option(
    "--toolchain",
    metavar="NAME",
    help="Toolchain: a name of `patchtool toolchain list`, or registry:IMAGE.  "
    "[default: what the tree's era names]",
)
_RUN_OPTIONS = (
    click.option(
        "--out",
        "-o",
        type=click.Path(path_type=Path),
        help="Run directory.  [default: a new one in the state folder]",
    ),
    click.option(
        "--tests/--no-tests",
        default=True,
        show_default=True,
        help="Boot the kernels and run the tests.",
    ),
    click.option(
        "--control/--no-control",
        default=True,
        show_default=True,
        help="Run the tests on the base as well.",
    ),
    click.option(
        "--quick",
        is_flag=True,
        help="For a first answer, build and test only the whole series: not the base, not each "
        "patch, not the other variants.",
    ),
    click.option(
        "--module",
        "only",
        multiple=True,
        metavar="NAME",
        help="Run this test module (such as test_claims.py) instead of all those the series names. "
        "May be repeated.",
    ),
    click.option(
        "--all-tests",
        is_flag=True,
        help="Run every test to its end. Without this, when three tests have failed in the same "
        "way, those that are left and have all in common that the three have are left out.",
    ),
    click.option("--retest", is_flag=True, help="Repeat tests that passed in an earlier run."),
    click.option(
        "--runs",
        type=click.IntRange(1, 100),
        default=1,
        show_default=True,
        help="How often to run the tests that measure claims, each time in a fresh guest.",
    ),
    click.option(
        "--plan", is_flag=True, help="Print what would run and what is stored, and run nothing."
    ),
)


@dataclass(frozen=True, slots=True)
class Context:
    """What every command gets as ``ctx.obj``: the settings, and where progress is shown."""

    settings: Settings
    progress: Progress


_PARTIAL = click.option(
    "--partial",
    is_flag=True,
    help="Where patches of a series are missing, take those that are there; all that is printed "
    "says that it is a part.",
)
_OFFLINE = click.option(
    "--offline", is_flag=True, help="Ask no server; use only mails that were fetched before."
)


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
    """Give a command the argument SERIES, ``--from``, ``--offline`` and ``--partial``.

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
    @_OFFLINE
    @_PARTIAL
    @functools.wraps(inner)
    def wrapped(
        *args: object,
        series: str | None,
        series_kind: str | None,
        offline: bool,
        partial: bool,
        **rest: object,
    ) -> object:
        from patchtool.intake.load import Reference

        tree = rest.get("tree")
        kind = Kind(series_kind) if series_kind else None
        in_tree = tree if isinstance(tree, str) else None
        reference = None if series is None else Reference(series, kind, offline, in_tree, partial)
        return inner(*args, series=reference, **rest)

    wrapped.__doc__ = f"{inspect.cleandoc(inner.__doc__ or '')}\n\n{forms()}"
    return wrapped


def many_series_arguments(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command any number of arguments, each a SERIES, ``--offline`` and ``--partial``.

    The command gets ``series``, a tuple of what :func:`series_argument` gives.
    """

    @click.argument("series", nargs=-1, required=True, metavar="OLD NEW | --all SERIES...")
    @_OFFLINE
    @_PARTIAL
    @functools.wraps(function)
    def wrapped(
        *args: object, series: tuple[str, ...], offline: bool, partial: bool, **rest: object
    ) -> object:
        from patchtool.intake.load import Reference

        tree = rest.get("tree")
        in_tree = tree if isinstance(tree, str) else None
        found = tuple(Reference(text, None, offline, in_tree, partial) for text in series)
        return function(*args, series=found, **rest)

    wrapped.__doc__ = f"{inspect.cleandoc(function.__doc__ or '')}\n\n{forms()}"
    return wrapped


def styled(text: str, style: Style) -> str:
    """*text* as a terminal shows that style; click drops the colour where there is no terminal."""
    words = COLOURS[style].split()
    colour = next((word for word in words if word not in ("bold", "dim")), None)
    return click.style(text, fg=colour, bold="bold" in words or None, dim="dim" in words or None)


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--out``, ``--tests``, ``--control`` and the other options above."""
    for option in reversed(_RUN_OPTIONS):
        function = option(function)
    return function
