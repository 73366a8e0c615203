# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person reads at the end of a run, compared with golden files."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.core.text import width
from patchtool.report import render, tables

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path("/home/me/.local/state/patchtool/runs/20261121-081502-balloon-counters")


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_run_that_passed(sample: Any, golden: Callable[[str, str], None]) -> None:
    golden("report_passed.txt", render.text(sample.record(), FOLDER, full=False))


def test_a_counter_in_the_wrong_place(sample: Any, golden: Callable[[str, str], None]) -> None:
    golden("report_failed.txt", render.text(sample.record(returned_twice=True), FOLDER))


def test_hostile_strings(sample: Any, golden: Callable[[str, str], None]) -> None:
    golden("report_hostile.txt", render.text(sample.hostile(), FOLDER))


@pytest.mark.parametrize("kind", ["record", "hostile"])
def test_it_fits_eighty_columns_but_for_the_run_directory(sample: Any, kind: str) -> None:
    lines = render.text(getattr(sample, kind)(), FOLDER).splitlines()
    assert lines[-1] == f"run directory: {FOLDER}"
    assert max(map(width, lines[:-1])) <= 80


def test_a_pipe_gets_plain_ascii(sample: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours and no box characters where nothing can show them."""
    monkeypatch.setenv("TERM", "xterm-256color")
    out = io.StringIO()
    render.show(sample.record(), FOLDER, out)
    assert out.getvalue() == render.text(sample.record(), FOLDER, full=False)
    assert out.getvalue().isascii()
    assert "\x1b" not in out.getvalue()


def test_a_dumb_terminal_gets_plain_text(sample: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    out = Tty()
    render.show(sample.record(), FOLDER, out)
    assert "\x1b" not in out.getvalue()


def test_a_terminal_gets_colours_and_nothing_else(
    sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are those of the plain text: colour says nothing by itself."""
    from patchtool.core.text import clean

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Tty()
    render.show(sample.hostile(), FOLDER, out)
    assert "\x1b[" in out.getvalue()
    assert "\x1b]" not in out.getvalue()
    shown = [line.rstrip() for line in clean(out.getvalue()).splitlines()]
    assert shown == render.text(sample.hostile(), FOLDER, full=False).splitlines()


def test_a_run_that_ended_before_the_tests(sample: Any) -> None:
    record = sample.record().model_copy(
        update={"control": None, "patched": None, "elf": None, "claims": (), "comparisons": ()}
    )
    text = render.text(record, None)
    assert "balloon-counters v1 on v6.12.117: 4 patches" in text
    assert "tests\n" not in text


def test_the_verdict_says_what_was_left_out(sample: Any) -> None:
    """A "passed" of a run without a control means less."""
    less = sample.record().model_copy(update={"left_out": ("the tests on the base",)})
    assert tables.verdict_text(less).endswith("; left out: the tests on the base")


def test_a_reader_that_has_gone_does_not_change_the_exit_code(sample: Any) -> None:
    """`patchtool apply-and-test ... | true` turned a pass into an error."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        render.show(sample.record(), None, stream)
        stream.write("what is still buffered at the end")
