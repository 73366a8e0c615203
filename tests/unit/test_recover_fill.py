# SPDX-License-Identifier: GPL-2.0-or-later
"""Filling in the white space of added lines until the blob hash agrees."""

from __future__ import annotations

import hashlib
from difflib import SequenceMatcher

import pytest

from patchtool.recover.draft import BlobHash, Draft
from patchtool.recover.fill import Filled, evidence, fill, literals, most_candidates
from patchtool.recover.sheet import Donors, sheet_of
from patchtool.recover.structure import HunkLine, Structure, StructuredHunk, in_order

OLD = b"""\
#include <pump.h>

#define PUMP_IDLE\t\t0
#define PUMP_RUNNING\t\t1

struct pump {
\tint\t\tstate;\t/* one of the above */
\tunsigned long\tflow;\t/* litres each hour */
};

static int pump_start(struct pump *pump, unsigned long flow,
\t\t      unsigned long limit)
{
\tif (flow > limit)
\t\treturn -ERANGE;
\tpump->flow = flow;
\tpump->state = PUMP_RUNNING;
\treturn 0;
}
"""
NEW = b"""\
#include <pump.h>

#define PUMP_IDLE\t\t0
#define PUMP_RUNNING\t\t1
#define PUMP_BLOCKED_BY_LEAF\t2

struct pump {
\tint\t\tstate;\t/* one of the above */
\tunsigned long\tflow;\t/* litres each hour */
\tunsigned long\tlast;\t/* when it was started */
};

static int pump_start(struct pump *pump, unsigned long flow,
\t\t      unsigned long limit)
{
\tif (flow > limit)
\t\treturn -ERANGE;
\tif (pump->state == PUMP_BLOCKED_BY_LEAF) {
\t\tpump_complain(pump, "blocked by a leaf",
\t\t\t      pump->flow, flow);
\t\treturn -EBUSY;
\t}
\tpump->flow = flow;
\tpump->state = PUMP_RUNNING;
\treturn 0;
}
"""


def blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def structure(
    old: bytes, new: bytes, *, digits: int = 7, cost: float = 0.0, path: str = "drivers/pump.c"
) -> Structure:
    """What is left of the change from *old* to *new* when the white space is gone."""
    before, after = old.split(b"\n")[:-1], new.split(b"\n")[:-1]
    lines: list[HunkLine] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [HunkLine(" ", tuple(text.split()), None, text) for text in before[a:b]]
            continue
        lines += [HunkLine("-", tuple(text.split()), None, text) for text in before[a:b]]
        lines += [
            HunkLine("+", tuple(text.split()), text[:1] in (b" ", b"\t"), None)
            for text in after[c:d]
        ]
    hunk = StructuredHunk(min(1, len(before)), len(before), 1, len(after), "", tuple(lines))
    before_path = path if old else None
    return Structure(
        before_path, path, blob(old)[:digits], blob(new)[:digits], None, (hunk,), old, cost
    )


def filled(old: bytes, new: bytes, *, digits: int = 7) -> Filled:
    return fill([structure(old, new, digits=digits)], Donors.of([old]))


def test_indentation_and_alignment_are_found_and_proved() -> None:
    result = filled(OLD, NEW)
    assert result.content == NEW
    assert result.proved
    assert result.bits == pytest.approx(evidence(7, result.tried))
    assert result.lines[0] == b"#define PUMP_BLOCKED_BY_LEAF\t2"
    assert not result.open
    assert not result.reason


def test_a_new_file_with_four_blanks_is_found() -> None:
    new = b"int add(int a, int b)\n{\n    if (a > b) {\n        a -= b;\n    }\n    return a;\n}\n"
    result = filled(b"", new)
    assert result.content == new
    assert result.proved


def test_a_hash_that_no_candidate_has_proves_nothing_and_lists_what_is_open() -> None:
    odd = NEW.replace(b"blocked by a leaf", b"blocked     by a  \t leaf")
    result = filled(OLD, odd)
    assert not result.proved
    assert not result.agrees
    assert result.bits == 0
    assert result.content == NEW
    assert blob(odd)[:7] in result.reason
    assert [(one.line, one.wide) for one in result.literals] == [(19, False)]


def test_a_folded_literal_that_was_proved_is_listed() -> None:
    new = NEW.replace(b"blocked by", b"blocked  by")
    result = filled(OLD, new)
    assert result.proved
    assert [one.text for one in result.literals] == [b'"blocked  by a leaf"']


def test_a_short_hash_agrees_without_proving() -> None:
    result = filled(OLD, NEW, digits=2)
    assert result.agrees == (result.content == NEW)
    assert not result.proved


def test_the_likelier_structure_loses_when_only_the_other_has_the_hash() -> None:
    right = structure(OLD, NEW, cost=6.0)
    wrong = structure(OLD, NEW.replace(b"\t\treturn -EBUSY;\n", b"\t\treturn -EBUSY; \\\n"))
    wrong = Structure(
        right.old_path, right.new_path, right.old_blob, right.new_blob, None, wrong.hunks, OLD
    )
    result = fill([wrong, right], Donors.of([OLD]))
    assert result.proved
    assert result.structure is right
    assert result.content == NEW


