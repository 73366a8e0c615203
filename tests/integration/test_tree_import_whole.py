# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel tree that is not whole is recognised when it is imported, and before it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.core.store import Store
from patchtool.errors import UsageError
from patchtool.tree.base.choose import choose_base
from patchtool.tree.repository import import_tree, list_trees, open_tree
from patchtool.tree.whole import check_base
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "Makefile": "VERSION = 3\nPATCHLEVEL = 6\nSUBLEVEL = 5\nEXTRAVERSION =\n",
    "Kconfig": "config A\n",
    "arch/x86/kernel/Makefile": "obj-y := head_64.o time.o\n",
    "arch/x86/kernel/head_64.S": "\n",
    "arch/x86/kernel/time.c": "\n",
    "net/netfilter/Makefile": "obj-$(CONFIG_A) += xt_DSCP.o xt_dscp.o\n",
    "net/netfilter/xt_DSCP.c": "\n",
    "net/netfilter/xt_dscp.c": "\n",
}
LOST, KEPT = "net/netfilter/xt_DSCP", "net/netfilter/xt_dscp.c"


class Notes(Silent):
    """Remembers what a person would have been told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    top = tmp_path / "linux-3.6.5"
    for name, text in FILES.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return top


def test_a_whole_tree_is_imported_without_a_word(source: Path, conf: Settings) -> None:
    told = Notes()
    assert import_tree(source, conf, told).name == "linux-3.6.5"
    assert told.notes == []


def test_a_folder_without_assembler_sources_is_refused(source: Path, conf: Settings) -> None:
    (source / "arch/x86/kernel/head_64.S").unlink()
    with pytest.raises(UsageError) as caught:
        import_tree(source, conf, Silent())
    assert "no assembler source (*.S) below arch/x86/" in str(caught.value)
    assert "arch/x86/kernel/head_64" in str(caught.value)
    assert list_trees(conf) == ()


def test_a_folder_with_windows_line_ends_is_refused(source: Path, conf: Settings) -> None:
    for name, text in FILES.items():
        (source / name).write_bytes(text.replace("\n", "\r\n").encode())
    with pytest.raises(UsageError, match="CRLF in 3 of 3 makefiles"):
        import_tree(source, conf, Silent())


def test_what_a_file_system_lost_is_noted_and_the_tree_imported(
    source: Path, conf: Settings
) -> None:
    (source / "net/netfilter/xt_DSCP.c").unlink()
    (source / "net/modules.order").write_text("")
    told = Notes()
    assert import_tree(source, conf, told).name == "linux-3.6.5"
    assert [text.partition(": ")[2] for text in told.notes] == [
        f"files that makefiles name are missing: {LOST} (there is {KEPT})",
        "products of a build are among the sources: net/modules.order",
    ]


def test_a_git_tree_is_judged_by_the_commit_that_is_built(source: Path, conf: Settings) -> None:
    """The first commit of a public 3.6.5 repository lacks all *.S files; its second is whole."""
    head = source / "arch/x86/kernel/head_64.S"
    text = head.read_text()
    head.unlink()
    git(source, "init", "-q", "-b", "main")
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "one")
    git(source, "tag", "bad")
    head.write_text(text)
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "two")
    store, tree = Store(conf.cache / "store"), open_tree(str(source), conf)
    good = choose_base(tree, None, None, conf, Silent())
    check_base(tree, good, conf, store, Silent())
    bad = choose_base(tree, None, "bad", conf, Silent())
    for _ in range(2):
        with pytest.raises(UsageError, match=r"linux-3.6.5 at bad: .*cannot be built"):
            check_base(tree, bad, conf, store, Silent())
    git(source, "checkout", "-q", "bad")
    told = Notes()
    assert import_tree(source, conf, told).name == "linux-3.6.5"
    assert "at HEAD: there is no assembler source" in told.notes[0]


def test_notes_are_told_again_from_the_store(source: Path, conf: Settings) -> None:
    (source / "net/netfilter/xt_DSCP.c").unlink()
    git(source, "init", "-q", "-b", "main")
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "one")
    store, tree = Store(conf.cache / "store"), open_tree(str(source), conf)
    base = choose_base(tree, None, None, conf, Silent())
    first, second = Notes(), Notes()
    check_base(tree, base, conf, store, first)
    check_base(tree, base, conf, store, second)
    assert first.notes == second.notes != []
