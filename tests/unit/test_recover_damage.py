# SPDX-License-Identifier: GPL-2.0-or-later
"""The damage that tests and the benchmark do to file diffs."""

from __future__ import annotations

from ci import damage

DIFF = (
    b"diff --git a/pump.c b/pump.c\n"
    b"index 1111111..2222222 100644\n"
    b"--- a/pump.c\n"
    b"+++ b/pump.c\n"
    b"@@ -1,3 +1,5 @@ int main(void)\n"
    b" {\n"
    b"-\tstart( );\n"
    b"+\tstart(1,\t 2);\n"
    b"+\n"
    b"+\tstop();   \n"
    b" }\n"
)


def test_folded_diffs_are_one_line_of_single_blanks() -> None:
    assert damage.folded(DIFF) == (
        b"diff --git a/pump.c b/pump.c index 1111111..2222222 100644 --- a/pump.c +++ b/pump.c "
        b"@@ -1,3 +1,5 @@ int main(void) { - start( ); + start(1, 2); + + stop(); }"
    )


def test_line_breaks_stay_where_only_blanks_are_lost() -> None:
    assert damage.line_by_line(DIFF).split(b"\n")[5:] == [
        b"{",
        b"- start( );",
        b"+ start(1, 2);",
        b"+",
        b"+ stop();",
        b"}",
        b"",
    ]
