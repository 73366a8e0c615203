# SPDX-License-Identifier: GPL-2.0-or-later
r"""Examples at the end of each help text, and the manual page that is made of all of them.

click-man was weighed for the page. It reads ``group.commands``, which is empty in groups that
import their verbs when they are asked for; it drops the epilog, where the examples are; it fills
paragraphs that ``\b`` protects and escapes no roff; and it writes a page for each verb.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import click

from patchtool import __version__
from patchtool.commands.printing import put

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERBATIM = "\b\n"  # click's mark in front of a paragraph whose lines stay as they are
_SERIES = "SERIES is described in the section SERIES."
_ESCAPES = str.maketrans(
    {"\\": r"\e", "-": r"\-", "`": r"\(ga", "'": r"\(aq", "^": r"\(ha", "~": r"\(ti"}
)


def example(what: str, *lines: str) -> str:
    """The epilog of a command: what an example does, and the lines to type for it."""
    typed = "\n".join(f"  {line}" for line in lines)
    return f"{_VERBATIM}Example: {what}\n{typed}"


@click.command(
    "man", epilog=example("read the manual page", "patchtool man > patchtool.1; man ./patchtool.1")
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Print the manual page patchtool(1), as roff.

    It holds the help texts of all commands. To install it, redirect it to
    ~/.local/share/man/man1/patchtool.1.
    """
    put("\n".join(page(ctx.find_root().command)))


def commands(root: click.Command, name: str = "patchtool") -> Iterator[click.Context]:
    """A context for *root* and for each command below it, groups before what is in them."""
    yield from _below(click.Context(root, info_name=name))


def _below(ctx: click.Context) -> Iterator[click.Context]:
    yield ctx
    group = ctx.command
    if isinstance(group, click.Group):
        for name in group.list_commands(ctx):
            found = group.get_command(ctx, name)
            assert found is not None
            yield from _below(click.Context(found, info_name=name, parent=ctx))


def page(root: click.Command) -> Iterator[str]:
    """The lines of the manual page of *root* and every command below it, as roff."""
    from patchtool.commands.options import forms  # every start of patchtool comes by here

    series = forms()
    top, *rest = commands(root)
    first, _, text = _help(root).partition("\n\n")
    yield f'.TH PATCHTOOL 1 "" "patchtool {__version__}" "User Commands"'
    yield from (".SH NAME", rf"patchtool \- {_escaped(first).rstrip('.').lower()}", ".SH SYNOPSIS")
    yield from _usage(top)
    yield ".SH DESCRIPTION"
    yield from _text(text)
    yield ".SH OPTIONS"
    yield from _options(top)
    yield ".SH COMMANDS"
    for ctx in rest:
        yield from _command(ctx, series)
    yield ".SH SERIES"
    yield from _text(series)
    yield ".SH EXAMPLES"
    yield from _text(root.epilog or "")


def _command(ctx: click.Context, series: str) -> Iterator[str]:
    yield f'.SS "{_escaped(ctx.command_path)}"'
    yield from _usage(ctx)
    yield from _text(_help(ctx.command).replace(series, _SERIES))
    yield from _options(ctx)
    yield from _text(ctx.command.epilog or "")


def _help(of: click.Command) -> str:
    return inspect.cleandoc(of.help or "")


def _usage(ctx: click.Context) -> Iterator[str]:
    pieces = " ".join(ctx.command.collect_usage_pieces(ctx))
    yield rf"\fB{_escaped(ctx.command_path)}\fR {_escaped(pieces)}"


def _text(text: str) -> Iterator[str]:
    """The paragraphs of a help text; those that click does not fill are not filled here."""
    for paragraph in re.split(r"\n{2,}", text.strip("\n")):
        if paragraph.startswith(_VERBATIM):
            lines = paragraph.removeprefix(_VERBATIM).split("\n")
            yield from (".PP", ".nf", *map(_line, lines), ".fi")
        elif paragraph:
            yield from (".PP", *map(_line, paragraph.split("\n")))


def _options(ctx: click.Context) -> Iterator[str]:
    options = [each for each in ctx.command.params if isinstance(each, click.Option)]
    for names, text in filter(None, (option.get_help_record(ctx) for option in options)):
        yield from (".TP", rf"\fB{_escaped(names)}\fR", _line(text))


def _line(text: str) -> str:
    """A line of text that roff does not take for a request."""
    escaped = _escaped(text)
    return rf"\&{escaped}" if escaped.startswith((".", " ")) else escaped


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
