# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows that are padded to one column, and files of one patch that lend each other lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchtool.core.columns import padding
from patchtool.core.progress import Silent
from patchtool.intake.pages.page import read_page
from patchtool.intake.pages.posting import posting_of
from patchtool.recover.draft import Draft
from patchtool.recover.fill import fill
from patchtool.recover.gaps import gaps
from patchtool.recover.record import Verdict
from patchtool.recover.recovery import NoFiles, recover
from patchtool.recover.sheet import Donors, sheet_of
from tests.lib.archive_page import Sent, blob, file_diff, folded_page
from tests.unit.test_recover_fill import filled, structure

LIST = b"""\
/*
 * DEFINE_VALVE_OPS - declare the operations of a valve
 *
 * @name    : of the structure
 * @opening : called when a valve is opened
 * @closing : called when a valve is closed
 */
#define DEFINE_VALVE_OPS(name, opening, closing)	\\
	struct valve_ops name = {			\\
		.open    = opening,			\\
		.closing = closing,			\\
	}
"""


def test_a_list_and_an_initialiser_are_padded_to_one_column_each() -> None:
    result = filled(b"", LIST)
    assert result.content == LIST
    assert result.proved


@pytest.mark.parametrize(
    ("above", "wanted"),
    [
        ([b".a   = 1,", b".bcd = 2,"], b"  "),
        ([b".a = 1,", b".bcd = 2,"], b" "),
        ([b".a\t\t= 1,"], b"\t\t"),
        ([b".abcdef   = 1,"], b"       "),
    ],
)
def test_a_row_goes_to_the_column_of_the_rows_above(above: list[bytes], wanted: bytes) -> None:
    rows = b"".join(b"\t%s\n" % row for row in above)
    text = b"static struct lift_ops ops = {\n" + rows + b"\t.ef = 3,\n};\n"
    written = sheet_of(structure(b"", text), Donors.of([b""]))
    written.texts[:] = text.split(b"\n")[:-1]
    assert ("bare" if len(above) == 1 and wanted == b" " else "grid" if wanted != b" " else "bares",
            wanted) in gaps(written, len(above) + 1, 1, b"\t.ef")  # fmt: skip


def test_one_choice_moves_all_rows_of_a_group() -> None:
    text = b"static int f(void)\n{\n\tint a    = 1;\n\tint long = 2;\n\tint bc   = 3;\n}\n"
    draft = Draft(sheet_of(structure(b"", text), Donors.of([b""])))
    first = next(at for at, slot in enumerate(draft.slots) if slot.kind == "assign")
    slot = draft.slots[first]
    wide = next(at for at, one in enumerate(slot.options) if one.text == b"    ")
    moved = Draft(draft.sheet, draft, (first, wide)).sheet.texts
    assert moved[2] == b"\tint a    = 1;"
    assert moved[4] == b"\tint bc   = 3;"


def test_a_file_proved_later_lends_its_lines_to_one_before_it() -> None:
    """A header was not proved whose odd line stood in a source file of the same patch."""
    odd = b" * Copyright (C)   2012,\tLift  Makers \t All rights    reserved\n"
    header = b"/*\n * lift.h\n" + odd + b" */\nint lift_add(int weight);\n"
    old = header.replace(b"lift.h", b"lift.c")
    lift = old + b"int lift_sub(int weight);\n"
    diffs = file_diff("lift.h", None, header) + file_diff("lift.c", old, lift)
    body = f"Why.\n\nSigned-off-by: A B <a@example.org>\n---\n\n{diffs}-- \n2.43.0\n"
    sent = Sent("A B", "a@example.org", "2024-03-05 09:10", "[PATCH 1/1] lift: do", body)

    class Tree(NoFiles):
        def by_path(self, path: str) -> bytes | None:
            return old if path == "lift.c" else None

        def by_blob(self, prefix: str) -> bytes | None:
            return old if blob(old, 40).startswith(prefix) else None

    given = posting_of(read_page(folded_page([sent]).encode()), "page.txt")
    files = recover(given, Tree(), Silent())[0].files
    assert [one.verdict for one in files] == [Verdict.PROVED, Verdict.PROVED]
    assert files[0].content == header
    assert files[0].bits < 20


NEAT = b"""\
/*
 * LIFT_OPS - methods of a lift
 *
 * @name : of the lift
 * @up   : called on the way up
 * @down : called on the way down
 */
#define LIFT_OPS(name, up, down) \\
	struct lift_ops name = { \\
		.raise   = up,   \\
		.lower   = down, \\
		.holding = NULL, \\
	}
#define LIFT_FLOORS   12
#define LIFT_MAX_LOAD 900
"""


def test_who_pads_one_file_of_a_series_pads_the_next() -> None:
    """One choice for all lists of a header: its source file's author aligns with blanks."""
    alone = fill([structure(b"", NEAT)], Donors.of([b""]))
    lent = [b"static int floors  = 12;", b"static int load    = 900;"]
    found = fill([structure(b"", NEAT)], Donors.of([b""], lent=lent))
    assert found.content == NEAT
    assert found.proved
    assert found.tried < alone.tried / 4


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b"\tint a = 1;", ""),
        (b"\tint a   = 1;", "blanks"),
        (b"#define A\t\t1", "tabs"),
        (b"#define A(x) \t    \\", "blanks"),
        (b" * Red Hat, Inc.  A sentence.  Another.", ""),
    ],
)
def test_how_a_line_is_padded(line: bytes, wanted: str) -> None:
    assert padding(line) == wanted


def test_a_line_at_tabs_is_lent_and_one_below_a_parenthesis_is_not() -> None:
    words = (b"const", b"struct", b"lift_ops", b"*ops);")
    tabs = Donors.of([], lent=[b"\t\t\tconst struct lift_ops *ops)"])
    assert tabs.lending(words) == b"\t\t\tconst struct lift_ops *ops)"
    below = Donors.of([], lent=[b"\t\t   const struct lift_ops *ops)"])
    assert below.lending(words) is None


def test_a_row_whose_column_two_above_share_goes_there() -> None:
    text = b"\t.open    = 1,\n\t.closing = 2,\n\t.hold    = 3,\n"
    whole = b"static struct lift_ops ops = {\n" + text + b"};\n"
    assert filled(b"", whole).content == whole


def test_prose_need_not_move_with_the_line_above() -> None:
    text = (
        b"/*\n * @name: of the lift, and\n *   what else there is\n * to say of it.\n */\nint a;\n"
    )
    result = filled(b"", text)
    assert result.content == text
    assert result.proved


def test_the_same_content_is_no_further_chance() -> None:
    """What a second search tries again does not weaken the evidence."""
    seen: set[str] = set()
    bad = replace(structure(b"", LIST), new_blob="0123456")
    first = fill([bad], Donors.of([b""]), budget=300, seen=seen)
    again = fill([bad], Donors.of([b""]), budget=300, seen=seen)
    assert first.tried == again.tried == len(seen)
