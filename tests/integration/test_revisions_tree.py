# SPDX-License-Identifier: GPL-2.0-or-later
"""Two postings on one base of a tree: a rebase told from a change, and range-diff asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from patchtool.cli import patchtool
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from patchtool.revisions.compare import OnOneBase, compare
from patchtool.revisions.pair import PairKind
from patchtool.tree.repository import open_tree
from patchtool.tree.side_by_side import FACTORS, SideBySide, side_by_side
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.model import Series

MAKEFILE = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"
LINES = [f"line {number};\n" for number in range(1, 41)]


class Tree:
    """A user's tree with two releases, between which the lines around line 20 changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.conf = Settings(cache=folder / "cache", data=folder / "data", state=folder / "state")
        self.top = folder / "linux"
        (self.top / "mm").mkdir(parents=True)
        (self.top / "Makefile").write_text(MAKEFILE)
        (self.top / "Kconfig").write_text("config A\n")
        (self.top / "mm/x.c").write_text("".join(LINES))
        git(self.top, "init", "-q", "-b", "main")
        self.commit("base")
        git(self.top, "tag", "v6.12")
        self.edit("line 18;", "other 18;")
        self.edit("line 1;", "first;\nline 1;")
        self.commit("next")
        git(self.top, "tag", "v6.13")

    def edit(self, old: str, new: str) -> None:
        path = self.top / "mm/x.c"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def commit(self, message: str) -> None:
        git(self.top, "add", "-A")
        git(self.top, "commit", "-q", "-m", message)

    def post(self, name: str, base: str, *patches: tuple[str, str, str]) -> Series:
        """A series of (subject, old, new) on a base, as a folder of mails."""
        git(self.top, "checkout", "-q", base)
        for subject, old, new in patches:
            self.edit(old, new)
            self.commit(subject)
        out = self.folder / name
        revision = "-v2" if name == "new" else "-v1"
        git(self.top, "format-patch", "-q", revision, "-o", str(out), f"{base}..HEAD")
        git(self.top, "checkout", "-q", "main")
        return load_series(Reference(str(out)), self.conf, Silent())

    def both(self, old: Series, new: Series) -> SideBySide:
        return side_by_side(old, new, open_tree(str(self.top), self.conf), self.conf, Silent())


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def on_base(both: SideBySide) -> OnOneBase:
    assert both.base is not None, both.reason
    return OnOneBase("linux", both.old, both.new, both.range_diff)


ONE = ("mm: one", "line 20;", "twenty;")
TWO = ("mm: two", "line 30;", "thirty;\nand more;")


def test_a_rebase_is_told_from_a_change(tree: Tree) -> None:
    """The lines around differ in the mails; on one base nothing does."""
    old = tree.post("old", "v6.12", ONE, TWO)
    new = tree.post("new", "v6.13", ONE, ("mm: two", "line 30;", "thirty;\nand less;"))
    both = tree.both(old, new)
    found = compare(old, new, on_base=on_base(both))
    assert [pair.kind for pair in found.pairs] == [PairKind.REBASED, PairKind.CHANGED]
    (difference,) = found.pairs[1].differences
    assert [line.text for line in (*difference.old, *difference.new)] == [
        "+and more;",
        "+and less;",
    ]
    assert [line.number for line in (*difference.old, *difference.new)] == [32, 32]
    assert found.tree == "linux"


def test_range_diff_is_asked_with_several_factors(tree: Tree) -> None:
    old = tree.post("old", "v6.12", ONE, TWO)
    both = tree.both(old, tree.post("new", "v6.13", TWO, ONE))
    assert both.range_diff == {key: {1: 2, 2: 1} for key in FACTORS}


def test_another_pair_of_range_diff_is_said(tree: Tree) -> None:
    """git knows no subjects: a patch that was rewritten is two patches for it."""
    long = "".join(f"\nmember {number} of the old way;" for number in range(9))
    other = "".join(f"\nfield {number} of another way altogether;" for number in range(9))
    old = tree.post("old", "v6.12", ("mm: the way", "line 20;", f"line 20;{long}"))
    new = tree.post("new", "v6.12", ("mm: the way", "line 35;", f"line 35;{other}"))
    both = tree.both(old, new)
    assert both.range_diff[60] == {}
    found = compare(old, new, on_base=OnOneBase("linux", both.old, both.new, {60: {}}))
    assert [(pair.old, pair.new) for pair in found.pairs] == [((1,), (1,))]
    (note,) = [note for note in found.notes if "range-diff" in note]
    assert "pairs 1 of OLD with none of NEW, not with 1" in note


def test_without_a_base_for_both_the_reason_is_said(tree: Tree) -> None:
    old = tree.post("old", "v6.12", ("mm: one", "line 18;", "eighteen;"))
    new = tree.post("new", "v6.13", ("mm: one", "other 18;", "eighteen;"))
    both = tree.both(old, new)
    assert both.base is None
    assert "does not apply at" in both.reason
    assert (both.old, both.new) == (old, new)


def test_a_patch_that_the_base_has_is_compared_by_its_mails(tree: Tree) -> None:
    old = tree.post("old", "v6.12", ("mm: next", "line 18;", "other 18;"), TWO)
    new = tree.post("new", "v6.13", TWO)
    both = tree.both(old, new)
    found = compare(old, new, on_base=on_base(both))
    assert [pair.kind for pair in found.pairs] == [PairKind.DROPPED, PairKind.REBASED]


def test_an_author_compares_a_branch_with_what_was_posted(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NEW is a range in the tree that --tree names."""
    tree.post("old", "v6.12", ONE, TWO)
    git(tree.top, "checkout", "-q", "-b", "mine", "v6.13")
    for subject, old, new in (ONE, TWO):
        tree.edit(old, new)
        tree.commit(subject)
    git(tree.top, "checkout", "-q", "main")
    for name in ("cache", "data", "state"):
        monkeypatch.setenv(f"PATCHTOOL_{name.upper()}", str(tree.folder / name))
    words = ["--progress", "none", "revisions", str(tree.folder / "old"), "v6.13..mine"]
    done = CliRunner().invoke(
        patchtool, [*words, "--tree", str(tree.top)], standalone_mode=False, catch_exceptions=False
    )
    assert done.return_value == 0
    assert "not posted yet" in done.output
    assert "both applied to linux at" in done.output
    assert done.output.rstrip().endswith("2 rebased")
