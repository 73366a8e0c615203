# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of damaged file diffs: what is told apart, and what is refused."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from patchtool.errors import SeriesError
from patchtool.intake.pages.posting import file_diffs
from patchtool.recover.fragment import Effort, TooMuchError, take_apart
from patchtool.recover.structure import readings, structures
from tests.lib.archive_page import by_lines, file_diff, folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.recover.structure import Structure

OLD = b"""\
/* Counts what a lift carries. */
#include <linux/kernel.h>
#include <linux/lift.h>

static int floors;
static int load;

int lift_add(struct lift *lift, int weight)
{
\tint sum = lift->load;

\tif (weight < 0)
\t\treturn -EINVAL;
\tsum += weight;
\tlift->load = sum;
\treturn 0;
}

void lift_empty(struct lift *lift)
{
\tlift->load = 0;
\tlift->floor = 0;
}

int lift_floor(struct lift *lift)
{
\treturn lift->floor;
}

int lift_stop(struct lift *lift, int floor)
{
\tif (floor > floors)
\t\treturn -ERANGE;

\tlift->floor = floor;
\treturn 0;
}
"""

BOTH = pytest.mark.parametrize("damage", [folded, by_lines])


def shape(text: bytes) -> list[tuple[str, tuple[bytes, ...]]]:
    """Mark and words of each line of an undamaged diff's hunks."""
    body = text[text.index(b"\n@@") + 1 :].split(b"\n")[:-1]
    return [
        (line[:1].decode(), tuple(line[1:].split()))
        for line in body
        if not line.startswith((b"@@", b"\\"))
    ]


def read(structure: Structure) -> list[tuple[str, tuple[bytes, ...]]]:
    return [(line.mark, line.pieces) for hunk in structure.hunks for line in hunk.lines]


def changed(*changes: tuple[bytes, bytes], old: bytes = OLD) -> bytes:
    new = old
    for before, after in changes:
        assert before in new
        new = new.replace(before, after, 1)
    return new


CHANGES = {
    "a plus that belongs to the code": [
        (b"\tsum += weight;\n", b"\tsum = sum + weight;\n\tsum = sum +\n\t\tlift->tare + 1;\n")
    ],
    "empty lines added": [
        (b"\treturn lift->floor;\n", b"\tint one;\n\n\tone = 1;\n\n\treturn one;\n")
    ],
    "a line behind the declarations": [
        (b"\tint sum = lift->load;\n", b"\tint sum = 0;\n\tint b;\n")
    ],
    "a line behind the includes": [
        (b"#include <linux/lift.h>\n", b"#include <linux/lift.h>\n#include <linux/mm.h>\n")
    ],
    "a function added": [
        (
            b"int lift_floor(",
            (
                b"/*\n * Tells the load: a + b.\n */\nint lift_load(struct lift *lift)\n{\n"
                b"\treturn lift->load;\n}\n\nint lift_floor("
            ),
        )
    ],
    "a removed line with a minus of its own": [
        (b"\t\treturn -EINVAL;\n", b"\t\treturn -ERANGE;\n")
    ],
    "an empty line removed": [(b"\t\treturn -ERANGE;\n\n", b"\t\treturn -ERANGE;\n")],
    "two hunks": [
        (b"static int floors;\n", b"static int floors = 9;\n"),
        (b"\tlift->floor = floor;\n", b"\tlift->floor = floor;\n\tlift->load++;\n"),
    ],
    "at the top": [(b"/* Counts", b"// first\n/* Counts")],
    "at the end": [(b"\tlift->floor = floor;\n\treturn 0;\n}\n", b"\treturn 0;\n}\n\nint last;\n")],
}


@BOTH
@pytest.mark.parametrize("name", CHANGES)
def test_the_lines_are_told_apart(damage: Callable[[str], str], name: str) -> None:
    text = file_diff("lib/lift.c", OLD, changed(*CHANGES[name]))
    found = structures(damage(text), OLD)
    assert read(found[0]) == shape(text.encode())
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    assert found[0].old_blob is not None
    assert (found[0].old_path, found[0].new_mode) == ("lib/lift.c", "100644")


