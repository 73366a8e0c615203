# SPDX-License-Identifier: GPL-2.0-or-later
"""A run directory is for one request: that one may come again, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import UsageError
from patchtool.intake.load import Reference
from patchtool.run.request import Request
from patchtool.run.run_directory import run_directory

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = Request(Reference("balloon-counters"), "linux-6.12", only=("test_boot.py",))


def written(out: Path | None, request: Request = REQUEST, *, rows: tuple[str, ...] = ()) -> Path:
    """What a run writes, in the directory it gets."""
    state = Settings(state=out.parent) if out else Settings()
    with run_directory(out, state, "x", request, Silent(), rows) as folder:
        (folder / "report.txt").write_text("passed\n")
        return folder


def test_run_directories_do_not_collide(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    made = set()
    for _ in range(5):
        with run_directory(None, settings, "x", REQUEST, Silent()) as folder:
            made.add(folder)
    assert len(made) == 5


def test_the_same_request_goes_on_in_the_same_folder(tmp_path: Path) -> None:
    """It was refused, though a run that was interrupted says that the same command continues."""
    assert written(tmp_path / "out") == written(tmp_path / "out") == tmp_path / "out"


def test_the_same_request_goes_on_after_a_kill(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with run_directory(out, Settings(), "x", REQUEST, Silent()):
        pass  # nothing was written yet
    assert written(out) == out


@pytest.mark.parametrize(
    ("request_", "rows", "named"),
    [
        (replace(REQUEST, tree="linux-6.1"), (), "tree differs"),
        (replace(REQUEST, series=Reference("other"), runs=5), (), "runs, series differ"),
        (REQUEST, ("linux-6.1",), "combinations differs"),
    ],
)
def test_another_request_is_refused(
    request_: Request, rows: tuple[str, ...], named: str, tmp_path: Path
) -> None:
    out = written(tmp_path / "out")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(UsageError, match=named) as caught:
        written(out, request_, rows=rows)
    assert str(out) in caught.value.message
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize("name", ["notes.txt", "request.json", ".hidden"])
def test_a_folder_of_somebody_else_is_refused_and_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine\n")
    with pytest.raises(UsageError, match="is there already, and is no run directory"):
        written(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(UsageError, match="is there already"):
        written(tmp_path / name)


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert written(tmp_path) == tmp_path
