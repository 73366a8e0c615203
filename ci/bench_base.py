# SPDX-License-Identifier: GPL-2.0-or-later
"""How long ``patchtool series base`` takes in a repository with 100,000 commits."""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from patchtool.tree.base.belonging import find_base
from patchtool.tree.repository import open_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.tree.base.belonging import Belonging

COMMITS = 100_000
FOLDERS, FILES, LINES = 60, 4_000, 60
TAG_EVERY, SIDE_EVERY, SIDE_LENGTH = 1_000, 40, 6
START, STEP = 1_300_000_000, 900  # seconds
PATCHES = 10
MAIN, SIDE = "refs/heads/main", "refs/side"


class Writer:
    """Writes a history for ``git fast-import``: a main line, and side branches it merges."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.dice = random.Random(7)  # noqa: S311 (a benchmark's repository is no secret)
        self.files = [
            [b"int f%d_%d(int a);" % (number, line) for line in range(LINES)]
            for number in range(FILES)
        ]
        self.count = 0

    def path(self, number: int) -> str:
        """Where a file is; some folders hold far more than others, as in a kernel."""
        return f"drivers/sub{number % FOLDERS}/part{number % 7}/file{number}.c"

    def commit(self, ref: str, numbers: list[int], merge: int = 0, subject: str = "") -> None:
        """One commit on *ref* with the files *numbers* as they are now; its mark is its count."""
        self.count += 1
        when = START + self.count * STEP
        message = (subject or f"sub{self.count % FOLDERS}: change {self.count}").encode()
        write = self.out.write
        write(b"commit %b\nmark :%d\n" % (ref.encode(), self.count))
        write(b"committer B <b@example.org> %d +0000\ndata %d\n" % (when, len(message)))
        write(message + b"\n")
        if merge:
            write(b"merge :%d\n" % merge)
        for number in numbers:
            content = b"\n".join(self.files[number]) + b"\n"
            write(b"M 100644 inline %b\n" % self.path(number).encode())
            write(b"data %d\n%b\n" % (len(content), content))

    def edit(self, number: int) -> None:
        """Change a line of a file, or insert one."""
        lines = self.files[number]
        at = self.dice.randrange(len(lines))
        text = b"int g%d_%d(long b);" % (number, self.count)
        if self.dice.random() < 0.1:
            lines.insert(at, text)
        else:
            lines[at] = text

    def some(self) -> list[int]:
        """The files of a commit: one to three, a few of them far more often than others."""
        count = self.dice.choice([1, 1, 2, 3])
        return sorted({int(FILES * self.dice.random() ** 1.5) for _ in range(count)})

    def history(self, commits: int) -> None:
        """The whole of it."""
        self.commit(MAIN, list(range(FILES)))
        released = 0
        while self.count < commits:
            if self.count % SIDE_EVERY == 1:
                self.side()
            numbers = self.some()
            for number in numbers:
                self.edit(number)
            self.commit(MAIN, numbers)
            if self.count // TAG_EVERY > released:
                released += 1
                self.branch(f"refs/tags/v{3 + released // 20}.{released % 20}", self.count)

    def side(self) -> None:
        """A branch of a few commits, and its merge; the main line moves meanwhile."""
        touched: set[int] = set()
        self.branch(SIDE, self.count)
        for _ in range(SIDE_LENGTH):
            numbers = self.some()
            for number in numbers:
                self.edit(number)
            touched |= set(numbers)
            self.commit(SIDE, numbers)
        tip = self.count
        other = self.dice.choice([number for number in range(FILES) if number not in touched])
        self.edit(other)
        self.commit(MAIN, [other])
        self.commit(MAIN, sorted(touched), tip, f"Merge branch 'side-{tip}'")

    def branch(self, ref: str, commit: int) -> None:
        """Point a ref at a commit."""
        self.out.write(b"reset %b\nfrom :%d\n\n" % (ref.encode(), commit))


def git(cwd: Path, *words: str, date: str = "") -> str:
    """Run git as its own user."""
    who = {
        f"GIT_{who}_{what}": "b@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", **who}
    if date:
        env |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    done = subprocess.run(["git", *words], cwd=cwd, env=env, check=True, capture_output=True)  # noqa: S607 (as its user would)
    return done.stdout.decode().strip()


def repository(folder: Path, commits: int = COMMITS) -> Path:
    """A bare repository with that many commits."""
    git(folder, "init", "-q", "--bare", "-b", "main", "history.git")
    made = folder / "history.git"
    words = ["git", "fast-import", "--quiet", "--force"]
    with subprocess.Popen(words, cwd=made, stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        Writer(importer.stdin).history(commits)
        importer.stdin.close()
    assert importer.returncode == 0
    git(made, "update-ref", "-d", SIDE)
    return made


def posted(repo: Path, folder: Path, base: str, date: str) -> Path:
    """A series of ten patches made on *base*, of which the tree keeps no commit."""
    work = folder / "work"
    git(folder, "clone", "-q", "--shared", "--no-checkout", str(repo), str(work))
    git(work, "sparse-checkout", "set", "drivers/sub0", "drivers/sub1", "drivers/sub2")
    git(work, "checkout", "-q", "--detach", base)
    files = work.glob("drivers/sub[012]/*/*.c")
    hot = sorted(files, key=_number)[:PATCHES]
    for number, path in enumerate(hot):
        lines = path.read_text(encoding="ascii").splitlines()
        lines[len(lines) // 2 : len(lines) // 2] = [f"int added_{number}(void);"]
        path.write_text("\n".join(lines) + "\n", encoding="ascii")
        git(work, "commit", "-q", "-a", "-m", f"patch {number + 1}", date=date)
    out = folder / "posted"
    git(work, "format-patch", "-q", "-o", str(out), f"{base}..HEAD")
    return out


def _number(path: Path) -> int:
    return int(path.stem.removeprefix("file"))


def measure(repo: Path, folder: Path, base: str, date: str) -> tuple[float, Belonging]:
    """Seconds to find the place of a series made on *base* and sent at *date*; the place."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        here = Path(name)
        conf = Settings(cache=here / "cache", data=here / "data", state=here / "state")
        source = posted(repo, here, base, date)
        begin = time.monotonic()
        series = load_series(Reference(str(source)), conf, Silent())
        found = find_base(series, open_tree(str(repo), conf), None, conf, Silent())
        return time.monotonic() - begin, found


def bench(say: Callable[[str, str, str], None]) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="patchtool-bench-") as name:
        folder = Path(name)
        repo = repository(folder)
        cases = (("made 2,000 commits ago", 2_000), ("made 50,000 commits ago", 50_000))
        for text, age in cases:
            base = git(repo, "rev-parse", f"main~{age * 5 // 6}")
            date = git(repo, "log", "-1", "--format=%cI", base)
            _report(say, text, measure(repo, folder, base, date))
        _report(say, "as above, its date lost", measure(repo, folder, base, "2026-01-01T00:00:00Z"))


def _report(
    say: Callable[[str, str, str], None], text: str, result: tuple[float, Belonging]
) -> None:
    seconds, found = result
    right = found.base is not None and found.evidence is not None and found.evidence.whole
    assert right, "the base was not found"
    say(f"series base, {PATCHES} patches, {text}", f"{seconds:.1f} s", "10 s")


def main() -> None:
    """Run it alone."""
    bench(lambda what, figure, goal: print(f"{what:52} {figure:>24}   goal: {goal}"))  # noqa: T201


if __name__ == "__main__":
    main()
