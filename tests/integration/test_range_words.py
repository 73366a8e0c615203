# SPDX-License-Identifier: GPL-2.0-or-later
"""A range went through a mail: subjects, messages and authors were lost or read otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import UsageError
from patchtool.intake.load import Reference, load_series
from patchtool.report import series_files
from patchtool.tree.apply import Outcome, apply_series
from patchtool.tree.base.choose import choose_base
from patchtool.tree.repository import open_tree
from patchtool.tree.workspace import worktree
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.model import Series

AUTHOR = b"Ann Author <ann@example.org> 1700000000 +0530"
QUOTED = b"""\
mm: quote a diff

The fix was:

diff --git a/f.c b/f.c
index 1111111..2222222 100644
--- a/f.c
+++ b/f.c
@@ -1 +1 @@
-line 1
+line one

and it was wrong.
"""
TABLE = b"mm: faster\n\n--- before\n+++ after\n  10   20\nIndex: of figures\n---\nbehind\n"
#: What a commit says: author, message, encoding.
WORDS = {
    "plain": (AUTHOR, b"mm: plain\n\nWhy.\n\nSigned-off-by: A <a@example.org>\n", b""),
    "media": (AUTHOR, b"[media] foo: bar\n\nWhy.\n", b""),
    "patch": (AUTHOR, b"[PATCH] mm: bar\n\nWhy.\n", b""),
    "brackets": (AUTHOR, b"[foo]\n\nWhy.\n", b""),
    "reply": (AUTHOR, b"Re: mm: bar\n\n[PATCH] no subject\n", b""),
    "quoted": (AUTHOR, QUOTED, b""),
    "table": (AUTHOR, TABLE, b""),
    "from": (AUTHOR, b"mm: x\n\nFrom: Else <else@example.org>\nSubject: y\n\nWhy.\n", b""),
    "box": (AUTHOR, b"mm: x\n\nFrom here on.\n>From there.\n" + b"From " + b"0" * 40 + b"\n", b""),
    "blanks": (AUTHOR, b"mm: x \n\nends in blanks  \n\n\n\nthree above\t\n\n\n", b""),
    "folded": (AUTHOR, b"mm: a subject\nof two lines\n\nWhy.\n", b""),
    "open": (AUTHOR, b"mm: no line end", b""),
    "empty": (AUTHOR, b"", b""),
    "latin": (
        b"J\xf6rg <j@example.org> 1700000000 +0100",
        b"mm: na\xefve\n\n\xfc\n",
        b"ISO-8859-1",
    ),
    "bytes": (AUTHOR, b"mm: na\xefve\n\n\xfc\n", b""),
    "utf-8": ("Jörg, Jr. <j@example.org> 1 -0000".encode(), "mm: naïve\n\nü\n".encode(), b""),
    "at": (b"a@b <ann@example.org> 1700000000 +0000", b"mm: x\n\nWhy.\n", b""),
    "long": (b"x" * 80 + b" <ann@example.org> 1700000000 +0000", b"mm: x\n", b""),
    "no-address": (b"Ann <> 1700000000 +0000", b"mm: x\n\nWhy.\n", b""),
    "scissors": (AUTHOR, b"mm: x\n\nabove\n-- >8 --\nbelow\n-- \nsigned\n", b""),
    "returns": (AUTHOR, b"mm: x\r\n\r\nWhy.\r\n", b""),
    "last": (AUTHOR, b"mm: last\n\nDone.\n", b""),
}


class Tree:
    """A kernel tree with a commit for each of :data:`WORDS`."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "linux"
        self.top.mkdir()
        self.conf = Settings(cache=folder / "cache", data=folder / "data", state=folder / "state")
        (self.top / "Makefile").write_text(
            "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"
        )
        (self.top / "Kconfig").write_text("config A\n")
        (self.top / "f.c").write_text("".join(f"line {number}\n" for number in range(1, 40)))
        git(self.top, "init", "-q", "-b", "main")
        git(self.top, "add", "-A")
        git(self.top, "commit", "-q", "-m", "base")
        git(self.top, "tag", "v6.12")
        self.commits = {}
        head = git(self.top, "rev-parse", "HEAD")
        for number, (name, words) in enumerate(WORDS.items(), 1):
            text = (self.top / "f.c").read_text()
            (self.top / "f.c").write_text(text.replace(f"line {number}\n", f"{name} {number}\n"))
            git(self.top, "add", "f.c")
            head = self.commits[name] = self.commit(head, *words)
        git(self.top, "branch", "topic", head)

    def commit(self, parent: str, author: bytes, message: bytes, encoding: bytes) -> str:
        head = f"tree {git(self.top, 'write-tree')}\nparent {parent}\n".encode()
        named = b"encoding " + encoding + b"\n" if encoding else b""
        whole = b"%sauthor %s\ncommitter %s\n%s\n%s" % (head, author, AUTHOR, named, message)
        return git(self.top, "hash-object", "-t", "commit", "-w", "--stdin", stdin=whole)

    def load(self, text: str) -> Series:
        return load_series(Reference(text), self.conf, Silent())

    def range(self) -> Series:
        return self.load(f"{self.top}:v6.12..topic")


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(tmp_path_factory.mktemp("range"))


