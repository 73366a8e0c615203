# SPDX-License-Identifier: GPL-2.0-or-later
"""A user of patchtool with a kernel tree in miniature, a series for it, and caches of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Sequence

TOP = Path(__file__).resolve().parents[2]
#: Each patch of the series: file, what it replaces, by what.
PATCHES = (
    (
        "mm/Kconfig",
        "config NEVER\n",
        'config COMPACTION_NOISE\n\tbool "Count noise"\n\tdepends on COMPACTION\n\nconfig NEVER\n',
    ),
    ("mm/compaction.c", "\treturn order;", "\torder++;\n\treturn order;"),
    ("mm/compaction.c", "\torder++;", "\torder += 2;"),
    ("mm/vmstat.c", "[PGFREE]++", "[PGFREE] += 2"),
    ("mm/compaction.c", "\torder += 2;", "\torder += 3;"),
)
MANIFEST = """\
title = "mm: compact a little more"
revision = 1
patches = [{patches}]
[base]
tag = "v6.12"
[kconfig]
options = ["COMPACTION_NOISE"]
[kconfig.requires]
{requires}
[tests]
modules = ["test_boot.py"]
"""


@dataclass
class Bench:
    """A user with a kernel tree, a series, and caches of their own."""

    folder: Path
    tree: Path
    env: dict[str, str]

    def git(self, *words: str) -> str:
        return git(self.tree, *words)

    def series(
        self,
        patches: Sequence[tuple[str, str, str]] = PATCHES,
        requires: str = 'COMPACTION = "y"',
    ) -> Path:
        """Make a series folder of the patches, and leave the tree as it was."""
        base = self.git("rev-parse", "HEAD").strip()
        self.git("checkout", "-q", "--detach")
        for number, (name, old, new) in enumerate(patches, 1):
            path = self.tree / name
            text = path.read_text()
            assert old in text
            path.write_text(text.replace(old, new))
            self.git("commit", "-qam", f"mm: step {number}\n\nSigned-off-by: A <a@example.org>")
        folder = self.folder / "series"
        shutil.rmtree(folder, ignore_errors=True)
        self.git("format-patch", "-q", "-o", str(folder), base)
        self.git("checkout", "-q", "master")
        names = ", ".join(f'"{path.name}"' for path in sorted(folder.glob("*.patch")))
        (folder / "series.toml").write_text(MANIFEST.format(patches=names, requires=requires))
        return folder

    def other_tree(self, name: str, old: str, new: str) -> Path:
        """A copy of the tree whose release has other text in mm/vmstat.c.

        As of an imported tarball there is no history in which another base could be found.
        """
        copy = self.folder / name
        shutil.copytree(self.tree, copy)
        path = copy / "mm/vmstat.c"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        git(copy, "commit", "-q", "--amend", "-am", "mm: as this release has it")
        git(copy, "tag", "-f", "v6.12")
        return copy

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "patchtool", "--progress", "plain", *words]

    def run(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*words), env={**self.env, **extra}, capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip

    def job(self, *words: str) -> tuple[str, ...]:
        out = str(self.folder / f"run-{time.monotonic_ns()}")
        where = ("--tree", str(self.tree), "--no-tests", "--out", out)
        return ("apply-and-test", str(self.folder / "series"), *where, *words)

    def report(self) -> dict[str, Any]:
        newest = max(self.folder.glob("run-*"), key=lambda path: path.name)
        found: dict[str, Any] = json.loads((newest / "report.json").read_text())
        return found

    def leftovers(self) -> list[str]:
        """Processes and containers of this bench."""
        mark = str(self.folder)
        left = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:
                    continue
                if mark in words:
                    left.append(words)
        return left


def wait_for_images(bench: Bench, count: int, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 300
    while len(list((bench.folder / "cache/store/image").glob("[!.]*/value.json"))) < count:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)


def hear_interrupts() -> None:
    """Undo what a shell does to the programs it runs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
