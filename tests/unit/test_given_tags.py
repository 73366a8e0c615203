# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the tags of replies end up: at a patch, at the series, or beside it and not counted."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from patchtool.commands.options import Context
from patchtool.commands.series_show import command
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.series.mbox import Mailbox
from patchtool.series.model import Patch, Series
from patchtool.series.posting.pile import Pile
from patchtool.series.posting.posted import series_of
from patchtool.series.posting.tagged import distinct
from patchtool.series.tags.value import Trailer
from tests.unit.test_threads import B, box, made, post, thread

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.mail import Mail

TAG = "Reviewed-by: Bob <bob@b.org>\n"


def parts(series: Series) -> tuple[Series | Patch, ...]:
    return (series, *series.patches)


def names(series: Series) -> list[list[str]]:
    """The counted tags of replies: of the series, and of each patch."""
    return [
        [tag.name for tag in part.trailers if tag.given_in is not None] for part in parts(series)
    ]


def answer(to: str, text: str, ident: str = "r") -> bytes:
    number = to.partition(".")[2]
    title = "all" if number == "0" else f"p{number}"
    return post(f"Re: [PATCH v2 {number}/3] {title}", ident, to, by=B, at=9, text=text)


@pytest.mark.parametrize(
    ("to", "text", "want"),
    [
        ("c.0", TAG, [1, 0, 0, 0]),
        ("c.0", f"Patches 1 and 3 LGTM.\n{TAG}", [0, 1, 0, 1]),
        ("c.0", f"{TAG}[for patch 2]\n", [0, 0, 1, 0]),
        ("c.0", f"For patches 8-9:\n{TAG}", [1, 0, 0, 0]),
        ("c.1", TAG, [0, 1, 0, 0]),
        ("c.1", f"For the series:\n{TAG}", [1, 0, 0, 0]),
        ("c.2", f"For patches 2-3:\n{TAG}", [0, 0, 1, 1]),
        ("c.3", f"{TAG}for all three patches\n", [1, 0, 0, 0]),
    ],
)
def test_a_tag_is_with_the_patches_it_is_for(to: str, text: str, want: list[int]) -> None:
    series = made(*thread(), answer(to, text))
    assert [len(part) for part in names(series)] == want
    assert all(part.uncounted == () for part in parts(series))


def test_a_tag_of_somebody_else_stands_beside() -> None:
    series = made(*thread(), answer("c.1", "Tested-by: Eve Other <eve@e.org>\n" + TAG))
    assert names(series)[1] == ["Reviewed-by"]
    (tag,) = series.patches[0].uncounted
    assert (tag.name, tag.sent_by, tag.given_in) == ("Tested-by", B, "r")
    cover = made(*thread(), answer("c.0", "Tested-by: Eve Other <eve@e.org>\n"))
    assert (names(cover)[0], [tag.name for tag in cover.uncounted]) == ([], ["Tested-by"])


def test_a_tag_without_its_condition_takes_the_place_of_the_first() -> None:
    terms = "With that fixed,\n"
    both = made(*thread(), answer("c.1", terms + TAG), answer("r", TAG, "s"))
    (tag,) = both.patches[0].trailers
    assert (tag.condition, tag.given_in) == ("", "s")
    alone = made(*thread(), answer("c.1", terms + TAG))
    assert [tag.condition for tag in alone.patches[0].trailers] == ["With that fixed,"]


def test_each_tag_is_there_once() -> None:
    one = Trailer("Acked-by", "Bob <bob@b.org>", "r")
    other = replace(one, sent_by="Eve <eve@e.org>", given_in="s")
    assert distinct([one, other, one]) == ((one,), ())
    assert distinct([other, other]) == ((), (other,))
    own = replace(one, given_in=None)
    assert distinct([one], [own, own]) == ((own, own), ())


def before(text: str = TAG, to: str = "c.1") -> list[bytes]:
    return [*thread("v1", "c"), answer(to, text).replace(b"PATCH v2", b"PATCH v1")]


def later() -> list[bytes]:
    """The second revision, of which only the first patch is the same change."""
    cover, one, two, three = thread("v2", "d", at=90)
    return [cover, one, two.replace(b"+b\n", b"+c\n"), three.replace(b"+b\n", b"+c\n")]


