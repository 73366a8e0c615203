# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings: defaults, the file, the environment, and every mistake named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core import settings
from patchtool.errors import ManifestError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for key in settings.Settings.model_fields:
        monkeypatch.delenv(f"PATCHTOOL_{key.upper()}", raising=False)
    monkeypatch.setenv("PATCHTOOL_CONFIG", str(tmp_path / "config.toml"))


def test_defaults_need_no_file() -> None:
    assert settings.load().accelerator == "auto"


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text('jobs = 3\naccelerator = "tcg"\n')
    monkeypatch.setenv("PATCHTOOL_JOBS", "5")
    loaded = settings.load()
    assert (loaded.jobs, loaded.accelerator) == (5, "tcg")


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('jobs = 0\naccelerator = "magic"\nnonsense = 1\n')
    with pytest.raises(ManifestError) as caught:
        settings.load()
    text = str(caught.value)
    assert "3 problems" in text
    for key in ("jobs", "accelerator", "nonsense"):
        assert f"  {key}: " in text


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("jobs = \n")
    with pytest.raises(ManifestError, match=r"config\.toml"):
        settings.load()


def test_a_variable_with_a_mistake_is_named_and_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was blamed on a file that did not exist."""
    monkeypatch.setenv("PATCHTOOL_JOBS", "abc")
    with pytest.raises(ManifestError) as caught:
        settings.load()
    assert "config.toml" not in str(caught.value)
    assert "environment: 1 problem\n  PATCHTOOL_JOBS: " in str(caught.value)


def test_mistakes_of_file_and_variable_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('accelerator = "magic"\n')
    monkeypatch.setenv("PATCHTOOL_JOBS", "0")
    with pytest.raises(ManifestError, match=r"config\.toml: 2 problems") as caught:
        settings.load()
    assert "  accelerator: " in str(caught.value)
    assert "  PATCHTOOL_JOBS: " in str(caught.value)