@BOTH
def test_context_and_removed_lines_are_those_of_the_old_file(damage: Callable[[str], str]) -> None:
    text = file_diff("lib/lift.c", OLD, changed(*CHANGES["two hunks"]))
    found = structures(damage(text), OLD)[0]
    for hunk in found.hunks:
        lines = [line.text for line in hunk.lines if line.mark != "+"]
        start = hunk.old_start - 1
        assert lines == OLD.split(b"\n")[start : start + hunk.old_count]
        assert all(line.text is None for line in hunk.lines if line.mark == "+")


@BOTH
def test_the_page_tells_which_added_lines_are_indented(damage: Callable[[str], str]) -> None:
    new = changed((b"\treturn lift->floor;\n", b"\tif (lift)\nout:\n\t\treturn lift->floor;\n"))
    added = [line for hunk in structures(damage(file_diff("a.c", OLD, new)), OLD)[0].hunks
             for line in hunk.lines if line.mark == "+"]  # fmt: skip
    assert [(line.pieces[0], line.indented) for line in added] == [
        (b"if", True), (b"out:", False), (b"return", True),
    ]  # fmt: skip


@BOTH
def test_new_and_removed_files(damage: Callable[[str], str]) -> None:
    new = structures(damage(file_diff("a.c", None, OLD)), None)[0]
    assert (new.old_path, new.new_path, new.new_mode) == (None, "a.c", "100644")
    assert read(new) == [("+", tuple(line.split())) for line in OLD.split(b"\n")[:-1]]
    gone = structures(damage(file_diff("a.c", OLD, None)), OLD)[0]
    assert (gone.old_path, gone.new_path) == ("a.c", None)
    assert {line.mark for hunk in gone.hunks for line in hunk.lines} == {"-"}


@BOTH
def test_a_missing_line_end_at_the_end_is_kept(damage: Callable[[str], str]) -> None:
    new = OLD.rstrip(b"\n") + b"\nint last;"
    lines = structures(damage(file_diff("a.c", OLD, new)), OLD)[0].hunks[-1].lines
    assert [line.ended for line in lines] == [True] * (len(lines) - 1) + [False]


@BOTH
def test_a_hunk_is_found_elsewhere_in_another_version(damage: Callable[[str], str]) -> None:
    new = changed((b"\tlift->floor = floor;\n", b"\tlift->floor = floor + 1;\n"))
    other = b"int before;\n" * 7 + OLD
    found = structures(damage(file_diff("a.c", OLD, new)), other)[0].hunks[0]
    assert found.offset == 7
    assert found.old_start == OLD.split(b"\n").index(b"\tif (floor > floors)") + 1 + 7
    assert b"\tlift->floor = floor;" in [line.text for line in found.lines if line.mark == "-"]


@BOTH
def test_a_hunk_that_fits_nowhere_is_named(damage: Callable[[str], str]) -> None:
    text = file_diff("a.c", OLD, changed(*CHANGES["two hunks"]))
    other = OLD.replace(b"lift->floor = floor;", b"lift->floor = 7;")
    with pytest.raises(SeriesError, match=r"a\.c: hunk 2 of 2 \(@@ -\d+,\d+ \+\d+,\d+ @@\)"):
        structures(damage(text), other)


def test_with_line_breaks_the_counts_alone_tell_the_lines() -> None:
    text = file_diff("a.c", OLD, changed(*CHANGES["a function added"]))
    found = structures(by_lines(text), None)[0]
    assert read(found) == shape(text.encode())
    assert all(line.text is None for hunk in found.hunks for line in hunk.lines)


def test_a_removed_comment_is_no_context() -> None:
    """Without an old file, `- /*` was taken for context: the comment made its lines cheap."""
    comment = b"".join(b"\t * words that go on and on in line %d\n" % at for at in range(9))
    old = OLD.replace(b"\tsum += weight;\n", b"\tsum++;\n\t/*\n" + comment + b"\t */\n")
    new = OLD.replace(b"\tsum += weight;\n", b"\tsum = lift_sum(lift,\n\t\t       weight);\n")
    text = file_diff("a.c", old, new)
    assert read(structures(by_lines(text), None)[0]) == shape(text.encode())


