# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a line stands, and what may stand in front of it and between its words."""

from __future__ import annotations

import pytest

from patchtool.core.columns import reach, width
from patchtool.recover.gaps import kinds
from patchtool.recover.sheet import Style, style_of
from patchtool.recover.syntax import places

SOURCE = b"""\
#ifdef PUMP
struct pump {
\tint state;
\t/* how much
\t * it pumps */
\tlong flow;
};
#endif
static int run(struct pump *pump,
\t       int speed)
{
\tswitch (speed) {
\tcase 1:
\t\tif (pump->state)
\t\t\tstop(pump);
\t\telse
\t\t\tstart(
\t\t\t\tpump);
\t\tbreak;
\t}
\tpump->flow = speed +
\t\t1;
out:
\treturn 0;
}
#define BOTH(a) do { \\
\tone(a); \\
} while (0)
"""


def test_the_words_tell_where_each_line_stands() -> None:
    folded = [b" ".join(line.split()) for line in SOURCE.splitlines()]
    kinds_found = [place.kind for place in places(folded)]
    assert kinds_found == [
        "directive", "statement", "statement", "comment", "inside", "statement", "close",
        "directive", "statement", "parenthesis", "open", "statement", "case", "statement", "body",
        "close", "body", "hanging", "statement", "close", "statement", "continuation", "label",
        "statement", "close", "directive", "statement", "close",
    ]  # fmt: skip


def test_a_line_knows_its_block_and_the_line_it_belongs_to() -> None:
    found = places(SOURCE.splitlines())
    assert (found[2].block, found[2].parent) == ("struct", 1)
    assert (found[5].parent, found[5].sibling) == (1, 2)
    assert (found[9].opener, found[9].parent) == ((8, 12), 8)
    assert (found[12].block, found[12].parent) == ("switch", 11)
    assert found[14].parent == 13
    assert found[15].parent == 13


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            b"p->flow = 3; /* a lot */",
            ["assign", "code", "trailing", "comment", "comment", "comment"],
        ),
        (b"#define PUMP_IDLE 0", ["define", "value"]),
        (b"#define BOTH(a, b) both(a, b) \\", ["define", "code", "value", "code", "backslash"]),
        (b'puts("now. and then");', ["sentence", "string"]),
        (b'warn("no leaf", 1);', ["string", "code"]),
        (b'f(" at %" A " on");', ["literal", "string", "code", "code", "string"]),
    ],
)  # fmt: skip
def test_the_words_tell_the_kind_of_each_gap(text: bytes, wanted: list[str]) -> None:
    pieces = tuple(text.split())
    assert kinds(pieces, places([text])[0]) == wanted


def test_columns_count_tabs() -> None:
    assert width(b"\ta\tb") == 17
    assert width(b"\t", 9) == 16
    assert reach(3, 18, tabs=True) == b"\t\t  "
    assert reach(3, 6, tabs=True) == b"   "
    assert reach(3, 18, tabs=False) == b" " * 15


@pytest.mark.parametrize(
    ("text", "style"),
    [
        (b"f {\n\tif (a) {\n\t\tb;\n\t}\n}\n", Style(8, tabs=True)),
        (b"f {\n    if (a) {\n        b;\n    }\n}\n", Style(4, tabs=False)),
        (b"f {\n  if (a) {\n    b;\n  }\n}\n", Style(2, tabs=False)),
        (b"int a;\n", Style(8, tabs=True)),
    ],
)
def test_a_file_tells_by_how_much_it_indents(text: bytes, style: Style) -> None:
    assert style_of(text.split(b"\n")) == style


def test_a_step_deeper_is_made_as_the_file_makes_it() -> None:
    assert Style(8, tabs=True).moved(b"\t", 1) == b"\t\t"
    assert Style(8, tabs=True).moved(b"\t  ", 1) == b"\t\t  "
    assert Style(4, tabs=False).moved(b"    ", 1) == b" " * 8
    assert Style(4, tabs=True).moved(b"    ", 1) == b"\t"
    assert Style(4, tabs=False).moved(b"    ", -2) == b""
