# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands around the main job, and the package as pip installs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


def run(*words: str, path: Path = TOP, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "patchtool", *words],
        env={**os.environ, "PYTHONPATH": str(path), **extra},
        capture_output=True, text=True, check=False, cwd="/", timeout=300,
    )  # fmt: skip


def test_doctor_says_what_this_machine_can_do() -> None:
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    for part in ("qemu", "virtme-ng", "accelerator", "container", "disk", "memory"):
        assert f" {part} " in done.stdout
    assert " s for the probe's guest code" in done.stdout
    assert "The main job can run here." in done.stdout


@pytest.mark.parametrize("missing", ["qemu-system-x86_64", "podman", "git"])
def test_doctor_names_what_is_missing_and_how_to_get_it(missing: str, tmp_path: Path) -> None:
    """A PATH with all programs but one; a machine that has it in /usr/sbin cannot hide it."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for folder in ("/usr/bin", "/bin", "/usr/local/bin"):
        for program in Path(folder).glob("*"):
            link = tools / program.name
            hidden = {missing, "docker"} if missing == "podman" else {missing}
            if program.name not in hidden and not link.exists():
                link.symlink_to(program)
    cache = str(tmp_path / "cache")  # in which no probe of KVM is stored, and one may take a minute
    done = run("doctor", PATH=str(tools), PATCHTOOL_CACHE=cache, PATCHTOOL_ACCELERATOR="tcg")
    assert done.returncode == 3, done.stdout
    assert "missing" in done.stdout
    assert "apt-get install" in done.stdout
    assert "The main job cannot run here" in done.stdout


@pytest.mark.parametrize("which", ["series", "settings", "report", "matrix", "records"])
def test_schemas_are_exported(which: str) -> None:
    schema = json.loads(run("schema", which).stdout)
    assert "properties" in schema or "anyOf" in schema or "oneOf" in schema


def test_every_command_has_a_help_text() -> None:
    listed = run("--help").stdout
    for verb in ("apply-and-test", "rerun", "report", "series", "tree", "kconfig", "doctor"):
        assert verb in listed
        done = run(verb, "--help")
        assert done.returncode == 0
        assert len(done.stdout.splitlines()) > 5


def test_unknown_commands_and_settings_are_usage_errors(tmp_path: Path) -> None:
    assert run("no-such-verb").returncode == 2
    config = tmp_path / "config.toml"
    config.write_text("jobs = 0\nnonsense = 1\n")
    done = run("tree", "list", PATCHTOOL_CONFIG=str(config))
    assert done.returncode == 2
    assert "jobs" in done.stderr
    assert "nonsense" in done.stderr


def files(folder: Path) -> set[str]:
    """What is in a folder, but for what Python leaves beside its sources."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(folder)) for path in found}


def test_installed_package_carries_its_data(tmp_path: Path) -> None:
    """A wheel works without the checkout: kernel/, series/ and tests/guest/ are inside it."""
    source = tmp_path / "source"
    names = shutil.ignore_patterns(".git", ".venv", "*.egg-info", ".*_cache")
    shutil.copytree(TOP, source, ignore=names)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(source)],
        check=True, timeout=300,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("patchtool-*.whl")
    installed = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    for inside, outside in {
        "": "patchtool",
        "_data/kernel": "kernel",
        "_data/series": "series",
        "_data/tests/guest": "tests/guest",
    }.items():
        there = files(source / outside)
        assert there
        assert {f for f in files(installed / "patchtool" / inside) if f[:5] != "_data"} == there
    shutil.rmtree(source)
    done = run("series", "check", "balloon-counters", path=installed)
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stdout
    assert (installed / "patchtool/_data/tests/guest/test_boot.py").is_file()
    assert (installed / "patchtool/_data/kernel/config/guest.config.j2").is_file()