def test_a_context_line_that_begins_with_a_mark_is_told_by_the_counts() -> None:
    old = b"a\nb\n+c\nd\ne\nf\n"
    text = file_diff("notes.txt", old, old.replace(b"d\n", b"d\nnew\n"))
    assert read(structures(by_lines(text), old)[0]) == shape(text.encode())


def test_a_line_that_was_wrapped_is_joined() -> None:
    text = by_lines(file_diff("a.c", OLD, changed(*CHANGES["at the end"])))
    wrapped = text.replace("if (floor > floors)", "if (floor\n> floors)")
    assert read(structures(wrapped, OLD)[0]) == read(structures(text, OLD)[0])


def test_without_an_old_file_folded_text_has_the_lines_its_counts_say() -> None:
    text = file_diff("a.c", OLD, changed(*CHANGES["two hunks"]))
    for hunk in structures(folded(text), None)[0].hunks:
        marks = [line.mark for line in hunk.lines]
        assert marks.count(" ") + marks.count("-") == hunk.old_count
        assert marks.count(" ") + marks.count("+") == hunk.new_count


def test_hosts_that_are_masked_match_the_old_file() -> None:
    old = b"/*\n * By A <a@example.org>\n */\nint a;\nint b;\n"
    text = file_diff("a.c", old, old.replace(b"int a;", b"int c;"))
    found = structures(folded(text).replace("a@example.org", "a@xxxxxxxxxxx"), old)[0]
    assert found.hunks[0].lines[1].text == b" * By A <a@example.org>"
    with pytest.raises(SeriesError):
        structures(folded(text).replace("a@example.org", "b@xxxxxxxxxxx"), old)


def test_an_old_file_in_latin_1_matches_a_page_in_utf_8() -> None:
    old = "/* café */\nint a;\n".encode("latin-1")
    text = file_diff("a.c", b"/* caf */\nint a;\n", b"/* caf */\nint b;\n").replace("caf", "café")
    assert structures(folded(text), old)[0].hunks[0].lines[0].text == old.split(b"\n")[0]


def test_text_that_looks_like_a_hunk_header_is_no_hunk() -> None:
    new = changed(
        (b"static int load;\n", b'static int load;\nconst char *at = "@@ -1,2 +1,3 @@";\n')
    )
    text = file_diff("a.c", OLD, new)
    assert read(structures(folded(text), OLD)[0]) == shape(text.encode())


def test_the_function_heading_is_told_by_the_old_file() -> None:
    text = file_diff("a.c", OLD, changed((b"\treturn 0;\n}\n\nvoid", b"\treturn 1;\n}\n\nvoid")))
    headed = text.replace(" @@\n", " @@ int lift_add(struct lift *lift, int weight)\n")
    found = structures(folded(headed), OLD)[0]
    assert found.hunks[0].section == "int lift_add(struct lift *lift, int weight)"
    assert read(found) == shape(text.encode())


def test_the_function_heading_has_the_blanks_of_the_old_file() -> None:
    old = OLD.replace(b"int lift_add(", b"int\tlift_add(")
    new = changed((b"\treturn 0;\n}\n\nvoid", b"\treturn 1;\n}\n\nvoid"), old=old)
    text = file_diff("a.c", old, new)
    headed = text.replace(" @@\n", " @@ int\tlift_add(struct lift *lift, int weight)\n")
    found = structures(folded(headed), old)[0]
    assert found.hunks[0].section == "int\tlift_add(struct lift *lift, int weight)"
    assert read(found) == shape(text.encode())


@pytest.mark.parametrize(
    ("extended", "old", "new"),
    [
        ("old mode 100644\nnew mode 100755\n", "x y.c", "x y.c"),
        ("similarity index 100%\nrename from x y.c\nrename to z.c\n", "x y.c", "z.c"),
    ],
)
@BOTH
def test_names_and_modes_alone(
    damage: Callable[[str], str], extended: str, old: str, new: str
) -> None:
    found = take_apart(damage(f"diff --git a/{old} b/{new}\n{extended}").encode())
    assert (found.old_path, found.new_path, found.hunks) == (old, new, ())
    assert list(found.extended) == extended.split("\n")[:-1]