def test_a_line_that_was_moved_keeps_its_blanks() -> None:
    odd = b"\tsleep( 3  ,\t7 );\t// patience\n"
    old = b"void f(void)\n{\n\tint i;\n\n" + odd + b"\ti = 3;\n\tg(i);\n\th(i);\n}\n"
    new = b"void f(void)\n{\n\tint i;\n\n\ti = 3;\n\tg(i);\n" + odd + b"\th(i);\n}\n"
    result = filled(old, new)
    assert result.content == new
    assert result.proved


def test_without_a_base_the_added_lines_are_still_written() -> None:
    whole = structure(OLD, NEW)
    alone = Structure(
        whole.old_path, whole.new_path, whole.old_blob, whole.new_blob, None, whole.hunks, None
    )
    result = fill([alone], Donors.of([]))
    assert result.content is None
    assert not result.proved
    assert b"\t\treturn -EBUSY;" in result.lines


def test_the_same_input_gives_the_same_result() -> None:
    assert filled(OLD, NEW) == filled(OLD, NEW)


def test_a_budget_ends_the_search() -> None:
    odd = NEW.replace(b"blocked by a leaf", b"blocked     by a  \t leaf")
    result = fill([structure(OLD, odd)], Donors.of([OLD]), budget=50)
    assert 0 < result.tried <= 50


@pytest.mark.parametrize(
    "costs",
    [
        [[0.0, 1.0, 4.0], [0.5, 0.75], [0.0]],
        [[0.0, 3.0], [0.0, 1.0, 1.5, 9.0], [1.0, 2.0, 2.0]],
        [],
    ],
)
def test_choices_come_in_order_and_each_once(costs: list[list[float]]) -> None:
    found = list(in_order(costs))
    wanted = 1
    for own in costs:
        wanted *= len(own)
    assert len({choice for _, choice in found}) == len(found) == wanted
    assert [cost for cost, _ in found] == sorted(cost for cost, _ in found)
    for cost, choice in found:
        made = dict(choice)
        assert cost == pytest.approx(sum(own[made.get(slot, 0)] for slot, own in enumerate(costs)))


