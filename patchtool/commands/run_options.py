# SPDX-License-Identifier: GPL-2.0-or-later
"""The options of every command that applies, builds and tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONS = (
    click.option(
        "--out",
        "-o",
        type=click.Path(path_type=Path),
        help="Run directory.  [default: a new one in the state folder]",
    ),
    click.option("--tests/--no-tests", default=True, show_default=True, help="Boot and test."),
    click.option(
        "--control/--no-control",
        default=True,
        show_default=True,
        help="Run the tests on the base as well.",
    ),
    click.option(
        "--quick",
        is_flag=True,
        help="Build and test the whole series alone, for a first answer: not its base, nor each "
        "patch, nor its other variants.",
    ),
    click.option(
        "--module",
        "only",
        multiple=True,
        metavar="NAME",
        help="Run this test module (test_claims.py) and not all of the series; may be repeated.",
    ),
    click.option("--retest", is_flag=True, help="Run tests again that passed in an earlier run."),
    click.option(
        "--runs",
        type=click.IntRange(1, 100),
        default=1,
        show_default=True,
        help="Measure figures that race so often, each time in a fresh guest.",
    ),
    click.option(
        "--plan", is_flag=True, help="Print what would run, and what is stored; run nothing."
    ),
)


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--out``, ``--tests``, ``--control`` and what else is above."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
