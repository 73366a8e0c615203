# SPDX-License-Identifier: GPL-2.0-or-later
"""`patchtool bisect-step` ends as `git bisect run` expects: never "bad" for a broken machine."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from patchtool import cli
from patchtool.bisect import experiment
from patchtool.bisect.tries import Seen
from patchtool.errors import CommandTimeout, DiskFull, LostGuest
from tests.lib.bench import TOP
from tests.lib.gitrepo import git
from tests.lib.planned_history import line, make_history

if TYPE_CHECKING:
    from pathlib import Path

TEST = "test_balloon_resize.py::test_no_page_is_lost"


@dataclass
class Trials:
    """Gives what it is told, in place of a kernel."""

    results: list[Seen | Exception]
    commits: list[str] = field(default_factory=list)

    def attempt(self, commit: str, _attempt: int, _folder: Path) -> Seen:
        self.commits.append(commit)
        result = self.results[min(len(self.commits), len(self.results)) - 1]
        if isinstance(result, Exception):
            raise result
        return result


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("cache", "data", "state"):
        monkeypatch.setenv(f"PATCHTOOL_{name.upper()}", str(tmp_path / name))
    monkeypatch.setenv("PATCHTOOL_CONFIG", str(tmp_path / "none.toml"))
    return make_history(tmp_path / "linux", line(3))


def step(tree: Path, trials: Trials, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(experiment, "trials_in", lambda *_: trials)
    where = ("--tree", str(tree), "--test", TEST)
    return cli.run(["--progress", "none", "bisect-step", "balloon-merged", *where, *words])


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (Seen(state="passed"), 0),
        (Seen(state="failed", titles=("the bug is there",)), 1),
        (Seen(state="failed", titles=("another is",)), 125),
        (Seen(state="cannot", reason="build: no"), 125),
        (DiskFull("/"), 131),
        (ValueError("a bug"), 132),
    ],
)
def test_each_result_has_gits_exit_code(
    tree: Path, monkeypatch: pytest.MonkeyPatch, seen: Any, code: int
) -> None:
    trials = Trials([seen])
    assert step(tree, trials, monkeypatch, "--symptom", "the bug") == code
    assert trials.commits == [git(tree, "rev-parse", "HEAD")]


def test_an_error_of_the_machine_is_tried_three_times(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = LostGuest("went silent")
    trials = Trials([lost, CommandTimeout(["make"], 1, ""), Seen(state="passed")])
    assert step(tree, trials, monkeypatch, "--commit", "c1") == 0
    assert trials.commits == [git(tree, "rev-parse", "c1")] * 3
    trials = Trials([lost])
    assert step(tree, trials, monkeypatch) == 131
    assert len(trials.commits) == 3


@pytest.mark.parametrize(
    "words",
    [("--commit", "nowhere"), ("--tree", "/nowhere"), ("--test", "none"), ("--no-such-option",)],
)
def test_a_wrong_command_line_ends_gits_search(
    tree: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert step(tree, Trials([]), monkeypatch, *words) == 130


def test_other_verbs_end_as_before(tree: Path) -> None:
    assert cli.run(["series", "show", "/nowhere"]) == 2
    assert cli.run(["series", "show", "bisect-step"]) == 2


def test_git_stops_where_the_tree_cannot_be_tried(tree: Path, tmp_path: Path) -> None:
    """It is no kernel: git must not take the exit code for a verdict."""
    run = tmp_path / "run"
    where = f"--tree {tree} --test none::test"
    run.write_text(
        f"#!/bin/sh\nexport PYTHONPATH={TOP}\n"
        f"exec {sys.executable} -m patchtool bisect-step balloon-merged {where}\n"
    )
    run.chmod(run.stat().st_mode | stat.S_IXUSR)
    git(tree, "bisect", "start", "main", "c0", PATH=os.environ["PATH"])
    with pytest.raises(Exception, match="non-zero exit status"):
        git(tree, "bisect", "run", str(run), PATH=os.environ["PATH"])
    assert "first bad commit" not in git(tree, "bisect", "log")
