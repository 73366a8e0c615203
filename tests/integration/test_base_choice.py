# SPDX-License-Identifier: GPL-2.0-or-later
"""The base of a run: the commit that ``series base`` finds, within a stated time."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.errors import CommandTimeout
from patchtool.intake.load import Reference, load_series
from patchtool.run.preview import preview
from patchtool.run.request import Request
from patchtool.tree.apply import Outcome, apply_series
from patchtool.tree.base import blobs, choose
from patchtool.tree.base.choose import Base, choose_base
from patchtool.tree.base.proof import Prover
from patchtool.tree.history import History
from patchtool.tree.repository import ensure_tree, open_tree
from patchtool.tree.workspace import worktree
from tests.lib.usertree import MAKEFILE, Tree, needing, on_x

if TYPE_CHECKING:
    from patchtool.core.settings import Settings
    from patchtool.series.model import Series

TOP = Path(__file__).resolve().parents[2]


class Notes(Silent):
    """Keeps what a person would be told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


class Choice:
    """A tree, and the base a run chooses in it."""

    def __init__(self, it: Tree) -> None:
        self.it = it
        self.notes = Notes()

    def series(self, source: Path) -> Series:
        return load_series(Reference(str(source)), self.it.conf, Silent())

    def base(self, source: Path, conf: Settings | None = None, *, keep: bool = True) -> Base:
        conf = conf or self.it.conf
        tree = open_tree(str(self.it.top), conf)
        return choose_base(tree, self.series(source), None, conf, self.notes, keep=keep)


