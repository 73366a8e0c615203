# SPDX-License-Identifier: GPL-2.0-or-later
"""One run waits for another, and says so."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from patchtool.core.locks import held
from patchtool.core.progress import Notes, Silent

if TYPE_CHECKING:
    from pathlib import Path


class Heard(Silent):
    """Keeps the notes; *said* is set with the first."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.said = threading.Event()

    def note(self, text: str) -> None:
        self.notes.append(text)
        self.said.set()


def test_a_free_lock_is_taken_without_a_word(tmp_path: Path) -> None:
    heard = Heard()
    for _ in range(2):
        with held(tmp_path / "locks" / "x.lock", "x", heard):
            pass
    assert heard.notes == []


def test_waiting_for_a_lock_is_said(tmp_path: Path) -> None:
    """Waiting for another run's object tree was silent: patchtool seemed to hang."""
    heard, entered = Heard(), threading.Event()

    def wait() -> None:
        with held(tmp_path / "x.lock", "the object tree x", Notes(heard)):
            entered.set()

    with held(tmp_path / "x.lock", "the object tree x", Silent()):
        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        assert heard.said.wait(20)
        assert not entered.is_set()
    assert entered.wait(20)
    waiting.join(20)
    assert heard.notes == ["another run of patchtool uses the object tree x; waiting for it to end"]


def test_without_a_progress_nobody_waits(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with held(path, "x", None), pytest.raises(BlockingIOError), held(path, "x", None):
        pytest.fail("two hold one lock")
