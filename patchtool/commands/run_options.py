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


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--out``, ``--tests``, ``--control`` and the other options above."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
