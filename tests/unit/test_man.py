# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command has an example that its parser takes, and its place in the manual page."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from patchtool.cli import patchtool
from patchtool.commands import man

if TYPE_CHECKING:
    from pathlib import Path

CONTEXTS = {ctx.command_path: ctx for ctx in man.commands(patchtool)}
PATHS = list(CONTEXTS)
PAGE = list(man.page(patchtool))
TERMINAL = 80


def typed(command: click.Command) -> list[str]:
    """The command lines of a command's example, each without what is after a pipe or >."""
    _, *lines = (command.epilog or "").removeprefix("\b\n").split("\n")
    whole = "\n".join(lines).replace("\\\n", " ")
    return [re.split(r"[|>;]", line)[0].strip() for line in whole.split("\n")]


def parse(line: str) -> str:
    """The command that a command line names; its arguments are parsed, and nothing is run."""
    _, *words = shlex.split(line)
    ctx = click.Context(patchtool, info_name="patchtool")
    command: click.Command = patchtool
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(ctx, name)
        assert found is not None, line
        command = found
        ctx = click.Context(command, info_name=name, parent=ctx)
    command.make_context(command.name, words)
    return ctx.command_path


@pytest.mark.parametrize("path", PATHS)
def test_every_command_ends_with_an_example_of_itself(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = CONTEXTS[path].command
    assert (command.epilog or "").startswith("\b\nExample: ")
    assert max(map(len, (command.epilog or "").split("\n"))) <= TERMINAL - 2
    monkeypatch.chdir(tmp_path)
    (tmp_path / "their-run").mkdir()  # rerun wants a folder that is there
    for line in typed(command):
        named = parse(line)
        assert named == path or named.startswith(f"{path} ")


def test_an_example_with_an_unknown_option_is_not_taken() -> None:
    with pytest.raises(click.UsageError):
        parse("patchtool tree list --no-such-option")


@pytest.mark.parametrize("path", PATHS)
def test_help_texts_protect_their_lists(path: str) -> None:
    r"""A raw docstring once printed the \b that was meant for click, and ran a list together."""
    text = CONTEXTS[path].get_help()
    assert "\\b" not in text
    assert "\b" not in text


def test_the_manual_page_has_each_command_with_its_options_and_example() -> None:
    text = "\n".join(PAGE)
    for path, ctx in CONTEXTS.items():
        usage = rf"\fB{path}\fR".replace("-", r"\-")
        assert text.count(f"{usage} ") == 1
        section = text.partition(f"{usage} ")[2].partition(".SS ")[0]
        for parameter in ctx.command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert parameter.opts[-1].replace("-", r"\-") in section
        if ctx.parent is not None:
            assert "Example: " in section


def test_the_manual_page_lists_the_forms_of_a_series_once() -> None:
    assert sum("a Message\\-ID (x@y" in line for line in PAGE) == 1


def test_text_cannot_become_a_request_of_roff() -> None:
    requests = {line.split()[0] for line in PAGE if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi"}
    hostile = click.Command("x", help="Say it.\n\n.ex is a request\n'so is this, \\n(.x is not")
    shown = [line for line in man.page(hostile) if "request" in line or "so is" in line]
    assert shown == [r"\&.ex is a request", r"\(aqso is this, \en(.x is not"]