def facts(series: Series) -> dict[str, tuple[object, ...]]:
    found = [(p.subject, p.message, p.author, p.patch_id, p.trailers) for p in series.patches]
    return dict(zip(WORDS, found, strict=True))


def test_it_says_what_the_commits_say(it: Tree) -> None:
    found = facts(it.range())
    for name, commit in it.commits.items():
        subject, author = (
            git(it.top, "log", "-1", "--encoding=UTF-8", f"--format={form}", commit)
            for form in ("%s", "%an <%ae>")
        )
        body = git(it.top, "log", "-1", "--encoding=UTF-8", "--format=%b", commit)
        shown = git(it.top, "diff-tree", "-p", "--full-index", commit).encode()
        patch_id = git(it.top, "patch-id", "--stable", stdin=shown).split()[0]
        if name == "bytes":  # said to be UTF-8, and not
            subject, body = "mm: naïve", "ü"
        if name == "returns":
            subject, body = "mm: x", "Why.\r"
        assert (name, *found[name][:4]) == (name, subject, body.strip("\n"), author, patch_id)


def test_a_commit_made_of_it_says_the_same(it: Tree) -> None:
    series, tree = it.range(), open_tree(str(it.top), it.conf)
    base = choose_base(tree, series, "v6.12", it.conf, Silent())
    with worktree(tree, base.commit, it.conf, Silent()) as work:
        done = apply_series(series, base, work, Silent())
        assert [patch.outcome for patch in done.patches] == [Outcome.CLEAN] * len(WORDS)
        for name, made in zip(WORDS, done.patches, strict=True):
            assert made.commit is not None
            head, _, message = _commit(work.path, made.commit)
            want, _, wanted = _commit(it.top, it.commits[name])
            assert (name, message) == (name, wanted)
            assert (name, _field(head, b"author")) == (name, _field(want, b"author"))
            assert (name, _field(head, b"encoding")) == (name, _field(want, b"encoding"))
            time = _field(head, b"author").rpartition(b">")[2]
            assert _field(head, b"committer") == b"patchtool <patchtool@localhost>" + time
        assert done.patches[-1].tree == git(it.top, "rev-parse", "topic^{tree}")
        assert git(work.path, "rev-parse", "HEAD") == done.tip


def _commit(top: Path, name: str) -> tuple[bytes, bytes, bytes]:
    return (
        git(top, "cat-file", "commit", f"{name}")
        .encode(errors="surrogateescape")
        .partition(b"\n\n")
    )


def _field(head: bytes, name: bytes) -> bytes:
    return dict(line.partition(b" ")[::2] for line in head.split(b"\n")).get(name, b"")


def test_it_is_kept_with_all_it_says(it: Tree, tmp_path: Path) -> None:
    series = it.range()
    files = series_files.series_files(series)  # of a bundle
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    again = it.load(str(tmp_path))
    assert facts(again) == facts(series)
    assert again.digest == series.digest
    assert [patch.cut for patch in again.patches] == [patch.cut for patch in series.patches]
    assert "0001-patch.commit" not in files  # a mail gives back all of the plain one
    assert [patch.commit for patch in again.patches] == [patch.commit for patch in series.patches]


def test_a_mail_in_the_form_of_a_kept_one_is_believed_in_nothing_else(
    it: Tree, tmp_path: Path
) -> None:
    files = series_files.kept_files(it.range())
    names = [name for name in files if name.endswith(".patch")]
    (tmp_path / "all.mbox").write_bytes(b"\n".join(files[name] for name in names))
    found = facts(it.load(str(tmp_path / "all.mbox")))
    assert found["media"][0] == "foo: bar"  # as git am reads it
    assert [ids[3] for ids in found.values()] == [ids[3] for ids in facts(it.range()).values()]


def test_a_range_from_a_root_has_no_base(it: Tree) -> None:
    git(it.top, "branch", "-f", "other", _root(it))
    series = it.load(f"{it.top}:topic..other")
    assert [patch.subject for patch in series.patches] == ["a root"]
    assert series.dependencies == ()
    assert [diff.old_path for diff in series.patches[0].files] == [None] * 3


def _root(it: Tree) -> str:
    return git(it.top, "commit-tree", "v6.12^{tree}", "-m", "a root")


def test_a_signature_is_not_read_for_headers(it: Tree) -> None:
    """A line of it that begins with a word of git's was one."""
    head, _, message = _commit(it.top, "topic")
    signed = head + b"\ngpgsig -----BEGIN\n parent 1234\n author X <x@y.z> 1 +0000\n -----END"
    whole = signed + b"\n\n" + message
    name = git(it.top, "hash-object", "-t", "commit", "-w", "--stdin", stdin=whole)
    git(it.top, "branch", "-f", "signed", name)
    (patch,) = it.load(f"{it.top}:topic~1..signed").patches
    assert (patch.subject, patch.author) == ("mm: last", "Ann Author <ann@example.org>")


def test_a_merge_is_named_as_git_names_it(it: Tree) -> None:
    tree = git(it.top, "write-tree")
    parents = ("-p", "topic", "-p", _root(it))
    git(it.top, "branch", "-f", "merged", git(it.top, "commit-tree", tree, *parents, "-m", "[m] x"))
    with pytest.raises(UsageError, match=r'1 merge in the range: [0-9a-f]{12} \("\[m\] x"\)'):
        it.load(f"{it.top}:v6.12..merged")