def test_the_hash_is_gits() -> None:
    # git hash-object of "hello\n"
    assert BlobHash(b"hel").of(b"lo\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert BlobHash(b"hel").of(b"lo \n")[:7] != "ce01362"


def test_evidence_is_what_the_search_leaves_of_the_hash() -> None:
    assert evidence(7, 1) == 28
    assert evidence(7, 1024) == 18
    assert evidence(7, most_candidates(7)) == 12
    assert most_candidates(2) == 1


def test_only_literals_whose_blanks_are_in_doubt_are_listed() -> None:
    lines = [(3, b'\tf("one two", "three", g("four  five"));')]
    assert [one.text for one in literals(lines, proved=False)] == [b'"one two"', b'"four  five"']
    assert [one.text for one in literals(lines, proved=True)] == [b'"four  five"']


def test_carriage_returns_of_the_old_file_are_kept() -> None:
    old, new = (text.replace(b"\n", b"\r\n") for text in (OLD, NEW))
    result = filled(old, new)
    assert result.content == new
    assert result.proved


def test_blanks_in_an_empty_line_are_found() -> None:
    new = NEW.replace(b"return -EBUSY;\n\t}\n", b"return -EBUSY;\n\t}\n\t\n")
    result = filled(OLD, new)
    assert result.content == new
    assert result.proved


def test_an_added_line_may_stand_as_its_twin_below_it() -> None:
    """A line that git took for added kept the depth it has in the function it was copied from."""
    old = b"int run(int a)\n{\n\tif (a) {\n\t\t\tpump(a);\n\t}\n\treturn a;\n}\n"
    new = old.replace(b"\treturn a;\n", b"\tif (a > 1) {\n\t\t\tpump(a);\n\t}\n\treturn a;\n")
    result = filled(old, new)
    assert result.content == new
    assert result.proved


def test_a_statement_below_a_comment_is_not_indented_like_the_comment() -> None:
    """The column of a comment's second line was offered for the statement behind it."""
    new = b"int run(int a)\n{\n\t/*\n\t * Stop.\n\t */\n\tstop(a);\n\treturn a;\n}\n"
    slots = Draft(sheet_of(structure(b"", new), Donors.of([]))).slots
    found = [one.text for slot in slots for one in slot.options if (slot.line, slot.gap) == (5, 0)]
    assert found
    assert b"\t " not in found


def test_an_argument_described_over_two_lines_and_a_rough_declaration_are_found() -> None:
    new = (
        b"/*\n * fill_pump - fills a pump\n * @pump_to_fill: the pump that is to be filled by\n"
        b" *               the one who calls\n * @speed: how fast\n */\n"
        b"struct pump *fill_pump(struct pump *pump_to_fill,\n\tint speed)\n{\n\treturn 0;\n}\n"
    )
    result = filled(b"", new)
    assert result.content == new
    assert result.proved


def test_the_rest_of_a_title_stands_under_it() -> None:
    new = (
        b"/*\n * pump_and_hold - fills a pump that is\n *\t\t   not yet full\n *\n"
        b" * Used by all.\n */\nint pump_and_hold;\n"
    )
    result = filled(b"", new)
    assert result.content == new
    assert result.proved


def test_a_kconfig_entry_does_not_drift() -> None:
    """Each line of a Kconfig entry was indented one tab more than the line above it."""
    old = b'config PIPE\n\tbool "Pipe"\n\thelp\n\t  A pipe.\n\n'
    new = old + (
        b'config PUMP\n\tbool "Pump"\n\tdepends on PIPE\n\tselect LEAF\n\thelp\n'
        b"\t  A pump moves water\n\t  through a pipe.\n\n\t  Say N.\n"
    )
    given = structure(old, new, path="water/Kconfig")
    result = fill([given], Donors.of([old]))
    assert result.content == new
    assert result.tried == 1


def test_a_choice_writes_anew_only_what_looks_at_it() -> None:
    new = NEW + b"\nint one(void)\n{\n\tint a = 1;\n\tint bc = 2;\n\n\treturn a;\n}\n"
    draft = Draft(sheet_of(structure(OLD, new), Donors.of([OLD])))
    at, slot = next(
        (at, slot)
        for at, slot in enumerate(draft.slots)
        if slot.kind == "assign" and b"a" in draft.sheet.pieces[slot.line]
    )
    wide = next(number for number, one in enumerate(slot.options) if one.text == b"  ")
    branch = Draft(draft.sheet, draft, (at, wide))
    assert b"\tint a  = 1;" in branch.sheet.texts
    assert b"\tint bc = 2;" in branch.sheet.texts
    assert b"\treturn a;" in branch.sheet.texts
    assert branch.weighed < draft.weighed / 2


USAGE = b'void usage(void)\n{\n\tputs("Usage: pump show [ limit N ]\\n");\n}\n'
FLOW = b"int run(int a)\n{\n\treturn a;\n}\n"


@pytest.mark.parametrize(
    ("old", "text"),
    [
        (USAGE, b'\tputs("       pump stop\\n");\n'),
        (USAGE, b'\tputs("                 [ flow N ]\\n");\n'),
        (USAGE, b'\tputs("            show\\n");\n'),
        (FLOW, b"\tint type = (a == 1) ? PUMP_ONE\n\t\t\t    : PUMP_OTHER;\n"),
        (FLOW, b"\trun_type(a, (a == 1) ? PUMP_ONE\n\t\t\t     : PUMP_OTHER);\n"),
        (FLOW, b"\tif (read_the_flow(pump,\n\t    &flow) != 0)\n\t\ta++;\n"),
        (FLOW, b"\tfill_the_pump(pump,\n\t\t       flow);\n"),
        (FLOW, b"\tfill_the_pump(pump,\n\t\t     flow);\n"),
    ],
    ids=["usage", "bracket", "word", "choice", "choice in a call", "outer", "one more", "one less"],
)
def test_a_line_may_go_on_under_what_the_line_above_has(old: bytes, text: bytes) -> None:
    """None of these columns was a candidate."""
    new = old.replace(b"}\n", text + b"}\n")
    result = filled(old, new)
    assert result.content == new
    assert result.proved


def test_the_columns_behind_a_literals_blanks_are_found_anew() -> None:
    """The words behind went on to the column that they had without these blanks."""
    old = b'char *usage =\n"       --small         is for a small pump\\n"\n;\n'
    new = old.replace(b";\n", b'"       --big           is for a big pump\\n"\n;\n')
    result = filled(old, new)
    assert result.content == new
    assert result.proved


def test_who_writes_two_blanks_behind_a_sentence_does_so_again() -> None:
    """Each of the gaps was a choice of its own."""
    rows = (
        b" * It holds %d.  It has leaf %d.  No more\n * than %d." % (at, at, at) for at in range(8)
    )
    new = b"/*\n" + b"\n *\n".join(rows) + b"  */\nint pump;\n"
    result = filled(b"", new)
    assert result.content == new
    assert result.proved


def test_two_blanks_in_another_comment_say_nothing_of_a_sentence() -> None:
    """The words behind `Inc.` in a copyright notice often stand behind two."""
    notice = b"/*\n * Copyright (C) 2012, Red Hat, Inc.  Ann Author\n */\n"
    new = notice + b"/*\n * It holds some. No more\n * than that.\n */\nint pump;\n"
    result = filled(b"", new)
    assert result.content == new
    assert result.proved


def test_a_literal_keeps_the_blanks_between_two_words_of_the_removed_line() -> None:
    """With as many of them as here, no joint choice came to all."""
    calls = [b'\tshow("%%-" wide(NAME_%d) "s   ", a);\n' % at for at in range(12)]
    old = FLOW.replace(b"\treturn", b"".join(calls) + b"\treturn")
    result = filled(old, old.replace(b"show(", b"show_all(fp, "))
    assert result.proved
