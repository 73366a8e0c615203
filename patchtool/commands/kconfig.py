# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool kconfig``."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.build.kconfig.fragments import parse_fragment, to_text
from patchtool.build.kconfig.variants import RENAMED
from patchtool.commands.man import example
from patchtool.commands.options import series_argument, toolchain_option
from patchtool.commands.printing import put
from patchtool.errors import Exit
from patchtool.run import build_stage
from patchtool.run.pipeline import Walk
from patchtool.run.plan import Kind, trials_of
from patchtool.run.request import Request
from patchtool.run.stages import Stages

if TYPE_CHECKING:
    from patchtool.build.kconfig.symbols import SeriesSymbols
    from patchtool.build.kconfig.variants import KernelConfig
    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference
    from patchtool.run.trial import Trial


@click.command(
    "kconfig",
    epilog=example(
        "show what a series needs on an imported tree",
        "patchtool kconfig balloon-counters --tree linux-6.12.117",
    ),
)
@series_argument
@click.option(
    "--tree",
    required=True,
    help="Kernel tree: the name of an imported tree, a git tree, a source folder or a tarball.",
)
@click.option("--base", "rev", help="Commit to apply to.  [default: as `series base` finds]")
@click.option(
    "--full", is_flag=True, help="Print each fragment merged with the guest's configuration."
)
@toolchain_option
@click.pass_obj
def command(
    context: Context,
    series: Reference,
    tree: str,
    rev: str | None,
    full: bool,
    toolchain: str | None,
) -> int:
    """Show the configuration SERIES needs.

    Prints each config symbol with the place it comes from, the fragment of each variant, and
    whether the .config that `make` writes keeps every symbol. Exits with 1 if one is lost.
    """
    request = Request(series, tree, rev, tests=False, toolchain=toolchain)
    missing = 0
    with tempfile.TemporaryDirectory(prefix="patchtool-") as logs, ExitStack() as stack:
        walk = Walk(request, context.settings, Stages(context.progress), Path(logs), stack)
        walk.run(Kind.KCONFIG)
        chain, symbols = walk.state.toolchain, walk.state.symbols
        assert chain is not None
        assert chain.needs is not None
        assert symbols is not None
        put(f"Toolchain: {chain.name}, {chain.version}\nEra: {chain.needs.describe()}\n")
        _show_symbols(symbols)
        trials = trials_of(request, walk.state)
        for trial in sorted(trials, key=lambda trial: not trial.complete):
            if trial.complete or trial.upto is None:
                config = build_stage.configured(trial, walk.workplace)
                _show_config(trial, config, full=full)
                missing += len(config.missing)
    return Exit.FAILED if missing else Exit.OK


def _show_symbols(symbols: SeriesSymbols) -> None:
    put("Symbols:")
    asked = symbols.requires()
    rows = [(use.symbol, use.value, use.why, use.place) for use in symbols.uses]
    width = max((len(name) for name, *_ in rows), default=0)
    for name, value, why, place in rows:
        role = "switched" if name in symbols.options else "asked" if name in asked else "not asked"
        put(f"  {name:{width}}  {value}  {role:9}  {why}  ({place})")
    if not rows:
        put("  none: the guest's base is all this series needs")


def _show_config(trial: Trial, config: KernelConfig, *, full: bool) -> None:
    name = trial.variant.name if trial.complete else trial.label
    put(f"\nVariant {name}:")
    text = config.fragment
    if not full:  # what the series asks for, as far as this tree knows its symbols
        asks = parse_fragment(trial.variant.fragment, f"variant {name}")
        text = to_text([ask for ask in asks if ask.symbol in config.asked], marked=True)
    for line in text.splitlines():
        put(f"  {line}")
    for symbol, origin in config.origins.items():
        if RENAMED in origin:
            put(f"  CONFIG_{symbol} is its name here: {origin}")
    for warning in config.warnings:
        put(f"  warning: {warning}")
    for item in config.uncompiled:
        put(f"  touched code is not compiled: {item}")
    if config.missing:
        put(f"  {len(config.missing)} of {len(config.asked)} symbols did not survive:")
        for item in config.missing:
            put(f"    {item}")
    else:
        on = sum(line.endswith("=y") for line in config.text.splitlines())
        put(f"  all {len(config.asked)} symbols survive; {on} are =y in the .config")
