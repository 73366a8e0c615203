# SPDX-License-Identifier: GPL-2.0-or-later
"""A small kernel tree with a history of its own, and series made on top of it, to be linted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from patchtool.lint.checks import lint
from patchtool.lint.kernel import CHECKPATCH, GET_MAINTAINER, at_base
from patchtool.tree.base.choose import choose_base
from patchtool.tree.repository import open_tree
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.lint.findings import Finding

TOP = Path(__file__).resolve().parents[2]
MAKEFILE = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"
#: What the kernel's scripts look for to know that they are in a kernel.
FILES = ("COPYING", "CREDITS", "Kbuild", "README", "Kconfig")
FOLDERS = (
    "Documentation",
    "arch",
    "include",
    "drivers",
    "fs",
    "init",
    "ipc",
    "kernel",
    "lib",
    "mm",
)
MAINTAINERS = """\
List of maintainers
-------------------

MEMORY COUNTING
M:	Mary Maintainer <mary@example.org>
R:	Rob Reviewer <rob@example.org>
L:	mm-list@example.org
S:	Maintained
F:	mm/

THE REST
L:	all-list@example.org
S:	Buried alive in reporters
F:	*
F:	*/
"""
ME = "Jörg Doe, Jr <j@example.org>"
SIGNED = "Signed-off-by: Jörg Doe, Jr <j@example.org>"
LINES = [f"int line_{number};\n" for number in range(1, 41)]


class Setting:
    """A small kernel tree with a history of its own, and a series made on top of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.conf = Settings(cache=folder / "cache", data=folder / "data", state=folder / "state")
        self.top = folder / "linux"
        self.top.mkdir()
        for name in FILES:
            self.write(name, "x\n")
        for name in (*FOLDERS, "scripts"):
            self.write(f"{name}/README", "x\n")
        self.write("Makefile", MAKEFILE)
        self.write("MAINTAINERS", MAINTAINERS)
        self.write("mm/count.c", "".join(LINES))
        git(self.top, "init", "-q", "-b", "main")
        self.commit("Import all of it")

    def grow(self) -> None:
        """Give mm/count.c a history in which every subject starts with `mm/count:`."""
        for number in range(1, 8):
            self.edit(f"line_{number};", f"line_{number}, more_{number};")
            self.commit(f"mm/count: add number {number} ({number})")
        git(self.top, "tag", "v6.12")

    def add_scripts(self, scripts: Path) -> None:
        for path in scripts.rglob("*"):
            if path.is_file() and path.stat().st_size:
                self.write(str(path.relative_to(scripts)), path.read_text(encoding="utf-8"))
        for script in (CHECKPATCH, GET_MAINTAINER):
            (self.top / script).chmod(0o755)
        self.commit("scripts: add them")
        git(self.top, "tag", "-f", "v6.12")

    def write(self, name: str, text: str) -> None:
        (self.top / name).parent.mkdir(parents=True, exist_ok=True)
        (self.top / name).write_text(text, encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        path = self.top / "mm/count.c"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def commit(self, message: str) -> str:
        git(self.top, "add", "-A")
        git(self.top, "commit", "-q", "-m", message)
        return git(self.top, "rev-parse", "HEAD")

    def change(self, subject: str, *body: str, line: int = 20, new: str = "") -> str:
        self.edit(f"line_{line};", new or f"changed_{line};")
        return self.commit("\n".join([subject, "", *body, SIGNED]))

    def post(self, *options: str) -> Path:
        out = self.folder / "posted"
        git(self.top, "format-patch", "-q", "-o", str(out), *options, "v6.12..HEAD")
        git(self.top, "reset", "-q", "--hard", "v6.12")
        return out

    def lint(self, source: Path, only: Sequence[str] = (), tree: str = "") -> list[Finding]:
        series = load_series(Reference(str(source)), self.conf, Silent())
        found = open_tree(tree or str(self.top), self.conf)
        base = choose_base(found, series, None, self.conf, Silent())
        with at_base(series, found, base, self.conf, Silent()) as kernel:
            return list(lint(series, kernel, only))

    def environment(self, **more: str) -> dict[str, str]:
        """What a program gets that runs patchtool in the tree."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(TOP),
            "PATCHTOOL_CACHE": str(self.conf.cache),
            "PATCHTOOL_DATA": str(self.conf.data),
            "PATCHTOOL_STATE": str(self.conf.state),
            **more,
        }


def made(folder: Path) -> Setting:
    """Such a tree in *folder*, with a history."""
    setting = Setting(folder)
    setting.grow()
    return setting


def ids(findings: Sequence[Finding]) -> list[str]:
    """The ids of findings, in order."""
    return [finding.id for finding in findings]
