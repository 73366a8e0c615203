# SPDX-License-Identifier: GPL-2.0-or-later
"""Series onto trees: every outcome, who wrote what, and where a patch does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import MailError
from patchtool.intake.load import Reference, load_series
from patchtool.tree import plumbing
from patchtool.tree.apply import AppliedSeries, Outcome, apply_series
from patchtool.tree.base.choose import choose_base
from patchtool.tree.history import History
from patchtool.tree.presence import Index, Presence
from patchtool.tree.repository import open_tree
from patchtool.tree.workspace import worktree
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.model import Series

MAKEFILE = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"
LINES = [f"line {number}\n" for number in range(1, 41)]


class Setting:
    """A user's tree with a base, and a series made on top of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.conf = Settings(cache=folder / "cache", data=folder / "data", state=folder / "state")
        self.top = folder / "linux"
        (self.top / "mm").mkdir(parents=True)
        self.write("Makefile", MAKEFILE)
        self.write("Kconfig", "config A\n")
        self.write("mm/x.c", "".join(LINES))
        self.write("mm/y.c", "int y;\n")
        self.write("mm/dos.c", "a\r\nb\r\nc\r\n")
        git(self.top, "init", "-q", "-b", "main")
        self.commit("base")
        git(self.top, "tag", "v6.12")

    def write(self, name: str, text: str) -> None:
        (self.top / name).write_bytes(text.encode())

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.top / name).read_bytes().decode()
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def commit(self, message: str) -> str:
        git(self.top, "add", "-A")
        git(self.top, "commit", "-q", "-m", message)
        return git(self.top, "rev-parse", "HEAD")

    def post(self, since: str = "v6.12", *options: str) -> Path:
        """Write the series as mails, and take the tree back to the base."""
        out = self.folder / "posted"
        git(self.top, "format-patch", "-q", "-o", str(out), *options, f"{since}..HEAD")
        git(self.top, "reset", "-q", "--hard", since)
        return out

    def series(self, source: Path) -> Series:
        return load_series(Reference(str(source)), self.conf, Silent())

    def apply(self, source: Path, rev: str | None = None) -> AppliedSeries:
        series, tree = self.series(source), open_tree(str(self.top), self.conf)
        base = choose_base(tree, series, rev, self.conf, Silent())
        with worktree(tree, base.commit, self.conf, Silent()) as work:
            self.path = work.path
            done = apply_series(series, base, work, Silent())
            assert git(work.path, "status", "--porcelain") == ""
            assert git(work.path, "rev-parse", "HEAD") == done.tip
            return done

    def show(self, applied: AppliedSeries, what: str) -> str:
        return git(self.path, "log", "-1", f"--format={what}", applied.tip)


