# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that are printed to be pasted do what they say, whatever is in a path."""

from __future__ import annotations

import shlex
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from patchtool import cli
from patchtool.core.command_log import CommandLog
from patchtool.core.settings import Settings
from patchtool.errors import CommandError, UsageError
from patchtool.intake import reference
from patchtool.report import html
from patchtool.tree.repository import open_tree

PATHS = ["plain", "my series", "it's", 'a "b" $HOME `x` \\', "two\nlines", "*?[a];&|<>#~"]


def words_of(text: str) -> list[str]:
    return shlex.split(text)


@pytest.mark.parametrize("name", PATHS)
def test_the_command_log_is_a_script(name: str, tmp_path: Path) -> None:
    log = CommandLog(tmp_path / "commands.sh")
    log.add(["git", "-C", name, "log"], Path("/", name), {"GIT_DIR": name})
    expected = ["cd", f"/{name}", "&&", f"GIT_DIR={name}", "git", "-C", name, "log"]
    assert words_of(log.path.read_text()) == expected


@pytest.mark.parametrize("name", PATHS)
def test_a_program_that_failed_can_be_pasted(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its words were joined by blanks: a path with one in it became two."""

    def fail(*_arguments: object, **_more: object) -> None:
        raise CommandError(["git", "-C", name, "log"], 128, "")

    monkeypatch.setattr(cli.patchtool, "main", fail)
    cli.run(["doctor"])
    command = capsys.readouterr().err.partition("\n  command: ")[2]
    assert words_of(command) == ["git", "-C", name, "log"]


@pytest.mark.parametrize("name", [name for name in PATHS if "\n" not in name])
def test_a_report_has_the_command_that_made_it(name: str, sample: Any) -> None:
    argv = ("patchtool", "apply-and-test", name, "--tree", f"/trees/{name}")
    page = html.page(sample.record().model_copy(update={"argv": argv}))
    command = page.partition("<dt>command</dt><dd><code>")[2].partition("</code>")[0]
    assert words_of(unescape(command)) == list(argv)


@pytest.mark.parametrize("name", PATHS)
def test_a_hint_names_the_path_as_a_shell_takes_it(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/x\n")
    with pytest.raises(UsageError) as caught:
        reference.recognise(str(folder))
    hint = caught.value.hint.removeprefix("name commits in it: ")
    assert words_of(hint) == [f"{folder}:BASE..TOPIC"]
    with pytest.raises(UsageError) as caught:
        open_tree(str(tmp_path / name / ".git"), Settings(data=tmp_path))
    assert words_of(caught.value.hint)[:4] == ["patchtool", "tree", "import", f"{folder}/.git"]