def test_a_rename_with_a_change_keeps_its_headers() -> None:
    text = file_diff("b.c", OLD, changed(*CHANGES["two hunks"])).replace(
        "diff --git a/b.c b/b.c\n",
        "diff --git a/a.c b/b.c\nsimilarity index 90%\nrename from a.c\nrename to b.c\n",
    ).replace("--- a/b.c", "--- a/a.c")  # fmt: skip
    found = take_apart(folded(text).encode())
    assert (found.old_path, found.new_path, found.renames) == ("a.c", "b.c", True)
    assert found.extended == ("similarity index 90%", "rename from a.c", "rename to b.c")


def test_a_binary_patch_is_refused() -> None:
    text = "diff --git a/x.bin b/x.bin index 1111111..2222222 100644 GIT binary patch delta 5 zcmZ"
    with pytest.raises(SeriesError, match="binary patch"):
        structures(text, b"")


@pytest.mark.parametrize("path", ["../etc/passwd", "/etc/passwd", ".git/config", "a/../../b"])
def test_a_path_that_leaves_the_tree_is_refused(path: str) -> None:
    with pytest.raises(SeriesError):
        structures(folded(file_diff(path, None, b"x\n")), None)


def test_a_symbolic_link_is_refused() -> None:
    text = file_diff("a", None, b"/etc/passwd\n").replace("mode 100644", "mode 120000")
    with pytest.raises(SeriesError, match="only plain files"):
        structures(folded(text), None)


def test_each_file_diff_of_a_folded_mail_is_found() -> None:
    texts = [file_diff("a.c", OLD, changed(*CHANGES[name])) for name in ("two hunks", "at the end")]
    mail = folded("Says diff --git in words.\n---\n" + "".join(texts)).encode()
    assert [take_apart(one).path for one in file_diffs(mail)] == ["a.c", "a.c"]


def test_headers_without_git_are_read() -> None:
    text = "--- linux.orig/mm/a.c 2012-01-01 10:00:00 +0000 +++ linux/mm/a.c 2012-01-01 11:00:00 "
    text += "+0000 @@ -1,2 +1,2 @@ -int a; +int c; int b;"
    diffs = list(file_diffs(f"words {text}".encode()))
    found = structures(diffs[0], b"int a;\nint b;\n")[0]
    assert (found.old_path, found.new_path) == ("mm/a.c", "mm/a.c")
    assert read(found) == [("-", (b"int", b"a;")), ("+", (b"int", b"c;")), (" ", (b"int", b"b;"))]


@pytest.mark.parametrize("counts", ["-1,999999999 +1,999999999", "-0,0 +0,0", "-5 +7"])
def test_counts_that_cannot_be_are_refused(counts: str) -> None:
    text = f"diff --git a/a.c b/a.c index 1111111..2222222 --- a/a.c +++ b/a.c @@ {counts} @@ + x"
    for base in (None, OLD):
        with pytest.raises(SeriesError):
            structures(text, base)


@pytest.mark.no_cover
def test_garbage_costs_no_more_than_its_size_allows() -> None:
    """The search once took a minute for 100 kB of plus signs."""
    chosen = random.Random(3)
    words = [chosen.choice(["+", "-", "}", "a", "/*", "+x;", "-}"]) for _ in range(4000)]
    head = "diff --git a/a.c b/a.c index 1111111..2222222 --- a/a.c +++ b/a.c @@ -1,300 +1,900 @@ "
    diff = take_apart((head + " ".join(words)).encode())
    for base in (None, b"}\n\na\n" * 200):
        effort = Effort(20_000)
        spent = effort.left
        with suppress(SeriesError):
            readings(diff, base, effort)
        assert spent - effort.left <= 2 * spent + 6 * 4000 + 1000


def test_effort_is_refused_beyond_its_end() -> None:
    effort = Effort(0)
    assert effort.spend(10)
    assert not effort.spend(effort.left)
    with pytest.raises(TooMuchError):
        effort.spend(30_000)
