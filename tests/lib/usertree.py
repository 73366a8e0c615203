# SPDX-License-Identifier: GPL-2.0-or-later
"""A user's kernel tree with a history, and series that were made on it and posted."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from patchtool.commands.options import Context
from patchtool.commands.series_base import command
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

MAKEFILE = "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION =\n"
LINES = "".join(f"line {number}\n" for number in range(1, 61))
DAY = 86400
START = 1_700_000_000


class Tree:
    """A user's tree whose clock moves on a day with each commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.top = folder / "linux"
        self.top.mkdir()
        self.days = 0
        self.git("init", "-q", "-b", "main")
        self.write("Makefile", MAKEFILE)
        self.write("Kconfig", "config A\n")
        self.write("mm/x.c", LINES)
        self.write("mm/y.c", LINES.replace("line", "row"))
        self.commit("start")
        self.git("tag", "v6.1")

    def git(self, *words: str) -> str:
        when = f"@{START + self.days * DAY} +0000"
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
            **{
                f"GIT_{who}_{what}": "u@example.org"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
        }
        done = subprocess.run(
            ["git", *words], cwd=self.top, env=env, check=True, capture_output=True, text=True
        )
        return done.stdout.rstrip("\n")

    def write(self, name: str, text: str) -> None:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.top / name).read_bytes().decode()
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def commit(self, subject: str) -> str:
        self.days += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def change(self, name: str, old: str, new: str, subject: str) -> str:
        self.edit(name, old, new)
        return self.commit(subject)

    def post(self, since: str, *options: str) -> Path:
        """Write the commits since *since* as mails, and forget them: they were never here."""
        out = self.folder / "posted"
        self.git("format-patch", "-q", "-o", str(out), *options, f"{since}..HEAD")
        self.git("reset", "-q", "--hard", since)
        return out

    def forget(self) -> None:
        """Remove the objects that no branch and no tag has."""
        self.git("reflog", "expire", "--expire=now", "--all")
        self.git("gc", "-q", "--prune=now")

    def state(self) -> list[tuple[str, bytes]]:
        """Everything that is in the tree, git's own files included."""
        files = (path for path in self.top.rglob("*") if path.is_file())
        return sorted((str(path), path.read_bytes()) for path in files)

    @property
    def conf(self) -> Settings:
        """The settings of the user."""
        base = self.folder
        return Settings(cache=base / "cache", data=base / "data", state=base / "state")

    def run(self, source: Path, *options: str, status: int = 0) -> str:
        """The command's output."""
        words = [str(source), "--tree", str(self.top), *options]
        return self.call(*words, status=status)

    def call(self, *words: str, status: int = 0) -> str:
        runner = CliRunner()
        obj = Context(self.conf, Silent())
        done = runner.invoke(command, words, obj=obj, standalone_mode=False)
        if done.exception:
            raise done.exception
        assert done.return_value == status, done.output
        return done.output

    def ask(self, source: Path, *options: str, status: int = 0) -> dict[str, Any]:
        """The command's JSON."""
        found = json.loads(self.run(source, "--json", *options, status=status))
        assert isinstance(found, dict)
        return found


def on_x(it: Tree) -> None:
    """A patch to the middle of x.c."""
    it.change("mm/x.c", "line 30\n", "line thirty\n", "mm: x: thirty")


def needing(it: Tree) -> tuple[str, Path]:
    """A series that says it needs another patch first; its base commit, and the mails."""
    base = it.change("mm/y.c", "row 5\n", "row five\n", "y")
    it.change("mm/x.c", "line 29\n", "line twenty-nine\n", "mm: x: needed first")
    needed = it.git("rev-parse", "HEAD")
    on_x(it)
    source = it.post(needed, f"--base={base}")
    it.git("reset", "-q", "--hard", base)
    it.forget()
    return base, source
