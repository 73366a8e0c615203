# SPDX-License-Identifier: GPL-2.0-or-later
"""Where hunks come to stand, what a base must have, and how a history is read."""

from __future__ import annotations

import difflib
import random
from typing import TYPE_CHECKING

import pytest

from patchtool.series.diff import parse_diff
from patchtool.series.hunks import find_lines, has_lines, split
from patchtool.series.model import Dependency, DependsOn, Patch, Series
from patchtool.tree.base import words
from patchtool.tree.base.blobs import Want, base_wants, score
from patchtool.tree.base.lineage import moved_range
from patchtool.tree.base.placing import Fit, Placed, place
from patchtool.tree.history import Transition, parse_walk

if TYPE_CHECKING:
    from collections.abc import Sequence

OLD = [f"line {number}" for number in range(1, 41)]


def text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def diff(old: Sequence[str], new: Sequence[str], path: str = "x.c", index: str = "") -> str:
    body = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=3, lineterm="")
    return f"diff --git a/{path} b/{path}\n{index}" + "".join(f"{line}\n" for line in body)


def series(*diffs: str, cover: str | None = None, **given: object) -> Series:
    patches = tuple(
        Patch(number, f"p{number}", "A <a@x>", "", "", None, parse_diff(one.encode(), "p"), b"")
        for number, one in enumerate(diffs, 1)
    )
    return Series("s", "t", 1, cover, patches, None, **given)  # type: ignore[arg-type]


def edited(lines: Sequence[str], at: int, *new: str, gone: int = 1) -> list[str]:
    return [*lines[: at - 1], *new, *lines[at - 1 + gone :]]


def placed(found: Sequence[Placed]) -> list[tuple[int, Fit, int, int, bool]]:
    return [(item.patch, item.fit, item.first, item.last, item.grown) for item in found]


def test_a_hunk_of_a_later_patch_is_known_by_the_lines_of_the_base_under_it() -> None:
    one = edited(OLD, 10, "ten", "ten and a half")
    two = edited(one, 14, "thirteen")
    three = edited(two, 11, "10.5")
    found = place(series(diff(OLD, one), diff(one, two), diff(two, three)), {"x.c": text(OLD)})
    assert placed(found) == [
        (1, Fit.FITS, 7, 13, False),
        (2, Fit.FITS, 11, 16, True),
        (3, Fit.FITS, 8, 12, True),
    ]


def test_one_hunk_that_does_not_fit_does_not_hide_the_others() -> None:
    new = edited(edited(OLD, 30, "thirty"), 10, "ten")
    target = edited(OLD, 8, "other")
    fits = [item.fit for item in place(series(diff(OLD, new)), {"x.c": text(target)})]
    assert fits == [Fit.MISFIT, Fit.FITS]


def test_what_is_there_already_is_told_from_what_does_not_fit() -> None:
    new = edited(edited(OLD, 30, "thirty"), 10, "ten")
    target = edited(OLD, 10, "ten")
    fits = [item.fit for item in place(series(diff(OLD, new)), {"x.c": text(target)})]
    assert fits == [Fit.PRESENT, Fit.FITS]


@pytest.mark.parametrize(("at", "shift"), [(1, ["above"]), (40, [])])
def test_a_hunk_at_an_end_of_the_file_fits_only_there(at: int, shift: list[str]) -> None:
    new = edited(OLD, at, "new")
    assert placed(place(series(diff(OLD, new)), {"x.c": text(OLD)}))[0][1] is Fit.FITS
    target = [*shift, *OLD] if shift else [*OLD, "below"]
    assert placed(place(series(diff(OLD, new)), {"x.c": text(target)}))[0][1] is Fit.MISFIT


def test_files_that_are_missing_or_in_the_way_are_told() -> None:
    head = "diff --git a/n.c b/n.c\nnew file mode 100644\n"
    make = f"{head}--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+n\n"
    new = edited(OLD, 10, "ten")
    found = place(series(make, diff(OLD, new)), {"n.c": b"there\n"})
    assert [(item.path, item.fit) for item in found] == [
        ("n.c", Fit.EXISTS),
        ("x.c", Fit.NO_FILE),
    ]
    assert place(series(make), {}) == ()


def test_a_moved_file_keeps_the_name_it_has_in_the_base() -> None:
    move = "diff --git a/x.c b/y.c\nsimilarity index 100%\nrename from x.c\nrename to y.c\n"
    new = edited(OLD, 10, "ten")
    found = place(series(move, diff(OLD, new, "y.c")), {"x.c": text(OLD)})
    assert [(item.path, item.first) for item in found] == [("x.c", 7)]


@pytest.mark.parametrize("seed", range(20))
def test_lines_are_found_where_a_plain_search_finds_them(seed: int) -> None:
    dice = random.Random(seed)
    lines = [dice.choice([b"a", b"b", b"long one", b""]) for _ in range(30)]
    wanted_lines = [dice.choice([b"a", b"b", b"long one", b""]) for _ in range(2)]
    near = dice.randrange(30)
    fits = [at for at in range(29) if lines[at : at + 2] == wanted_lines]
    found = find_lines(lines, wanted_lines, near)
    assert (found is None) == (not fits)
    if found is not None:
        assert found in fits
        assert abs(found - near) == min(abs(at - near) for at in fits)
    assert has_lines(b"\n".join(lines) + b"\n", wanted_lines) == bool(fits)


