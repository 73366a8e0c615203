# SPDX-License-Identifier: GPL-2.0-or-later
"""The exit code says whose fault it is, also where that can't be said in words."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from patchtool import cli
from patchtool.errors import Exit, InfraError

if TYPE_CHECKING:
    from pathlib import Path


def fails_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every verb end so."""

    def fail(*_arguments: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(cli.patchtool, "main", fail)


def state_at(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHTOOL_STATE", str(path))


def test_a_bug_has_its_traceback_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state_at(tmp_path, monkeypatch)
    fails_with(ZeroDivisionError("seven by nought"), monkeypatch)
    assert cli.run(["doctor"]) == Exit.BUG
    (kept,) = (tmp_path / "bugs").iterdir()
    assert "ZeroDivisionError: seven by nought" in kept.read_text()
    assert str(kept) in capsys.readouterr().err


def test_a_bug_is_none_of_the_series_also_where_no_report_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error from writing the report ended Python with status 1: the series is at fault."""
    (tmp_path / "state").touch()  # no folder can be made there, whoever tries
    state_at(tmp_path / "state", monkeypatch)
    fails_with(ZeroDivisionError("seven by nought"), monkeypatch)
    assert cli.run(["doctor"]) == Exit.BUG
    said = capsys.readouterr().err
    assert "a bug in patchtool: ZeroDivisionError('seven by nought')" in said
    assert "Traceback (most recent call last)" in said
    assert "could not be kept" in said


def test_a_bug_stays_one_when_the_settings_are_wrong_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATCHTOOL_JOBS", "abc")
    fails_with(ZeroDivisionError(), monkeypatch)
    assert cli.run(["doctor"]) == Exit.BUG
    assert "could not be kept" in capsys.readouterr().err


class Full(io.StringIO):
    """Standard error on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("error", [ZeroDivisionError(), InfraError("no network", hint="wait")])
def test_the_exit_code_stays_where_nothing_can_be_said(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saying what is wrong failed, and Python ended with status 1."""
    state_at(tmp_path, monkeypatch)
    fails_with(error, monkeypatch)
    monkeypatch.setattr("sys.stderr", Full())
    assert cli.run(["doctor"]) == (Exit.INFRA if isinstance(error, InfraError) else Exit.BUG)
