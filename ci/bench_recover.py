# SPDX-License-Identifier: GPL-2.0-or-later
"""Damages file diffs of a real history and measures how many are recovered, and how well.

Usage: python ci/bench_recover.py REPO [-n 500] [--mode folded|lines|true] [--show]
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING

from ci import damage
from patchtool.errors import SeriesError
from patchtool.recover.fill import Filled, fill
from patchtool.recover.sheet import Donors
from patchtool.recover.structure import HunkLine, Structure, StructuredHunk, structures
from patchtool.series.diff import parse_diff
from patchtool.series.file_diff import FileDiff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SEED = 20120821
DIGITS = 7
Mode = str


@dataclass(frozen=True, slots=True)
class Sample:
    """A file diff of a real history.

    Attributes:
        name: Commit and path.
        diff: From its ``diff --git`` line on.
        base: The old file, empty for a new one.
        after: The new file.
    """

    name: str
    diff: bytes
    base: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sample."""

    sample: Sample
    filled: Filled | None
    seconds: float
    structure: bool
    exact: bool
    right: bool
    note: str = ""


def git(repository: Path, *words: str, given: bytes = b"") -> bytes:
    """What git prints."""
    argv = ["git", "-C", str(repository), *words]
    return subprocess.run(argv, input=given, stdout=subprocess.PIPE, check=True).stdout


def samples(repository: Path, count: int, seed: int = SEED) -> list[Sample]:
    """Draw *count* diffs of C files that were added or modified, at most two of a commit."""
    commits = git(repository, "rev-list", "--no-merges", "HEAD").decode().split()
    chosen = random.Random(seed)  # noqa: S311 - a sample, not a secret
    chosen.shuffle(commits)
    found: list[Sample] = []
    for commit in commits:
        raw = git(repository, "diff-tree", "--root", "--no-commit-id", "-r", "--raw", "-z",
                  "--no-renames", "--abbrev=40", commit).split(b"\0")  # fmt: skip
        files = [
            (head.split(), path)
            for head, path in zip(raw[::2], raw[1::2], strict=False)
            if path.endswith((b".c", b".h")) and head.split()[4] in (b"A", b"M")
        ]
        files = [
            entry for entry in files if entry[0][2] != entry[0][3] and entry[0][1][:3] == b"100"
        ]
        for head, path in chosen.sample(files, min(2, len(files))):
            name = path.decode()
            diff = git(repository, "diff-tree", "--root", "--no-commit-id", "-p", "--no-renames",
                       f"--abbrev={DIGITS}", commit, "--", name)  # fmt: skip
            if b"\n@@ " not in diff:
                continue
            new = head[4] == b"A"
            base = b"" if new else git(repository, "cat-file", "blob", head[2].decode())
            after = git(repository, "cat-file", "blob", head[3].decode())
            found.append(Sample(f"{commit[:12]}:{name}", diff, base, after))
            if len(found) == count:
                return found
    return found


def abbreviated(diff: FileDiff) -> FileDiff:
    """*diff* with its blob hashes cut to DIGITS, also where git printed more."""
    old, new = (blob and blob[:DIGITS] for blob in (diff.old_blob, diff.new_blob))
    return FileDiff(diff.old_path, diff.new_path, old, new, diff.new_mode, diff.hunks)


def true_structure(sample: Sample) -> Structure:
    """The structure as it was before the damage."""
    diff = abbreviated(parse_diff(sample.diff, sample.name)[0])
    hunks = []
    for hunk in diff.hunks:
        lines = []
        for line in hunk.lines:
            mark, text = line[:1], line[1:]
            if mark == b"\\":
                continue
            pieces = tuple(text.split())
            indented = bool(pieces) and text[:1].isspace()
            if mark == b"+":
                lines.append(HunkLine("+", pieces, indented, None))
            else:
                lines.append(HunkLine("-" if mark == b"-" else " ", pieces, indented, text))
        hunks.append(
            StructuredHunk(hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count,
                           hunk.section, tuple(lines))
        )  # fmt: skip
    return Structure(diff.old_path, diff.new_path, diff.old_blob, diff.new_blob, diff.new_mode,
                     tuple(hunks), sample.base)  # fmt: skip