def test_a_file_without_a_last_line_end_has_its_last_line() -> None:
    assert has_lines(b"a\nb", [b"b"])
    assert not has_lines(b"ab\nb c", [b"b"])
    assert split(b"a\nb") == split(b"a\nb\n") == [b"a", b"b"]


@pytest.mark.parametrize("seed", range(30))
def test_lines_are_followed_through_a_diff(seed: int) -> None:
    dice = random.Random(seed)
    old = [f"line {number}" for number in range(1, 31)]
    new = list(old)
    for _ in range(4):
        at = dice.randrange(len(new))
        new[at : at + dice.randrange(3)] = [f"new {dice.random()}"] * dice.randrange(3)
    shown = "\n".join(difflib.unified_diff(old, new, n=0, lineterm=""))
    first = dice.randrange(1, 25)
    last = first + dice.randrange(6)
    start, end = moved_range(shown, first, last)
    kept = [line for line in old[first - 1 : last] if line in new]
    assert 1 <= start <= end
    assert set(kept) <= set(new[start - 1 : end])
    below, above = old[: first - 1], old[last:]
    inside = new[start : end - 1]  # the ends may be the neighbours of what was removed
    assert not set(inside) & {*below, *above}


def test_the_first_patch_that_touches_a_file_tells_of_the_base() -> None:
    new = edited(OLD, 10, "ten")
    make = (
        "diff --git a/n.c b/n.c\nnew file mode 100644\nindex 0000000..1111111\n"
        "--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+n\n"
    )
    found = base_wants(
        series(
            diff(OLD, new, index="index aaaaaaa..bbbbbbb 100644\n"),
            diff(new, OLD, index="index bbbbbbb..aaaaaaa 100644\n") + make,
            diff(OLD, new, "plain.c"),
        )
    )
    assert found == (Want("x.c", "aaaaaaa"), Want("n.c", ""), Want("plain.c", None))
    state = {"x.c": "aaaaaaa" + "0" * 33, "plain.c": "f" * 40}
    assert score(found, state) == 3
    assert score(found, {**state, "n.c": "1" * 40}) == 2
    assert score(found, {}) == 1


def test_a_walk_is_read_with_merges_and_removals() -> None:
    a, b, c, zero = ("a" * 40, "b" * 40, "c" * 40, "0" * 40)
    listing = (
        "\x01m1 p1 p2\0"
        f"\0::100644 100644 100644 {a} {b} {c} MM\0x.c\0"
        "\x01m2 p1 p2\0"
        f"\x01c1 p1\0\n:100644 000000 {a} {zero} D\0x.c\0:000000 100644 {zero} {b} A\0y z.c\0"
    )
    walk = parse_walk(listing)
    assert walk.merges == ("m1", "m2")
    assert walk.transitions == (
        Transition("m1", "x.c", (a, b), c),
        Transition("c1", "x.c", (a,), ""),
        Transition("c1", "y z.c", ("",), b),
    )
    assert parse_walk("").transitions == ()


def test_what_a_series_says_of_its_base_is_taken() -> None:
    base = Dependency(DependsOn.BASE_COMMIT, "ab" * 20, 0)
    release = Dependency(DependsOn.BASED_ON, "v4.1", 2)
    tree = Dependency(DependsOn.BASED_ON, "net-next", 0)
    commit = Dependency(DependsOn.BASED_ON, "0123456789ab", 0)
    given = series(
        diff(OLD, OLD[1:]),
        cover="Tested on v3.6-rc2.",
        dependencies=(base, release, tree, commit),
        tags=("RFC", "mm", "6.12"),
        date="Tue, 21 Aug 2012 09:47:43 -0300",
    )
    assert [value for value, _ in words.base_commits(given)] == ["ab" * 20, "0123456789ab"]
    assert list(words.releases(given)) == [
        ("v4.1", "named in patch 2"),
        ("v6.12", "named in the subjects"),
        ("v3.6-rc2", "mentioned in the cover letter"),
    ]
    assert words.trees(given) == ("mm", "net-next")
    assert words.posted(given) == 1345553263
    assert words.posted(series(diff(OLD, OLD[1:]), date="soon")) is None
    assert words.posted(series(diff(OLD, OLD[1:]), date="Thu, 1 Jan 1970 00:00:00 +0000")) is None


@pytest.mark.parametrize(
    ("target", "fit"),
    [
        (edited(OLD, 10, "ten"), Fit.PRESENT),
        (["above", *edited(OLD, 10, "ten")], Fit.MISFIT),
        ([*edited(OLD, 10, "ten"), *edited(OLD, 10, "ten")], Fit.MISFIT),
        (edited(edited(OLD, 10, "ten"), 5, "line six"), Fit.MISFIT),
    ],
)
def test_only_the_place_and_the_heading_a_hunk_names_prove_it(
    target: Sequence[str], fit: Fit
) -> None:
    hunk = diff(OLD, edited(OLD, 10, "ten")).replace("+7,7 @@\n", "+7,7 @@ line 5\n")
    hunk = hunk.replace("line 6", "\tline 6")
    lines = [line.replace("line 6", "\tline 6") for line in target]
    assert [item.fit for item in place(series(hunk), {"x.c": text(lines)})] == [fit]
