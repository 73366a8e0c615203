# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool series``: commands that look at a posting and need no build."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.options import forms, series_argument
from patchtool.commands.printing import put

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference

#: Subcommands in modules of their own, imported when they are used.
OWN_MODULES = {
    "show": "series_show",
    "lint": "series_lint",
    "base": "series_base",
    "recover": "series_recover",
}


class Subcommands(click.Group):
    """A group that imports some of its commands only when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order a newcomer meets them."""
        return [*OWN_MODULES, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command *name*, or None."""
        if name not in OWN_MODULES:
            return super().get_command(ctx, name)
        command = importlib.import_module(f"patchtool.commands.{OWN_MODULES[name]}").command
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=Subcommands,
    help=f"Show a patch series, check it, and keep it.\n\n{forms()}",
    epilog=example("show the eighth revision in a mailbox", "patchtool series show t.mbox#v8"),
)
def command() -> None:
    """Hold the subcommands; the help text is in the decorator."""


@command.command(epilog=example("check a manifest", "patchtool series check my-series/series.toml"))
@series_argument
@click.pass_obj
def check(context: Context, series: Reference) -> None:
    """Check the manifest of SERIES and the patches it names.

    Reports every mistake of the manifest at once, each with its key path.
    """
    from patchtool.core import data
    from patchtool.errors import ManifestError
    from patchtool.intake.load import load_series
    from patchtool.intake.sources import bundled
    from patchtool.series import manifest

    path = bundled.manifest_path(series.text)
    facts = manifest.load(path)
    there = {module.name for module in data.guest_tests().glob("test_*.py")}
    unknown = [
        f"tests.modules.{place}: no such test module: {name}"
        for place, name in enumerate(facts.tests.modules)
        if name not in there
    ]
    if unknown:
        raise ManifestError(path, unknown)
    fetched = not facts.patches and not facts.merged
    if fetched and (series.offline or context.settings.offline):
        put(f"{path}: good; its mails are fetched by Message-ID {facts.message_id}")
        return
    context.progress.start("series", series.text)
    found = load_series(series, context.settings, context.progress)
    count = "nothing to apply" if facts.merged else found.part or f"{len(found.patches)} patches"
    put(f"{path}: good; {count}, revision {found.revision}")


@command.command(
    "list", epilog=example("list the postings in a mailbox", "patchtool series list t.mbox.gz")
)
@series_argument(required=False)
@click.pass_obj
def list_(context: Context, series: Reference | None) -> None:
    """List the postings in SERIES, or the series that come with patchtool.

    Prints for each posting its revision, the Message-ID that picks it (SERIES#ID), its size
    and its title.
    """
    from patchtool.intake.load import postings
    from patchtool.intake.sources import bundled
    from patchtool.series import manifest
    from patchtool.series.posting.threads import Refused

    if series is None:
        for name in bundled.names():
            facts = manifest.load(bundled.manifest_path(name))
            put(f"{name}\tv{facts.revision}\t{facts.title}")
        return
    context.progress.start("series", series.text)
    for found in postings(series, context.settings, context.progress):
        pick = found.message_id or "-"
        if isinstance(found, Refused):
            put(f"{found.revision}\t{pick}\trefused\t{found.title}: {found.error}")
        else:
            size = found.size if found.missing else f"{len(found.patches)} patches"
            put(f"v{found.revision}\t{pick}\t{size}\t{found.title}")


@command.command(
    epilog=example(
        "fetch a series from lore, and keep it",
        "patchtool series save 20250203.1@example.org -o my-series",
    )
)
@series_argument
@click.option(
    "--out",
    "-o",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write; it must not exist, or be empty.",
)
@click.pass_obj
def save(context: Context, series: Reference, out: Path) -> None:
    """Write SERIES into a folder of numbered mails.

    The folder holds the cover letter, the patches in order, the replies as .eml files, and the
    manifest if there is one. It is itself a SERIES, which is read without a server.
    """
    from patchtool.core.durable import write_atomic
    from patchtool.errors import UsageError
    from patchtool.intake.load import load_series
    from patchtool.report import series_files

    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out}: not empty", hint="name a folder that does not exist, or is empty")
    context.progress.start("series", series.text)
    found = load_series(series, context.settings, context.progress)
    written = series_files.kept_files(found)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in written.items():
        write_atomic(out / name, content)
    put(f"{out}: {len(written)} files, {found.size} of {found.title!r}")
