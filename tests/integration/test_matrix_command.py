# SPDX-License-Identifier: GPL-2.0-or-later
"""`patchtool matrix` on kernel trees in miniature, with real git and real containers."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.lib.bench import PATCHES, hear_interrupts, wait_for_images

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lib.bench import Bench


@pytest.fixture
def trees(bench: Bench) -> tuple[Path, Path, Path]:
    """Three releases; on the last one the fourth patch does not apply."""
    bench.series()
    clashing = ("[PGFREE]++", "[PGFREE] += 7")
    older = bench.other_tree("older", "void start_kernel", "/* as it was */\nvoid start_kernel")
    return bench.tree, older, bench.other_tree("oldest", *clashing)


def command(bench: Bench, *words: str) -> tuple[str, ...]:
    out = str(bench.folder / f"matrix-{time.monotonic_ns()}")
    return ("matrix", str(bench.folder / "series"), "--no-tests", "--out", out, *words)


def newest(bench: Bench) -> Path:
    return max(bench.folder.glob("matrix-*"), key=lambda path: path.name)


def matrix(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((newest(bench) / "matrix.json").read_text())
    return found


def report(bench: Bench, run: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((newest(bench) / run / "report.json").read_text())
    return found


def outcomes(bench: Bench) -> dict[str, str]:
    return {row["folder"]: row["outcome"] for row in matrix(bench)["rows"]}


def cached(bench: Bench, run: str) -> list[bool]:
    made = report(bench, run)
    return [build["cached"] for build in [*made["images"], *made["compiled"]]]


def test_a_tree_that_fails_stops_no_other_and_nothing_is_made_twice(
    bench: Bench, trees: tuple[Path, Path, Path]
) -> None:
    one, two, clashing = map(str, trees)
    words = ("--trees", f"{clashing},{one}", "--trees", two)
    done = bench.run(*command(bench, *words))
    assert done.returncode == 1, done.stderr
    assert outcomes(bench) == {"oldest": "failed", "linux": "passed", "older": "passed"}
    first, *others = matrix(bench)["rows"]
    assert first["steps"]["apply"] == {"text": "3/5", "state": "bad", "seconds": None}
    assert "patch 4/5" in first["reason"]
    assert all(row["steps"]["patches"]["text"].startswith("5/5 ") for row in others)
    assert "2 of 3 passed; 1 failed" in done.stdout
    assert done.stdout == (newest(bench) / "matrix.txt").read_text()
    assert "./older/report.html" in (newest(bench) / "matrix.html").read_text()
    assert "3/3 older: build 5/5" in done.stderr, "which of how many"
    assert not any(cached(bench, "linux"))

    again = bench.run(*command(bench, *words, "--variants", "on,off"))
    assert again.returncode == 1
    assert cached(bench, "older") == [True] * 6 + [False], "the base, five patches, and off"
    assert [row["steps"].get("off", {}).get("text") for row in matrix(bench)["rows"]] == [
        None,
        "built",
        "built",
    ]

    plan = bench.run(*command(bench, *words, "--variants", "off", "--plan"))
    assert plan.returncode == 0, plan.stderr
    assert plan.stdout.count("build off    stored") == 2
    assert f"{clashing}:" in plan.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--trees", "linux-9.9"), "linux-9.9"),
        (("--trees", "{tree}", "--toolchains", "gcc-1"), "gcc-1"),
        (("--trees", "{tree}", "--variants", "maybe"), "maybe"),
        (("--trees", "{tree},,"), "--trees"),
    ],
)
def test_what_does_not_exist_is_said_before_anything_runs(
    bench: Bench, words: tuple[str, ...], said: str
) -> None:
    """The tree that does exist is named first, and would have been run first."""
    bench.series()
    given = [word.format(tree=bench.tree) for word in words]
    done = bench.run(*command(bench, "--trees", str(bench.tree), *given))
    assert done.returncode == 2
    assert said in done.stderr
    assert not list(bench.folder.glob("matrix-*"))
    assert not (bench.folder / "cache/src").exists()


def test_a_series_from_a_pipe_is_read_once_for_all_trees(bench: Bench) -> None:
    """The second run found standard input empty."""
    bench.series()
    mails = b"".join(path.read_bytes() for path in sorted(bench.folder.glob("series/*.patch")))
    older = bench.other_tree("older", "void start_kernel", "/* as it was */\nvoid start_kernel")
    _, _, *rest = command(bench, "--trees", f"{bench.tree},{older}", "--plan")
    done = subprocess.run(
        bench.argv("matrix", "-", *rest), env=bench.env, input=mails, capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.count(b"mm: step 1") == 2, "both plans are of this series"


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGINT])
def test_matrix_that_was_ended_in_its_second_run_is_continued(
    bench: Bench, signum: signal.Signals
) -> None:
    bench.series(PATCHES[:2])
    one = bench.tree
    two = bench.other_tree("older", "void start_kernel", "/* as it was */\nvoid start_kernel")
    three = shutil.copytree(two, bench.folder / "third")
    words = command(bench, "--trees", f"{one},{two},{three}")
    with subprocess.Popen(
        bench.argv(*words), env=bench.env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=hear_interrupts,  # noqa: PLW1509 (pytest has no threads here)
    ) as process:  # fmt: skip
        wait_for_images(bench, 4, process)  # three of the first tree
        process.send_signal(signum)
        table, said = process.communicate(timeout=60)
    if signum == signal.SIGKILL:
        assert outcomes(bench) == {"linux": "passed", "older": "not run", "third": "not run"}
    else:
        assert process.returncode == 130
        assert "the same command continues" in said
        assert outcomes(bench) == {"linux": "passed", "older": "interrupted", "third": "not run"}
        assert table == (newest(bench) / "matrix.txt").read_text()
    assert matrix(bench)["finished"] is None
    done = bench.run(*command(bench, "--trees", f"{one},{two},{three}"))
    assert done.returncode == 0, done.stderr
    assert all(cached(bench, "linux")), "what was finished is kept"
    assert cached(bench, "older")[0]
    assert all(cached(bench, "third")), "its sources are those of the tree before it"
