# SPDX-License-Identifier: GPL-2.0-or-later
"""Both revisions of a series built on one base of the miniature tree, side by side."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tests.lib.bench import PATCHES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lib.bench import Bench

WARNS = ("mm/compaction.c", "\treturn order;", "\tint left_over;\n\torder += 2;\n\treturn order;")
BROKEN = ("mm/compaction.c", "\treturn order;", "\torder +;\n\treturn order;")


def revision(bench: Bench, name: str, *patches: tuple[str, str, str]) -> Path:
    """A series as a folder of its own."""
    folder = bench.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    return bench.series(patches).rename(folder)


def run(bench: Bench, old: Path, new: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, what JSON says of the runs, and standard error."""
    asked = ("revisions", str(old), str(new), "--tree", str(bench.tree), "--run", "--no-tests")
    done = bench.run(*asked, *words, "--json")
    return done.returncode, json.loads(done.stdout)["runs"], done.stderr


def test_a_warning_that_the_new_revision_brings_is_beside_nothing(bench: Bench) -> None:
    old, new = (revision(bench, name, PATCHES[0], second)
                for name, second in (("old", PATCHES[1]), ("new", WARNS)))  # fmt: skip
    _, runs, said = run(bench, old, new)
    assert runs["verdict"] == {"name": "verdict", "old": "passed", "new": "passed"}
    (row,) = runs["warnings"]
    assert "left_over" in row["name"]
    assert (row["old"], row["new"]) == (None, "2/2")
    (symbols,) = [each for each in runs["sizes"] if each["name"] == "all symbols"]
    assert symbols["old"] is not None
    assert symbols["new"] is not None
    again = run(bench, old, new)
    assert again[1] == runs
    assert again[2].count("(stored)") > said.count("(stored)")


def test_a_new_revision_that_does_not_build_fails(bench: Bench) -> None:
    """What stands in the way is a finding of NEW alone; --quick builds the whole of each."""
    old = revision(bench, "old", PATCHES[0], PATCHES[1])
    code, runs, _ = run(bench, old, revision(bench, "new", PATCHES[0], BROKEN), "--quick")
    assert code == 1
    assert runs["verdict"] == {"name": "verdict", "old": "passed", "new": "failed"}
    errors = [each for each in runs["findings"] if (each["old"], each["new"]) == (None, "error")]
    assert errors
