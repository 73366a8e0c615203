# SPDX-License-Identifier: GPL-2.0-or-later
"""Which commits change nothing that a build reads: never one that may change the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.bisect.between import between
from patchtool.bisect.unread import unread
from patchtool.build.kernel.dependencies import files_read
from patchtool.core.settings import Settings
from patchtool.tree.repository import open_tree
from tests.lib.planned_history import Planned, line, make_history

if TYPE_CHECKING:
    from pathlib import Path

READ = frozenset({"mm/a.c", "include/a.h", "old.h"})


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")


def test_only_what_cannot_change_the_image_is_left_out(conf: Settings, tmp_path: Path) -> None:
    changes: dict[int, dict[str, str | None]] = {
        0: {"mm/a.c": "", "include/a.h": "", "old.h": "", "drivers/b.c": "", "Documentation/x": ""},
        1: {"Documentation/x": "1"},
        2: {"mm/a.c": "1"},
        3: {"drivers/b.c": "1"},
        4: {"drivers/b.c": "2", "include/a.h": "1"},
        5: {"mm/Kconfig": "1"},
        6: {"drivers/net/Makefile": "1"},
        7: {"scripts/mkversion": "1"},
        8: {"include/new.h": "1"},
        9: {"include/new.h": "2"},
        10: {"include/new.h": None},
        11: {"Documentation/new.rst": "1"},
        12: {"drivers/Kconfig.debug": "1"},
        13: {"old.h": None},
        14: {"arch/arm/b": "1"},
    }
    tree = open_tree(str(make_history(tmp_path / "linux", line(15, changes))), conf)
    found = unread(between(tree, "c0", "main", conf), READ, tree, conf)
    assert {at + 1 for at in found} == {1, 3, 11, 14}


def test_merges_are_never_left_out(conf: Settings, tmp_path: Path) -> None:
    planned = [
        Planned("a", [], {"mm/a.c": ""}),
        Planned("b", ["a"], {"Documentation/b": ""}),
        Planned("c", ["a"], {"Documentation/c": ""}),
        Planned("m", ["b", "c"], {}),
    ]
    tree = open_tree(str(make_history(tmp_path / "linux", planned)), conf)
    commits = between(tree, "a", "main", conf)
    found = unread(commits, READ, tree, conf)
    assert {commits.subjects[commits.names[at]] for at in found} == {"change b", "change c"}


def test_what_was_read_is_in_kbuilds_own_files(tmp_path: Path) -> None:
    folder = tmp_path / "obj" / "mm"
    folder.mkdir(parents=True)
    (folder / ".a.o.cmd").write_text(
        "savedcmd_mm/a.o := /in/cc -I/src/include -include /src/include/linux/kconfig.h -o mm/a.o\n"
        "source_mm/a.o := /src/mm/a.c\n\ndeps_mm/a.o := \\\n  $(wildcard include/config/X) \\\n"
        "  /src/arch/x86/kernel/../include/asm/trace/fpu.h \\\n  include/generated/autoconf.h \\\n"
    )
    (folder / "b.d").write_text("mm/b.o: /src/mm/b.c \\\n /src/include/b.h\n")
    (folder / ".evil.cmd").symlink_to("/etc/passwd")
    (folder / "c.c").write_text("/src/not/read.c")
    read = files_read(tmp_path / "obj")
    assert set(read) == {
        "arch/x86/include/asm/trace/fpu.h", "include", "include/b.h", "include/linux/kconfig.h",
        "mm/a.c", "mm/b.c",
    }  # fmt: skip
