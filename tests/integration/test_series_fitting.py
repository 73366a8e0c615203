# SPDX-License-Identifier: GPL-2.0-or-later
"""A series that a tree does not take is told which of the user's trees would."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from patchtool.commands.options import Context
from patchtool.commands.series_base import command
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import ApplyConflict
from patchtool.intake.load import Reference, load_series
from patchtool.run.pipeline import Walk
from patchtool.run.plan import Kind
from patchtool.run.request import Request
from patchtool.run.stages import Stages
from patchtool.tree.fitting import Fit, advice, fits
from patchtool.tree.repository import import_tree
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

RELEASES = {"3.6.5": "old", "6.1.0": "new", "6.12.0": "new"}


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    """Settings of a user who has three trees; the function in mm/x.c is of two generations."""
    conf = Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")
    for version, word in RELEASES.items():
        major, minor, sub = version.split(".")
        top = tmp_path / f"linux-{version}"
        (top / "mm").mkdir(parents=True)
        (top / "Makefile").write_text(
            f"VERSION = {major}\nPATCHLEVEL = {minor}\nSUBLEVEL = {sub}\nEXTRAVERSION =\n"
        )
        (top / "Kconfig").write_text("config A\n")
        lines = "".join(f"{word} {number}\n" for number in range(1, 30))
        (top / "mm/x.c").write_text(lines if version != "6.1.0" else f"{lines}more\n")
        import_tree(top, conf, Silent())
    return conf


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Two patches made on 6.12, which say so."""
    top = tmp_path / "work"
    (top / "mm").mkdir(parents=True)
    (top / "mm/x.c").write_bytes((tmp_path / "linux-6.12.0/mm/x.c").read_bytes())
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "base")
    for number in (5, 20):
        text = (top / "mm/x.c").read_text()
        (top / "mm/x.c").write_text(text.replace(f"new {number}\n", f"newer {number}\n"))
        git(top, "commit", "-q", "-a", "-m", f"mm: x: newer {number}")
    out = tmp_path / "posted"
    git(top, "format-patch", "-q", "--subject-prefix=PATCH v6.12", "-o", str(out), "HEAD~2")
    return out


def test_the_trees_that_take_it_are_named_the_likeliest_first(conf: Settings, series: Path) -> None:
    loaded = load_series(Reference(str(series)), conf, Silent())
    found = fits(loaded, conf, Silent())
    assert [(fit.tree, fit.good, fit.blobs) for fit in found] == [
        ("linux-6.12.0", 2, 1),
        ("linux-6.1.0", 2, 0),
        ("linux-3.6.5", 0, 0),
    ]
    assert next(advice(loaded, found)) == (
        "of the imported trees it applies to linux-6.12.0 (at HEAD), linux-6.1.0 (at HEAD)"
    )


def test_series_base_says_it_where_nothing_fits(conf: Settings, series: Path) -> None:
    words = [str(series), "--tree", "linux-3.6.5"]
    done = CliRunner().invoke(command, words, obj=Context(conf, Silent()), standalone_mode=False)
    assert done.return_value == 1, done.output
    assert "Note    of the imported trees it applies to linux-6.12.0" in done.output
    assert "Note    it was made for v6.12" in done.output


def test_a_conflict_says_it_as_well(conf: Settings, series: Path, tmp_path: Path) -> None:
    request = Request(Reference(str(series)), "linux-3.6.5", tests=False)
    with ExitStack() as stack:
        walk = Walk(request, conf, Stages(Silent()), tmp_path / "run", stack)
        with pytest.raises(ApplyConflict) as caught:
            walk.run(Kind.APPLY)
    assert "it applies to linux-6.12.0 (at HEAD)" in caught.value.hint
    assert "patchtool series base" in caught.value.hint


def test_where_no_tree_takes_it_the_nearest_is_named(conf: Settings, series: Path) -> None:
    loaded = replace(load_series(Reference(str(series)), conf, Silent()), tags=())
    loaded = replace(loaded, patches=tuple(replace(p, tags=()) for p in loaded.patches))
    nearest = [Fit("linux-6.1.0", "HEAD", 0, 1, 2), Fit("linux-3.6.5", "HEAD", 0, 0, 2)]
    assert list(advice(loaded, nearest)) == [
        "no imported tree takes it; nearest is linux-6.1.0 (at HEAD), with 1 of 2 patches"
    ]
    assert list(advice(loaded, [])) == []
