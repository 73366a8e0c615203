# SPDX-License-Identifier: GPL-2.0-or-later
"""`ci/test` with programs that only write down how they were called."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PROGRAMS = {
    "python": 'exit "${{FAKE_TESTS:-0}}"',
    "ruff": 'exit "${{FAKE_RUFF:-0}}"',
    "mypy": "until grep -q ^patchtool {calls}; do sleep 0.05; done",
    "patchtool": "exec sleep 600",
}
#: The two calls of pytest: what can run beside a build, and what cannot.
PYTEST = [
    "python -m pytest --cov --cov-report= -m not (e2e or quiet)",
    "python -m pytest --cov --cov-append --cov-report=term:skip-covered -m e2e or quiet",
]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script, in a checkout whose set-up was done."""
    folder, programs = tmp_path / "checkout/ci", tmp_path / "venv/bin"
    folder.mkdir(parents=True)
    programs.mkdir(parents=True)
    shutil.copy(TOP / "ci/test", folder)
    files = {folder / "setup": ":"}
    for name, last in PROGRAMS.items():
        text = f'echo {name} "$@" >> {{calls}}\n{last}'
        files[programs / name] = text.format(calls=tmp_path / "calls")
    for path, text in files.items():
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return folder / "test"


def run(script: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    venv = str(script.parents[2] / "venv")
    return subprocess.run(
        [script, *words], env={**os.environ, "PATCHTOOL_VENV": venv, **env},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def calls(script: Path) -> list[str]:
    path = script.parents[2] / "calls"
    return path.read_text().splitlines() if path.exists() else []


def left(script: Path) -> bool:
    """Whether a program of the checkout's environment is still there, some seconds later."""
    mark = str(script.parents[2]).encode()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        environments = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            if entry.parent.name != str(os.getpid()):
                try:
                    environments.append(entry.read_bytes())
                except OSError:
                    continue
        if not any(b"PATCHTOOL_VENV=" + mark in found for found in environments):
            return False
        time.sleep(0.1)
    return True


def test_cheap_checks_come_first_and_sources_are_made_beside_them(script: Path) -> None:
    done = run(script)
    assert done.returncode == 0, done.stderr
    said = calls(script)
    assert [line.split()[0] for line in said if not line.startswith("patchtool")] == [
        "ruff", "ruff", "mypy", "python", "python",
    ]  # fmt: skip
    assert sum(line.startswith("patchtool --progress none doctor --tree ") for line in said) == 1
    assert [line for line in said if line.startswith("python")] == PYTEST
    assert not left(script), "what is made in the background ends with it"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("tests/unit", "-k", "a b"), "python -m pytest tests/unit -k a b"),
        (("--eras", "tests/e2e"), "python -m pytest --eras tests/e2e"),
    ],
)
def test_arguments_of_pytest_run_pytest_alone(
    script: Path, words: tuple[str, ...], wanted: str
) -> None:
    assert run(script, *words).returncode == 0
    assert calls(script) == [wanted]


def test_eras_alone_runs_all_checks(script: Path) -> None:
    assert run(script, "--eras").returncode == 0
    assert [line for line in calls(script) if line.startswith("python")] == [
        line.replace("pytest", "pytest --eras") for line in PYTEST
    ]


def test_a_check_that_fails_ends_it_with_nothing_left(script: Path) -> None:
    done = run(script, FAKE_RUFF="1")
    assert done.returncode == 1
    assert not any(line.startswith(("mypy", "python")) for line in calls(script))
    assert not left(script)
    assert run(script, FAKE_TESTS="5").returncode == 5


def test_help_and_what_is_no_argument(script: Path) -> None:
    shown = run(script, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("Usage: ci/test [--eras]")
    assert "--eras" in shown.stdout
    assert "set -" not in shown.stdout
    wrong = run(script, "--eras=5.10")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "--eras takes no value" in wrong.stderr
    assert calls(script) == []
