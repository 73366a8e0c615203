# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool kconfig``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from patchtool.build.container.choose import choose_runtime
from patchtool.build.kconfig.configure import configure
from patchtool.build.kconfig.variants import (
    RENAMED,
    base_variant,
    read_tree,
    series_symbols,
    variants_of,
)
from patchtool.build.kernel.workshop import Workshop
from patchtool.build.toolchain.toolchain import ensure_toolchain
from patchtool.commands.man import example
from patchtool.commands.series_argument import series_argument
from patchtool.commands.toolchain_option import toolchain_option
from patchtool.core.store import Store
from patchtool.errors import ApplyConflict, Exit
from patchtool.intake.load import load_series
from patchtool.run.build_stage import suited, toolchain_for
from patchtool.tree.apply import apply_series
from patchtool.tree.base.choose import resolve_base
from patchtool.tree.repository import ensure_tree
from patchtool.tree.workspace import worktree

if TYPE_CHECKING:
    from patchtool.build.kconfig.symbols import SeriesSymbols
    from patchtool.build.kconfig.variants import KernelConfig, Variant
    from patchtool.commands.context import Context
    from patchtool.intake.load import Reference
    from patchtool.tree.apply import AppliedSeries


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
@click.option("--base", "rev", help="Commit to apply to.  [default: what the series names]")
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
    settings, progress = context.settings, context.progress
    loaded = load_series(series, settings, progress)
    source = ensure_tree(tree, settings, progress)
    base = resolve_base(source, loaded, rev, settings)
    store = Store(settings.cache / "store")
    runtime = choose_runtime(settings, progress)
    name = toolchain or toolchain_for(source, base, settings)
    made = ensure_toolchain(runtime, settings, store, progress, name)
    suits = suited(made, source, base, settings)
    assert suits.needs is not None
    click.echo(f"Toolchain: {name}, {suits.version}\nEra: {suits.needs.describe()}\n")
    workshop = Workshop(suits, runtime, store, settings, progress)
    missing = 0
    with worktree(source, base.commit, settings, progress) as work:
        known = read_tree(work.path)
        applied = apply_series(loaded, base, work, progress)
        _refuse_conflict(applied)
        symbols = series_symbols(loaded, work.path)
        _show_symbols(symbols)
        chosen = variants_of(symbols, loaded.title)
        tip = (applied.patches and applied.patches[-1].tree) or applied.base_tree
        todo = [(variant, tip, True) for variant in chosen]
        todo.append((base_variant(chosen[0], known), applied.base_tree, False))
        for variant, content, complete in todo:
            work.checkout(applied.tip if complete else base.commit)
            config = configure(
                work.path,
                content,
                variant,
                workshop,
                objtree=source.key,
                complete=complete,
                check=False,
            )
            _show_config(variant, config, full=full)
            missing += len(config.missing)
    return Exit.FAILED if missing else Exit.OK


def _refuse_conflict(applied: AppliedSeries) -> None:
    conflict = applied.conflict
    if conflict is not None:
        raise ApplyConflict(
            f"patch {conflict.number} ({conflict.subject}) does not apply: {conflict.detail}",
            hint="`patchtool series base` says where it applies; or choose another --base",
        )


def _show_symbols(symbols: SeriesSymbols) -> None:
    click.echo("Symbols:")
    asked = symbols.requires()
    rows = [(use.symbol, use.value, use.why, use.place) for use in symbols.uses]
    width = max((len(name) for name, *_ in rows), default=0)
    for name, value, why, place in rows:
        role = "switched" if name in symbols.options else "asked" if name in asked else "not asked"
        click.echo(f"  {name:{width}}  {value}  {role:9}  {why}  ({place})")
    if not rows:
        click.echo("  none: the guest's base is all this series needs")


def _show_config(variant: Variant, config: KernelConfig, *, full: bool) -> None:
    click.echo(f"\nVariant {variant.name}:")
    text = config.fragment if full else variant.fragment
    for line in text.splitlines():
        if full or (line and not line.startswith("# ")) or line.endswith("is not set"):
            click.echo(f"  {line}")
    for symbol, origin in config.origins.items():
        if RENAMED in origin:
            click.echo(f"  CONFIG_{symbol} is its name here: {origin}")
    for warning in config.warnings:
        click.echo(f"  warning: {warning}")
    for item in config.uncompiled:
        click.echo(f"  touched code is not compiled: {item}")
    if config.missing:
        click.echo(f"  {len(config.missing)} of {len(config.asked)} symbols did not survive:")
        for item in config.missing:
            click.echo(f"    {item}")
    else:
        on = sum(line.endswith("=y") for line in config.text.splitlines())
        click.echo(f"  all {len(config.asked)} symbols survive; {on} are =y in the .config")