def shape(structure: Structure) -> list[list[tuple[str, tuple[bytes, ...]]]]:
    """What a structure must have right."""
    return [[(line.mark, line.pieces) for line in hunk.lines] for hunk in structure.hunks]


def structured(sample: Sample, mode: Mode) -> Sequence[Structure]:
    """The structures recovered from the damaged diff."""
    if mode == "true":
        return [true_structure(sample)]
    text = damage.folded(sample.diff) if mode == "folded" else damage.line_by_line(sample.diff)
    try:
        return structures(text, sample.base)
    except SeriesError:
        return ()


def recovered(sample: Sample, mode: Mode) -> Outcome:
    """Damage and recover one sample."""
    truth = shape(true_structure(sample))
    begin = time.process_time()
    readings = structured(sample, mode)
    if not readings:
        return Outcome(
            sample, None, time.process_time() - begin, False, False, False, "no structure"
        )
    filled = fill(readings, Donors.of([sample.base]))
    seconds = time.process_time() - begin
    return Outcome(
        sample, filled, seconds, shape(readings[0]) == truth,
        filled.content == sample.after and (filled.tried == 1 or not filled.agrees),
        filled.content == sample.after,
    )  # fmt: skip


def show(outcome: Outcome) -> Iterator[str]:
    """Where the recovered file differs."""
    filled = outcome.filled
    if filled is None:
        yield f"## {outcome.sample.name}: {outcome.note}"
        return
    want, got = outcome.sample.after.split(b"\n"), (filled.content or b"").split(b"\n")
    yield (
        f"## {outcome.sample.name}: structure {outcome.structure} proved {filled.proved} "
        f"tried {filled.tried} {outcome.seconds:.2f} s {filled.reason}"
    )
    if len(want) != len(got):
        yield f"   {len(want)} lines expected, {len(got)} found"
        return
    for number, (one, two) in enumerate(zip(want, got, strict=True)):
        if one != two:
            context = want[number - 1] if number else b""
            yield f"   {number + 1:5}   {context.decode('utf-8', 'replace')!r}"
            yield f"   want    {one.decode('utf-8', 'replace')!r}"
            yield f"   got     {two.decode('utf-8', 'replace')!r}"


def measure(
    say: Callable[[str, str, str], None], repository: Path, count: int, mode: Mode, *,
    detail: bool = False, seed: int = SEED,
) -> None:  # fmt: skip
    """Print the figures of one history and one kind of damage."""
    outcomes = []
    for sample in samples(repository, count, seed):
        outcome = recovered(sample, mode)
        outcomes.append(outcome)
        if detail and not (outcome.filled is not None and outcome.filled.proved and outcome.right):
            for line in show(outcome):
                sys.stdout.write(line + "\n")
    total = len(outcomes)
    proved = [one for one in outcomes if one.filled is not None and one.filled.proved]
    folder = repository.resolve()
    name = f"recover {folder.parent.name if folder.name == 'repo' else folder.name}, {mode}"

    def percent(part: int) -> str:
        return f"{100 * part / total:.1f} % of {total}"

    say(f"{name}: structure right", percent(sum(one.structure for one in outcomes)), "95 %")
    say(f"{name}: exact at first guess", percent(sum(one.exact for one in outcomes)), "-")
    say(f"{name}: proved exact", percent(sum(one.right for one in proved)), "86 %")
    say(f"{name}: proved, yet wrong", str(sum(not one.right for one in proved)), "0")
    say(f"{name}: each", f"{sum(one.seconds for one in outcomes) / total:.2f} s", "0.5 s")


def bench(say: Callable[[str, str, str], None], repositories: Sequence[Path]) -> None:
    """Print the figures of each history for both kinds of damage."""
    for repository in repositories:
        for mode in ("folded", "lines"):
            measure(say, repository, 500, mode)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--mode", choices=["folded", "lines", "true"])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", action="store_true", help="what was not proved, and where")
    asked = parser.parse_args()

    def say(what: str, figure: str, goal: str) -> None:
        sys.stdout.write(f"{what:60} {figure:>20}   goal: {goal}\n")

    for mode in [asked.mode] if asked.mode else ["folded", "lines"]:
        measure(say, asked.repository, asked.n, mode, detail=asked.show, seed=asked.seed)


if __name__ == "__main__":
    main()
