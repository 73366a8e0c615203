# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests sweep what guests left, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from patchtool.core.locks import held
from patchtool.guest import host_folders

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_guest_sweeps_the_folders_of_killed_guests_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It swept the temporary folder of a `series lint` that ran beside it."""
    monkeypatch.setattr(host_folders, "_base", lambda: tmp_path)
    names = ("patchtool-lint-x", "patchtool-x", "patchtool-guest-dead", "patchtool-guest-alive")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    with held(tmp_path / "patchtool-guest-alive" / host_folders.LOCK, "it", None):
        for name in names:
            os.utime(tmp_path / name, (1, 1))
        with host_folders.socket_folder() as mine:
            left = {path.name for path in tmp_path.iterdir()}
    assert left == {*names, mine.name} - {"patchtool-guest-dead"}
    assert not mine.exists()
