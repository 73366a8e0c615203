# SPDX-License-Identifier: GPL-2.0-or-later
"""`ci/eras` on a kernel tree in miniature: what it prints last, and how it ends."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.lib.bench import PATCHES, TOP

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lib.bench import Bench


@pytest.fixture
def script(bench: Bench) -> Path:
    """The script, in a checkout whose set-up was done: the programs are those of the tests."""
    folder = bench.folder / "checkout/ci"
    folder.mkdir(parents=True)
    shutil.copy(TOP / "ci/eras", folder)
    programs = bench.folder / "venv/bin"
    programs.mkdir(parents=True)
    words = " ".join(bench.argv())
    for path, line in ((folder / "setup", ":"), (programs / "patchtool", f'exec {words} "$@"')):
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
    return folder / "eras"


def run(bench: Bench, script: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**bench.env, "PATCHTOOL_VENV": str(bench.folder / "venv")}
    return subprocess.run(
        [script, *words], env=env, capture_output=True, text=True, check=False, timeout=600
    )


def test_the_last_lines_are_a_row_of_the_table_of_trees(bench: Bench, script: Path) -> None:
    series = bench.series(PATCHES[:2])
    words = ("--series", str(series), f"--tree={bench.tree}", "--no-tests")
    done = run(bench, script, *words)
    assert done.returncode == 0, done.stderr
    heads, _, row = (line.split("|") for line in done.stdout.splitlines()[-3:])
    shown = {head.strip(): cell.strip() for head, cell in zip(heads, row, strict=True)}
    assert shown["series"] == "series v1"
    assert shown["tree"] == "linux (v6.12)"
    assert shown["applied"] == "2/2"
    assert shown["built one by one"] == "3/3 kernels"
    assert shown["verdict"] == "passed"
    assert "PASSED: series v1 on v6.12" in done.stdout


def test_a_series_that_fails_is_shown_and_ends_it_with_its_exit_code(
    bench: Bench, script: Path
) -> None:
    series = bench.series(PATCHES[:4])
    tree = bench.other_tree("older", "[PGFREE]++", "[PGFREE] += 7")
    done = run(bench, script, "--series", str(series), "--tree", str(tree), "--no-tests")
    assert done.returncode == 1
    assert "| 3/4 " in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("words", [(), ("--tree",), ("--series", "x")])
def test_without_a_tree_it_says_what_it_needs(
    bench: Bench, script: Path, words: tuple[str, ...]
) -> None:
    done = run(bench, script, *words)
    assert done.returncode == 2
    assert "--tree" in done.stderr
    assert not done.stdout