@pytest.fixture
def it(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def outcomes(applied: AppliedSeries) -> list[Outcome]:
    return [patch.outcome for patch in applied.patches]


def forget_history(it: Setting) -> None:
    """Make the tree one that lacks the blobs which the series' index lines name."""
    git(it.top, "reflog", "expire", "--expire=now", "--all")
    git(it.top, "gc", "-q", "--prune=now")


def test_author_date_and_message_survive(it: Setting) -> None:
    it.edit("mm/x.c", "line 20", "line twenty")
    message = "mm: count ü pages\n\nFrom the start:\n\n  indented  code\n\nSigned-off-by: J <j@x>"
    it.commit(message)
    want = git(it.top, "log", "-1", "--format=%an|%ae|%ad|%B", "--date=raw")
    tree = git(it.top, "rev-parse", "HEAD^{tree}")
    applied = it.apply(it.post())
    assert outcomes(applied) == [Outcome.CLEAN]
    assert git(it.path, "log", "-1", "--format=%an|%ae|%ad|%B", "--date=raw") == want
    assert it.show(applied, "%cn <%ce>") == "patchtool <patchtool@localhost>"
    assert it.show(applied, "%ct") == it.show(applied, "%at")
    assert applied.patches[0].tree == tree
    assert applied.conflict is None


@pytest.mark.parametrize("name", ['John "J" Doe', "O'Brien, J (x)", "Li", "é", "x" * 61])
def test_unusual_authors_are_read_as_git_reads_them(it: Setting, name: str) -> None:
    it.edit("mm/x.c", "line 20", "line twenty")
    git(it.top, "commit", "-q", "-a", "-m", "one", GIT_AUTHOR_NAME=name)
    posted = it.post()
    applied = it.apply(posted)
    assert it.series(posted).patches[0].author == it.show(applied, "%an <%ae>")
    git(it.top, "am", "-q", str(posted / "0001-one.patch"))
    assert it.show(applied, "%an <%ae>") == git(it.top, "log", "-1", "--format=%an <%ae>")


def test_the_same_series_gives_the_same_commits(it: Setting, tmp_path: Path) -> None:
    it.edit("mm/x.c", "line 20", "line twenty")
    it.commit("one")
    it.edit("mm/y.c", "int y", "long y")
    it.commit("two")
    posted = it.post()
    first = it.apply(posted)
    assert outcomes(first) == [Outcome.CLEAN] * 2
    assert it.apply(posted) == first
    other = Settings(cache=tmp_path / "c2", data=tmp_path / "d2", state=tmp_path / "s2")
    it.conf = other
    assert it.apply(posted) == first


def test_a_mailbox_with_encoded_mails_applies(it: Setting) -> None:
    it.edit("mm/x.c", "line 20", "line zwänzig")
    it.commit("mm: ä change")
    posted = it.post("v6.12", "--attach")
    applied = it.apply(posted)
    assert outcomes(applied) == [Outcome.CLEAN]
    assert it.show(applied, "%s") == "mm: ä change"


def test_lines_with_carriage_returns_survive(it: Setting) -> None:
    it.edit("mm/dos.c", "b\r\n", "B\r\n")
    it.commit("dos")
    tree = git(it.top, "rev-parse", "HEAD^{tree}")
    assert it.apply(it.post()).patches[0].tree == tree


def test_a_whole_mail_with_crlf_applies(it: Setting) -> None:
    it.edit("mm/x.c", "line 20", "line twenty")
    it.commit("one")
    posted = it.post()
    (mail,) = posted.iterdir()
    mail.write_bytes(mail.read_bytes().replace(b"\n", b"\r\n"))
    assert outcomes(it.apply(posted)) == [Outcome.CLEAN]


def test_binary_files_modes_renames_and_links_apply(it: Setting) -> None:
    (it.top / "logo.bin").write_bytes(bytes(range(256)))
    git(it.top, "mv", "mm/y.c", "mm/z.c")
    (it.top / "mm/x.c").chmod(0o755)
    (it.top / "mm/link").symlink_to("../Kconfig")
    it.commit("all kinds")
    tree = git(it.top, "rev-parse", "HEAD^{tree}")
    applied = it.apply(it.post())
    assert applied.patches[0].tree == tree


def test_a_moved_base_is_merged_three_ways(it: Setting) -> None:
    it.edit("mm/x.c", "line 20", "line twenty")
    it.commit("one")
    posted = it.post()
    it.edit("mm/x.c", "line 18\n", "line eighteen\n")
    it.commit("moved")
    applied = it.apply(posted, "HEAD")
    assert outcomes(applied) == [Outcome.THREE_WAY]
    text = (it.path / "mm/x.c").read_text()
    assert "line eighteen" in text
    assert "line twenty" in text


def test_less_context_is_tried_only_without_blobs_and_said(it: Setting) -> None:
    it.edit("mm/x.c", "line 20", "line twenty")
    it.commit("one")
    posted = it.post()
    text = (it.top / "mm/x.c").read_text().replace("line 18\n", "line eighteen\n")
    git(it.top, "checkout", "-q", "--orphan", "fresh")
    it.write("mm/x.c", text)
    it.commit("other history")
    git(it.top, "tag", "-d", "v6.12")
    git(it.top, "branch", "-D", "main")
    forget_history(it)
    applied = it.apply(posted)
    assert outcomes(applied) == [Outcome.FUZZ]
    assert "1 of its lines" in applied.patches[0].detail
    assert "line twenty" in (it.path / "mm/x.c").read_text()


def test_what_is_there_already_is_said(it: Setting) -> None:
    it.edit("mm/x.c", "line 20", "line twenty")
    it.commit("one")
    it.edit("mm/y.c", "int y", "long y")
    it.commit("two")
    posted = it.post()
    it.edit("mm/x.c", "line 20", "line twenty")
    head = it.commit("one, in other words")
    applied = it.apply(posted, "HEAD")
    assert outcomes(applied) == [Outcome.PRESENT, Outcome.CLEAN]
    assert applied.patches[0].commit == head
    assert applied.patches[0].tree == applied.base_tree
    tree = open_tree(str(it.top), it.conf)
    with worktree(tree, head, it.conf, Silent()) as work:
        files = Index(work.path, it.conf, {}).files(["mm/x.c", "mm/y.c"])
    with plumbing.open_repository(tree.git_dir, it.conf) as repo:
        have = Presence(History(tree, it.conf, repo), head, {})
        there = [have.by_content(patch, files) for patch in it.series(posted).patches]
    assert there == [True, False]


def test_a_conflict_names_file_hunk_and_what_is_there_now(it: Setting) -> None:
    it.edit("mm/x.c", "line 3\n", "line three\n")
    it.edit("mm/x.c", "line 20\n", "line twenty\n")
    it.commit("one")
    it.edit("mm/y.c", "int y", "long y")
    it.commit("two")
    posted = it.post()
    it.edit("mm/x.c", "line 20\n", "line 19a\nline 20 changed\n")
    it.edit("mm/x.c", "line 1\n", "line 0\nline 1\n")
    it.commit("in the way")
    applied = it.apply(posted, "HEAD")
    assert outcomes(applied) == [Outcome.CONFLICT]
    patch = applied.conflict
    assert patch is not None
    assert (patch.number, patch.commit, patch.tree) == (1, None, None)
    assert applied.tip == applied.base.commit
    (conflict,) = patch.conflicts
    assert conflict.path == "mm/x.c"
    assert conflict.hunk.startswith("@@ -17,7 +17,7 @@")
    assert "line 20\n" in conflict.expected
    assert "22: line 20 changed" in conflict.found.splitlines()
    assert "CONFLICT" in patch.detail


def test_conflicts_of_whole_files_are_named(it: Setting) -> None:
    it.write("new.c", "int n;\n")
    (it.top / "mm/y.c").unlink()
    it.commit("one")
    posted = it.post()
    it.write("new.c", "int other;\n")
    (it.top / "mm/y.c").unlink()
    it.commit("in the way")
    applied = it.apply(posted, "HEAD")
    patch = applied.conflict
    assert patch is not None
    found = {conflict.path: conflict.found for conflict in patch.conflicts}
    assert found == {"mm/y.c": "the tree has no such file", "new.c": "the file exists"}


def test_the_conflict_of_a_later_patch_keeps_the_earlier_ones(it: Setting) -> None:
    it.edit("mm/y.c", "int y", "long y")
    it.commit("one")
    it.edit("mm/x.c", "line 20\n", "line twenty\n")
    it.commit("two")
    posted = it.post()
    it.edit("mm/x.c", "line 20\n", "line XX\n")
    it.commit("in the way")
    applied = it.apply(posted, "HEAD")
    assert outcomes(applied) == [Outcome.CLEAN, Outcome.CONFLICT]
    assert applied.tip == applied.patches[0].commit
    assert (it.path / "mm/y.c").read_text() == "long y;\n"
    assert outcomes(it.apply(posted, "HEAD")) == [Outcome.CLEAN, Outcome.CONFLICT]


def test_a_link_moved_to_where_it_leaves_the_tree_is_refused(it: Setting) -> None:
    (it.top / "mm/deep").mkdir()
    (it.top / "mm/deep/link").symlink_to("../../Kconfig")
    base = it.commit("link")
    git(it.top, "mv", "mm/deep/link", "link")
    it.commit("move it")
    posted = it.post(base, "-M")
    with pytest.raises(MailError, match="points out of the tree"):
        it.apply(posted)


def test_a_patch_through_a_link_does_not_apply(it: Setting) -> None:
    outside = it.folder / "outside"
    outside.mkdir()
    (outside / "f").write_text("a\n")
    (it.top / "out").symlink_to(outside)
    it.commit("a link in the user's own tree")
    mail = it.folder / "0001-x.patch"
    mail.write_text(
        "From: A <a@b.org>\nDate: Mon, 3 Feb 2025 10:00:00 +0100\nSubject: [PATCH] x\n\nx\n---\n"
        "diff --git a/out/f b/out/f\n--- a/out/f\n+++ b/out/f\n@@ -1 +1 @@\n-a\n+b\n"
    )
    assert outcomes(it.apply(mail)) == [Outcome.CONFLICT]
    assert (outside / "f").read_text() == "a\n"


def test_the_users_configuration_and_hooks_do_not_matter(
    it: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[commit]\n\tgpgSign = true\n[core]\n\tautocrlf = true\n[am]\n\tkeepcr = false\n"
        "[user]\n\tname = Somebody\n[apply]\n\twhitespace = fix\n[mailinfo]\n\tscissors = true\n"
        "[rerere]\n\tenabled = true\n"
    )
    it.edit("mm/x.c", "line 20\n", "line twenty  \n")
    it.commit("one\n\n-- >8 --\nfour")
    posted = it.post()
    first = it.apply(posted)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Somebody")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert it.apply(posted) == first
    assert ">8" in it.show(first, "%B")
    assert not (it.folder / "cache" / "clones").joinpath("rr-cache").exists()


def test_a_message_that_looks_like_a_mailbox_stays_one_commit(it: Setting) -> None:
    it.edit("mm/x.c", "line 20", "line twenty")
    text = "one\n\nquoted:\n\nFrom a@b.org Mon Sep 17 00:00:00 2001\nSubject: no\n\nend"
    it.commit(text)
    posted = it.post()
    (mail,) = posted.iterdir()
    series = it.series(posted) if mail.read_text().count("\nFrom a@b") == 0 else None
    if series is None:  # git does not escape it; as public-inbox does, so do we
        lines = mail.read_text().replace("\nFrom a@b", "\n>From a@b").split("\n")
        mail.write_text("\n".join(["From mboxrd@z Thu Jan  1 00:00:00 1970", *lines[1:]]))
    applied = it.apply(posted)
    assert outcomes(applied) == [Outcome.CLEAN]
    assert it.show(applied, "%B").rstrip() == text
