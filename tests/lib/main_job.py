# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool apply-and-test`` as a user runs it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]


def start(*words: str, **env: str) -> subprocess.Popen[str]:
    """Start it; what it prints comes by its standard output."""
    argv = [sys.executable, "-m", "patchtool", "--progress", "plain", "apply-and-test", *words]
    return subprocess.Popen(
        argv, env={**os.environ, "PYTHONPATH": str(TOP), **env}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def report_of(folder: Path) -> dict[str, Any]:
    """The report in a run directory."""
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found
