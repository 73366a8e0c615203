# SPDX-License-Identifier: GPL-2.0-or-later
"""Foreign text is made harmless, and fits its column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.core.text import clean, cut, duration, elide, number, one_line, width, wrap
from patchtool.report.layout import Block, Column, Literally, Sentence, Table, plain, row


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31;1mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("\x1b(Bplain", "plain"),
        ("a\x00b\x07c\x7fd\x08e", "abcde"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("tab\tstays", "tab\tstays"),
        ("user\u202etxt.exe", "user\ufffdtxt.exe"),
        ("\ud800lone", "lone"),
        ("ends in an escape\x1b", "ends in an escape"),
    ],
)
def test_escape_sequences_and_controls_are_taken_out(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@given(st.text())
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    for char in clean(text):
        assert char in "\t\n" or (ord(char) >= 0x20 and not 0x7F <= ord(char) <= 0x9F)
    assert clean(clean(text)) == clean(text)


@given(st.text(), st.integers(min_value=0, max_value=50))
def test_elided_and_cut_text_fits(text: str, room: int) -> None:
    assert width(elide(one_line(text), room)) <= room
    assert width(cut(one_line(text), room)) <= room


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_wrapped_text_fits_and_is_whole(text: str, room: int) -> None:
    text = one_line(text)
    lines = wrap(text, room)
    assert all(width(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_counters_keep_both_ends_when_they_are_shortened() -> None:
    assert elide("compact_balloon_isolated", 18) == "compact_..isolated"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"),
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (64.2, "64 s"),
        (771, "12 min 51 s"),
        (3720, "1 h 02 min"),
    ],
)
def test_times_are_said_as_people_say_them(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


def test_numbers_have_no_separators_and_a_sign_on_demand() -> None:
    assert number(16384, sign=True) == "+16384"
    assert number(-3, sign=True) == "-3"
    assert number(0, sign=True) == "0"
    assert number(2.5) == "2.5"
    assert number(3.0) == "3"
    assert number(None) == "-"


def test_a_wide_table_fits_and_its_note_goes_below() -> None:
    table = Table(
        (Column("counter", shrink="middle"), Column("delta", right=True)),
        (row("c" * 120, "+1", note="why " * 30), row("short", "-20")),
        note="reason",
    )
    text = plain([table], 80)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "ccc..ccc" in text
    assert "\n    why why" in text


@given(
    st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=4),
    st.integers(min_value=40, max_value=90),
)
def test_no_line_is_wider_than_the_room(rows: list[tuple[str, str, str]], room: int) -> None:
    columns = (Column("a", shrink="middle"), Column("b", shrink="end"))
    blocks: list[Block] = [
        Table(columns, tuple(row(a, b, note=c) for a, b, c in rows)),
        *(Sentence(a, hang=4) for a, _, _ in rows),
    ]
    assert all(width(line) <= room for line in plain(blocks, room).split("\n"))


def test_a_path_is_never_wrapped() -> None:
    path = "/a/" + "long/" * 40
    assert plain([Literally(path)], 80) == path + "\n"