@pytest.fixture
def it(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def stripped(source: Path, pattern: str) -> None:
    """Take the lines that match *pattern* out of the mails."""
    for mail in source.iterdir():
        mail.write_text(re.sub(pattern, "", mail.read_text(), flags=re.MULTILINE))


def unsearched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no search begin."""

    def none(*_: object) -> None:
        raise AssertionError("a search")

    monkeypatch.setattr(choose, "searching", none)


def test_a_run_goes_where_the_blobs_say(it: Tree) -> None:
    """A run took HEAD where nothing was named, though `series base` knew better."""
    base = it.change("mm/x.c", "line 2\n", "line two\n", "two")
    on_x(it)
    it.change("mm/y.c", "row 30\n", "row thirty\n", "mm: y: thirty")
    source = it.post(base)
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    it.git("tag", "v6.2")
    before = it.state()
    found = Choice(it).base(source)
    assert it.state() == before
    assert (found.commit, found.name) == (base, base[:12])
    assert found.chosen_by == "2 of 2 blobs match; applies"
    assert found.release.version == "6.1.0"
    assert found.tree == it.git("rev-parse", f"{base}^{{tree}}")
    assert it.ask(source)["base"]["hash"] == base


def test_a_run_goes_behind_the_patches_that_a_series_needs_first(it: Tree) -> None:
    _, source = needing(it)
    there = it.change("mm/x.c", "line 29\n", "line twenty-nine\n", "mm: x: needed first, as merged")
    it.change("mm/x.c", "line 31\n", "line 31, later\n", "mm: x: in its way")
    found = Choice(it).base(source)
    assert found.commit == there
    assert found.chosen_by.endswith("and 1 of 1 prerequisite patches behind it; applies")


def test_a_run_goes_to_the_release_before_the_date_when_nothing_else_is_known(it: Tree) -> None:
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "x")
    it.git("tag", "v6.2")
    on_x(it)
    source = it.post("v6.2")
    stripped(source, r"^(diff --git|index) .*\n")
    it.days += 20
    it.change("mm/x.c", "line 31\n", "line thirty-one\n", "in the way")
    it.git("tag", "v6.3")
    found = Choice(it).base(source)
    assert found.name == "v6.2"
    assert found.chosen_by == "v6.2, released before it was sent; applies"


def test_without_a_date_a_run_takes_the_tip_before_a_release(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    (mail,) = source.iterdir()
    plain = it.folder / "thirty.diff"
    plain.write_text("--- a/mm" + mail.read_text().partition("--- a/mm")[2])
    head = it.change("mm/y.c", "row 2\n", "row two\n", "later")
    found = Choice(it).base(plain)
    assert (found.commit, found.chosen_by) == (head, "the tree's HEAD; applies")
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    found = Choice(it).base(plain)
    assert (found.name, found.chosen_by) == ("v6.1", "v6.1, a release of this tree; applies")


def test_a_base_commit_costs_one_proof_and_no_walk(
    it: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = it.change("mm/y.c", "row 5\n", "row five\n", "y")
    on_x(it)
    source = it.post(base, f"--base={base}")
    it.change("mm/y.c", "row 6\n", "row six\n", "later")
    proofs: list[str] = []

    def counted(prover: Prover, commit: str) -> object:
        proofs.append(commit)
        return real(prover, commit)

    def walk(*_: object) -> None:
        raise AssertionError("a walk")

    real = Prover.at
    monkeypatch.setattr(Prover, "at", counted)
    monkeypatch.setattr(History, "walk", walk)
    found = Choice(it).base(source)
    assert found.commit == base
    assert found.chosen_by.startswith("base-commit in ")
    assert found.chosen_by.endswith("; applies")
    assert proofs == [base]


def test_a_base_commit_where_it_does_not_apply_gives_way_to_the_blobs(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    wrong = it.change("mm/x.c", "line 29\n", "line twenty-nine\n", "in the way")
    (mail,) = source.iterdir()
    mail.write_text(f"{mail.read_text()}\nbase-commit: {wrong}\n")
    found = Choice(it).base(source)
    assert (found.name, found.chosen_by) == ("v6.1", "1 of 1 blobs match; applies")


def test_a_base_commit_that_takes_it_less_exactly_is_better_than_a_guess(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    named = it.change("mm/x.c", "line 33\n", "line thirty-three\n", "at the edge of its context")
    stripped(source, r"^index .*\n")
    (mail,) = source.iterdir()
    mail.write_text(f"{mail.read_text()}\nbase-commit: {named}\n")
    choice = Choice(it)
    found = choice.base(source)
    assert found.commit == named
    assert found.chosen_by.endswith("; applies, patch 1 merged or with less context")
    asked = it.ask(source)
    assert asked["base"]["hash"] == named
    assert [item["candidate"]["commit"] for item in asked["tried"]] == [named]
    assert "with less context" in it.run(source)
    tree = open_tree(str(it.top), it.conf)
    with worktree(tree, named, it.conf, Silent()) as work:
        applied = apply_series(choice.series(source), found, work, Silent())
    assert [patch.outcome for patch in applied.patches] == [Outcome.FUZZ]


def nowhere(it: Tree, *options: str) -> Path:
    """A series for a file that the tree never had like that."""
    it.change("mm/x.c", "line 29\n", "line of mine\n", "never posted")
    private = it.git("rev-parse", "HEAD")
    on_x(it)
    source = it.post(private, *options)
    it.git("reset", "-q", "--hard", "v6.1")
    it.forget()
    return source


def test_what_applies_nowhere_still_has_a_base(it: Tree) -> None:
    source = nowhere(it)
    head = it.change("mm/y.c", "row 2\n", "row two\n", "later")
    found = Choice(it).base(source)
    assert found.commit == head
    assert found.chosen_by == "the tree's HEAD; does not apply at any of 2 commits tried"
    (mail,) = source.iterdir()
    first = it.git("rev-parse", "v6.1")
    mail.write_text(f"{mail.read_text()}\nbase-commit: {first}\n")
    found = Choice(it).base(source)
    assert found.commit == first
    assert found.chosen_by.startswith("base-commit in ")
    assert found.chosen_by.endswith("; does not apply at any of 2 commits tried")


def test_a_base_commit_that_the_tree_lacks_is_said_each_time(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    (mail,) = source.iterdir()
    mail.write_text(f"{mail.read_text()}\nbase-commit: {'ab' * 20}\n")
    it.change("mm/y.c", "row 2\n", "row two\n", "later")
    for _ in range(2):
        choice = Choice(it)
        assert choice.base(source).name == "v6.1"
        (note,) = choice.notes.texts
        assert re.search(r"linux: abababababab, base-commit in .*, is not in this tree", note)


def test_a_second_run_needs_no_search_until_the_tree_or_the_series_changes(
    it: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_x(it)
    source = it.post("v6.1")
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    first = Choice(it).base(source, keep=False)
    assert not (it.conf.cache / "store" / choose.STAGE).exists()
    assert Choice(it).base(source) == first
    with monkeypatch.context() as closed:
        unsearched(closed)
        assert Choice(it).base(source) == first
        assert Choice(it).base(source, keep=False) == first
    (stored,) = (it.conf.cache / "store" / choose.STAGE).glob("*/value.json")
    stored.write_text('{"commit": 3}')
    assert Choice(it).base(source) == first
    unsearched(monkeypatch)
    it.git("tag", "v6.0")
    with pytest.raises(AssertionError, match="a search"):
        Choice(it).base(source)
    it.git("tag", "-d", "v6.0")
    assert Choice(it).base(source) == first
    (mail,) = source.iterdir()
    mail.write_text(mail.read_text().replace("[PATCH]", "[PATCH v6.1]"))
    with pytest.raises(AssertionError, match="a search"):
        Choice(it).base(source)


def test_the_plan_chooses_it_and_stores_nothing(it: Tree) -> None:
    it.write("arch/x86/Kconfig", "")
    it.write("include/linux/migrate.h", "struct movable_operations {\n};\n")
    base = it.change("mm/x.c", "line 2\n", "line two\n", "two")
    on_x(it)
    source = it.post(base)
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    request = Request(Reference(str(source)), str(it.top), tests=False)
    lines = list(preview(request, it.conf, Silent()))
    where = f"linux, base {base[:12]} ({base[:12]}, 1 of 1 blobs match; applies)"
    assert any(where in line for line in lines), lines
    assert not (it.conf.cache / "store" / choose.STAGE).exists()


def test_what_the_user_names_is_taken_as_it_is(it: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    on_x(it)
    source = it.post("v6.1")
    bad = it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    unsearched(monkeypatch)
    tree = open_tree(str(it.top), it.conf)
    series = Choice(it).series(source)
    found = choose_base(tree, series, "HEAD", it.conf, Silent())
    assert (found.commit, found.chosen_by) == (bad, "--base")
    head = choose_base(tree, replace(series, patches=()), None, it.conf, Silent())
    assert (head.commit, head.chosen_by) == (bad, "the tree's HEAD")


@pytest.mark.parametrize("name", ["balloon-counters", "balloon-merged"])
def test_a_tree_of_one_commit_leaves_nothing_to_choose(
    tmp_path: Path, it: Tree, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    source = tmp_path / "linux-6.12.90"
    source.mkdir()
    (source / "Makefile").write_text(MAKEFILE.replace("6\nPATCHLEVEL = 1", "6\nPATCHLEVEL = 12"))
    (source / "Kconfig").write_text("config A\n")
    unsearched(monkeypatch)
    tree = ensure_tree(str(source), it.conf, Silent())
    series = load_series(Reference(str(TOP / "series" / name)), it.conf, Silent())
    found = choose_base(tree, series, None, it.conf, Silent())
    how = "base.tag of the manifest" if name == "balloon-counters" else "the tree's HEAD"
    at = "v6.12" if name == "balloon-counters" else "HEAD"
    assert (found.name, found.chosen_by, found.release.version) == (at, how, "6.12.0")
    assert found.commit == tree_head(tree.git_dir)
    assert not (it.conf.cache / "store" / choose.STAGE).exists()


def tree_head(git_dir: Path) -> str:
    return (git_dir / "refs/heads/main").read_text().strip()


SLOW = """\
#!/bin/sh
for word; do [ "$word" = --raw ] && exec sleep 60; done
exec {git} "$@"
"""


def test_a_search_ends_in_time_and_says_so(
    it: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = it.change("mm/x.c", "line 2\n", "line two\n", "two")
    on_x(it)
    source = it.post(base)
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    hasty = it.conf.model_copy(update={"base_timeout": 4.0})
    real = shutil.which("git")
    slow = tmp_path / "bin/git"
    slow.parent.mkdir()
    slow.write_text(SLOW.format(git=real))
    slow.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
        begin = time.monotonic()
        found = Choice(it).base(source, hasty)
        assert time.monotonic() - begin < 15
    assert found.name == "v6.1"
    assert found.chosen_by == (
        "v6.1, released before it was sent; applies; the search was ended after 4 s (base_timeout)"
    )
    with monkeypatch.context() as closed:
        unsearched(closed)
        assert Choice(it).base(source, hasty) == found
    assert Choice(it).base(source).commit == base


def test_without_any_time_the_first_named_or_the_head_is_taken(it: Tree) -> None:
    on_x(it)
    source = it.post("v6.1")
    head = it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    none = it.conf.model_copy(update={"base_timeout": 1e-6})
    found = Choice(it).base(source, none)
    assert found.commit == head
    assert "no commit was tried; the search was ended after" in found.chosen_by


def test_a_git_that_fails_is_no_end_of_time(it: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*_: object) -> None:
        raise CommandTimeout(["git", "log"], 600.0, "")

    on_x(it)
    source = it.post("v6.1")
    it.change("mm/x.c", "line 28\n", "line twenty-eight\n", "in the way")
    monkeypatch.setattr(blobs, "search", stuck)
    with pytest.raises(CommandTimeout):
        Choice(it).base(source)
