# SPDX-License-Identifier: GPL-2.0-or-later
"""A range of commits is the series that git format-patch would post."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import UsageError
from patchtool.intake.load import Kind, Reference, load_series, recognise
from patchtool.report import series_files
from patchtool.series.model import DependsOn
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.model import Series


class Tree:
    """A git tree with a base and three commits on a branch."""

    def __init__(self, top: Path) -> None:
        self.top = top / "tree"
        self.top.mkdir()
        self.settings = Settings(
            cache=top / "cache", data=top / "data", state=top / "state", git_timeout=60
        )
        git(self.top, "init", "-q", "-b", "main")
        self.base = self.commit("base", "one\ntwo\n")
        git(self.top, "tag", "v6.12")
        git(self.top, "checkout", "-q", "-b", "topic")
        self.commit("mm: naïve change", "one\nzwei\n", body="From here on\nFrom this, too")
        (self.top / "blob.bin").write_bytes(bytes(range(256)) * 4)
        git(self.top, "add", ".")
        self.commit("mm: binary")
        git(self.top, "mv", "f.c", "g.c")
        self.commit("mm: rename")

    def commit(self, subject: str, text: str | None = None, body: str = "Why.") -> str:
        if text is not None:
            (self.top / "f.c").write_text(text)
            git(self.top, "add", ".")
        git(self.top, "commit", "-q", "--allow-empty", "-m", f"{subject}\n\n{body}")
        return git(self.top, "rev-parse", "HEAD")

    def load(self, text: str, tree: str | None = None) -> Series:
        return load_series(Reference(text, tree=tree), self.settings, Silent())

    def range(self, text: str) -> Series:
        return self.load(f"{self.top}:{text}")


@pytest.fixture
def it(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def facts(series: Series) -> object:
    return [(p.subject, p.author, p.message, p.patch_id) for p in series.patches]


def test_a_range_is_what_format_patch_posts(it: Tree, tmp_path: Path) -> None:
    git(it.top, "format-patch", "-q", "-o", str(tmp_path / "posted"), "v6.12..topic")
    posted, series = it.load(str(tmp_path / "posted")), it.range("v6.12..topic")
    assert facts(series) == facts(posted)
    assert len(series.patches) == 3
    assert "From this, too" in series.patches[0].message
    assert series.patches[0].author == "Jörg Doe, Jr <j@example.org>"
    assert series.title == "mm: naïve change"
    assert series.name == "topic"


def test_a_range_knows_its_base(it: Tree) -> None:
    (need,) = it.range("main..").dependencies
    assert (need.kind, need.value, need.patch) == (DependsOn.BASE_COMMIT, it.base, 0)


def test_a_range_that_is_kept_keeps_its_base(it: Tree, tmp_path: Path) -> None:
    series = it.range("v6.12..topic")
    for name, data in series_files.kept_files(series).items():
        (tmp_path / name).write_bytes(data)
    again = it.load(str(tmp_path))
    assert facts(again) == facts(series)
    (need,) = again.dependencies
    assert (need.kind, need.value) == (DependsOn.BASE_COMMIT, it.base)


def test_the_tree_is_the_one_named_or_that_of_the_current_folder(
    it: Tree, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wanted = facts(it.range("v6.12..topic"))
    assert recognise("v6.12..topic") is Kind.RANGE
    assert facts(it.load("v6.12..topic", tree=str(it.top))) == wanted
    (it.top / "sub").mkdir()
    monkeypatch.chdir(it.top / "sub")
    assert facts(it.load("v6.12..topic")) == wanted
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="not in a git tree") as caught:
        it.load("v6.12..topic")
    assert "--tree" in caught.value.hint


def test_the_branch_description_is_the_cover_letter(it: Tree) -> None:
    git(it.top, "config", "branch.topic.description", "mm: grün\n\nAll of it.\n")
    series = it.range("v6.12..topic")
    assert (series.title, series.cover) == ("mm: grün", "All of it.")
    assert it.range("v6.12..HEAD").title == "mm: grün"
    assert it.range("v6.12..topic~1").cover is None


def test_what_b4_keeps_in_an_empty_commit_is_the_cover_letter(it: Tree) -> None:
    body = 'Why all.\n\n--- b4-submit-tracking ---\n{\n  "series": {"revision": 1}\n}'
    git(it.top, "checkout", "-q", "-b", "b4/work", "v6.12")
    it.commit("mm: all of it", body=body)
    it.commit("mm: one", "1\n")
    series = it.range("v6.12..b4/work")
    assert (series.title, series.cover) == ("mm: all of it", "Why all.")
    assert [patch.subject for patch in series.patches] == ["mm: one"]
    assert series.left_out == ()


def test_other_empty_commits_are_left_out_by_name(it: Tree) -> None:
    it.commit("mm: nothing")
    it.commit("mm: last", "last\n")
    series = it.range("v6.12..topic")
    assert [patch.subject for patch in series.patches][-1] == "mm: last"
    (left,) = series.left_out
    assert (left.subject, left.reason) == ("mm: nothing", "a commit that changes no file")


def test_merges_are_refused_by_name(it: Tree) -> None:
    git(it.top, "checkout", "-q", "main")
    (it.top / "other").write_text("x\n")
    git(it.top, "add", ".")
    it.commit("other")
    git(it.top, "merge", "-q", "--no-ff", "-m", "merge the topic", "topic")
    with pytest.raises(UsageError, match=r'1 merges? in the range: [0-9a-f]{12} \("merge the'):
        it.range("v6.12..main")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("topic..v6.12", "empty range"),
        ("topic..topic", "empty range"),
        ("v6.12..gone", "no commit 'gone'"),
        ("gone..topic", "no commit 'gone'"),
        ("v6.12:f.c..topic", "no kernel tree"),
    ],
)
def test_bad_ranges_are_refused_with_the_reason(it: Tree, text: str, word: str) -> None:
    with pytest.raises(UsageError, match=word):
        it.range(text)


def test_a_commit_alone_is_no_range(it: Tree) -> None:
    for text in ("topic", it.base):
        with pytest.raises(UsageError, match="no series"):
            it.load(text, tree=str(it.top))


def test_the_repositorys_own_configuration_changes_nothing(it: Tree) -> None:
    """diff.noprefix in a repository made patches that do not apply with -p1."""
    wanted = facts(it.range("v6.12..topic"))
    for key, value in {
        "diff.noprefix": "true",
        "diff.context": "0",
        "diff.interHunkContext": "9",
        "diff.renames": "copies",
        "diff.algorithm": "patience",
        "diff.external": "/bin/false",
        "format.signOff": "true",
        "format.coverLetter": "true",
        "format.attach": "x",
        "format.headers": "Organization: x",
        "format.subjectPrefix": "RFC",
        "format.numbered": "true",
        "format.thread": "deep",
        "format.useAutoBase": "true",
        "format.signature": "x",
        "format.outputDirectory": "out",
        "format.notes": "true",
        "color.ui": "always",
        "log.showSignature": "true",
    }.items():
        git(it.top, "config", key, value)
    assert facts(it.range("v6.12..topic")) == wanted


def test_a_hundred_patches_are_one_series(it: Tree) -> None:
    stream = b""
    for number in range(100):
        lines = "".join(f"line {n if n != number else -n}\n" for n in range(400))
        start = "" if number else f"from {it.base}\n"
        stream += (
            "commit refs/heads/long\ncommitter A <a@b.org> 1700000000 +0000\n"
            f"data 13\nmm: change it\n{start}M 644 inline long.c\ndata {len(lines)}\n{lines}\n"
        ).encode()
    git(it.top, "fast-import", "--quiet", stdin=stream)
    series = it.range("v6.12..long")
    assert [patch.number for patch in series.patches] == list(range(1, 101))
    assert len({patch.patch_id for patch in series.patches}) == 100
