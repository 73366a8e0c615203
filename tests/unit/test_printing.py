# SPDX-License-Identifier: GPL-2.0-or-later
"""Live progress printed make's words as they came, and `series base` the subjects of commits."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.commands.printing import put, put_json
from patchtool.core import progress
from patchtool.core.text import escaped_json

if TYPE_CHECKING:
    from collections.abc import Callable

#: Sets a window's title, clears the screen, turns the text round, and rings.
HOSTILE = "mm: \x1b]0;owned\x07\x1b[2Jfix \x9b31m\u202ereversed\r\x08\x7f\udc80"
OBEYED = set("\x1b\x07\x9b\u202e\r\x08\x7f\udc80")

EVENTS: dict[str, Callable[[progress.Progress], None]] = {
    "start": lambda shown: shown.start(HOSTILE, HOSTILE),
    "update": lambda shown: shown.update(HOSTILE, 1, 2),
    "note": lambda shown: shown.note(HOSTILE),
    "finish": lambda shown: shown.finish(HOSTILE, HOSTILE, 1.0, cached=False, ok=False),
}


SHOWS: dict[str, Callable[[io.StringIO], progress.Progress]] = {
    "plain": lambda stream: progress.Lines(stream, interval=0),
    "json": progress.JsonLines,
    "rich": lambda _: progress.Terminal(),
}


@pytest.mark.parametrize("mode", SHOWS)
@pytest.mark.parametrize("event", EVENTS)
def test_progress_shows_nothing_that_a_terminal_obeys(
    event: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes the stream for a terminal
    monkeypatch.setattr(progress, "choose", lambda _: SHOWS[mode](stream))
    with progress.open_progress(mode) as shown:
        shown.start("build")
        EVENTS[event](shown)
        if mode == "rich":
            time.sleep(0.2)  # its line is drawn by a thread
    printed = stream.getvalue()
    assert "fix" in printed
    assert "owned" not in printed
    assert "[2J" not in printed
    assert not (OBEYED - {"\x1b", "\r"}) & set(printed)


def test_text_and_json_are_printed_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    put(HOSTILE)
    put_json(json.dumps([HOSTILE], ensure_ascii=False))
    text, json_text = capsys.readouterr().out.rstrip("\n").rsplit("\n", 1)
    assert not OBEYED & set(text)
    assert text.startswith("mm: fix ")
    assert not OBEYED & set(json_text)
    assert json.loads(json_text) == [HOSTILE]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_says_the_same(text: str) -> None:
    assert json.loads(escaped_json(json.dumps(text, ensure_ascii=False))) == text