@pytest.mark.parametrize(
    ("to", "text", "want"),
    [
        ("c.1", TAG, ["Reviewed-by"]),
        ("c.2", TAG, []),
        ("c.0", TAG, ["Reviewed-by"]),
        ("c.0", f"For patches 1-2:\n{TAG}", ["Reviewed-by"]),
        ("c.0", f"For patches 2-3:\n{TAG}", []),
    ],
)
def test_tags_of_the_same_change_before_are_shown_and_not_counted(
    to: str, text: str, want: list[str]
) -> None:
    mails = [*before(text, to), *later()]
    series = made(*mails, pick="v2")
    assert names(series) == [[], [], [], []]
    found = series.patches[0].uncounted
    assert [tag.name for tag in found] == want
    assert all((tag.given_on, tag.given_in, tag.counts) == ("v1", "r", False) for tag in found)
    assert [patch.uncounted for patch in series.patches[1:]] == [(), ()]
    first = made(*mails, pick="v1")
    assert sum(len(part) for part in names(first)) > 0
    assert all(patch.uncounted == () for patch in first.patches)


def test_a_tag_that_the_later_revision_has_is_not_shown_again() -> None:
    cover, one, *rest = later()
    taken = one.replace(b"Why.\n", b"Why.\n\nReviewed-by: Bob <bob@b.org>\n")
    assert made(*before(), cover, taken, *rest, pick="v2").patches[0].uncounted == ()
    again = answer("d.1", TAG, "s")
    found = made(*before(), *later(), again, pick="v2").patches[0]
    assert (len(found.trailers), found.uncounted) == (1, ())


def test_a_reply_is_read_once_for_all_later_revisions() -> None:
    """Four revisions took ten readings of the reply to the first."""
    mails = [answer("1.0", TAG)]
    for version in range(1, 5):
        mails += [
            post(f"[PATCH v{version} 0/1] all", f"{version}.0", at=version * 99),
            post(f"[PATCH v{version} 1/1] p", f"{version}.1", f"{version}.0", at=version * 99 + 1),
        ]
    mailbox = Mailbox(BytesIO(box(*mails)), "m")
    read: list[int] = []

    def load(at: int) -> Mail:
        read.append(at)
        return mailbox.mail(at)

    pile = Pile(mailbox.envelopes, "m", load)
    found = [series_of("s", "m", posting, load, pile) for posting in pile.postings]
    assert [[tag.given_on for tag in one.patches[0].uncounted] for one in found] == [
        [],
        ["v1"],
        ["v1"],
        ["v1"],
    ]
    assert read.count(0) == 1


def test_a_patch_that_was_replaced_by_the_same_change_keeps_its_tags_in_view() -> None:
    anew = post("[PATCH v2.1 1/3] p1", "n.1", "c.1", at=30, diff="f1.c")
    series = made(*thread(), answer("c.1", TAG), anew)
    (tag,) = series.patches[0].uncounted
    assert (tag.given_on, names(series)[1]) == ("v2", [])


def test_json_has_the_facts_and_reads_them_back() -> None:
    text = f"With that fixed, for patches 1-2:\n{TAG}Tested-by: Eve Other <eve@e.org>\n"
    series = made(*thread(), answer("c.0", text))
    dumped = TypeAdapter(Series).dump_json(series)
    assert TypeAdapter(Series).validate_json(dumped) == series
    (patch, _, third) = json.loads(dumped)["patches"]
    assert patch["trailers"] == [
        {
            "name": "Reviewed-by",
            "value": "Bob <bob@b.org>",
            "given_in": "r",
            "scope": {"text": "With that fixed, for patches 1-2:", "patches": [1, 2], "but": []},
            "condition": "With that fixed, for patches 1-2:",
            "sent_by": "",
            "given_on": "",
            "counts": True,
        }
    ]
    assert [(tag["sent_by"], tag["counts"]) for tag in patch["uncounted"]] == [(B, False)]
    assert (third["trailers"], third["uncounted"]) == ([], [])
    old = {"name": "Acked-by", "value": "x", "given_in": None}
    assert TypeAdapter(Trailer).validate_python(old) == Trailer("Acked-by", "x")


def test_show_prints_how_each_was_given(tmp_path: Path) -> None:
    mails = [
        *before(),
        answer("c.1", f"{TAG}Tested-by: Eve Other <eve@e.org>\n", "q").replace(b"v2", b"v1"),
        *later(),
        answer("d.2", f"With that fixed, for patches 2-3:\n\n{TAG}", "s"),
    ]
    path = tmp_path / "t.mbox"
    path.write_bytes(box(*mails))
    context = Context(Settings(), Silent())
    done = CliRunner().invoke(command, [f"{path}#v2"], obj=context, standalone_mode=False)
    text = done.output
    assert done.exception is None
    words = '"With that fixed, for patches 2-3:"'
    how = f"(in reply s; for: {words}; given on condition: {words})"
    assert text.count(f"  Trailers     Reviewed-by: Bob <bob@b.org> {how}\n") == 2
    assert (
        "  Not counted  Reviewed-by: Bob <bob@b.org> (given on v1, same patch-id; in reply r)\n"
        "               Tested-by: Eve Other <eve@e.org> "
        "(given on v1, same patch-id; in reply q; sent by Bob <bob@b.org>)\n"
    ) in text
