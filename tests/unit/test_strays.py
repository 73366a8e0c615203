# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that a thread lacks: which they are, and which mails elsewhere fill the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.intake.servers.strays import gap_of, strays
from patchtool.series.mbox import envelope
from tests.lib.public_inbox import mail

if TYPE_CHECKING:
    from patchtool.series.envelope import Envelope


def sent(subject: str, name: str, to: str | None = None, **headers: str) -> Envelope:
    """The envelope of a mail whose Message-ID is NAME@host."""
    reply = f"{to}@host" if to else None
    return envelope(mail(subject, f"{name}@host", reply_to=reply, headers=headers), "test", 1)


COVER = sent("[PATCH v2 0/3] mm: all", "0")
FIRST = sent("[PATCH v2 1/3] mm: first", "1", "0")


def names(found: tuple[Envelope, ...]) -> list[str]:
    return [str(each.message_id).removesuffix("@host") for each in found]


def test_a_gap_is_seen_from_every_mail_of_the_thread() -> None:
    reply = sent("Re: [PATCH v2 1/3] mm: first", "r", "1")
    further = sent("Re: [PATCH v2 1/3] mm: first", "s", "r")
    thread = (COVER, FIRST, reply, further)
    for name in ("0", "1", "r", "s"):
        gap = gap_of(thread, f"{name}@host")
        assert gap is not None
        assert (gap.neighbour, gap.text) == (COVER, "2/3, 3/3")
        assert gap.query == "f:ann@example.org AND d:20250201..20250205 AND s:PATCH"


@pytest.mark.parametrize(
    "others",
    [
        (sent("[PATCH v2 2/3] b", "2", "0"), sent("[PATCH v2 3/3] c", "3", "0")),
        (sent("[PATCH v2 mm 2/3] b", "2", "0"), sent("[PATCH v2 3/3] c", "3", "0")),
        (sent("[PATCH v2.1 2/3] b", "2", "1"), sent("[PATCH v2 3/3] c", "3", "0")),
        (sent("[PATCH v2 2/3] b", "2", "0", From="b@x.org"), sent("[PATCH v2 3/3] c", "3", "0")),
    ],
    ids=["plain", "a tag more", "v2.1 of a patch", "another sender"],
)
def test_what_is_in_the_thread_is_not_missing(others: tuple[Envelope, ...]) -> None:
    assert gap_of((COVER, FIRST, *others), "0@host") is None


@pytest.mark.parametrize(
    "alone",
    [
        sent("[PATCH] mm: one", "x"),
        sent("mm: a question", "x"),
        sent("Re: [PATCH v2 1/3] of a mail that is not here", "x", "gone"),
        sent("[PATCH 1/1] mm: one", "x"),
        sent("[PATCH 1/9999] mm: many", "x"),
        sent("[PATCH 1/2] mm: no date", "x", Date="yesterday"),
    ],
    ids=["one", "none", "reply", "1/1", "9999", "no date"],
)
def test_where_nothing_can_be_missing_there_is_no_gap(alone: Envelope) -> None:
    assert gap_of((alone,), "x@host") is None
    assert gap_of((alone,), "other@host") is None


def test_mails_that_answer_each_other_end_the_search() -> None:
    """A circle of replies must not be gone round for ever."""
    one = sent("Re: a", "x", "y")
    two = sent("Re: a", "y", "x")
    assert gap_of((one, two), "x@host") is None


def test_only_mails_of_the_same_posting_fill_the_gap() -> None:
    gap = gap_of((COVER, FIRST), "0@host")
    assert gap is not None
    found = (
        FIRST,
        sent("[PATCH v2 2/3] mm: second", "2"),
        sent("[PATCH v2 3/3] mm: third", "3", "2"),
        sent("[PATCH v3 3/3] mm: of v3", "a"),
        sent("[PATCH v2 3/4] mm: of four", "b"),
        sent("[PATCH RFC v2 3/3] mm: of an RFC", "c"),
        sent("[PATCH v2 3/3] mm: another's", "d", From="Other <other@example.org>"),
        sent("[PATCH v2 3/3] mm: later", "e", Date="Mon, 17 Feb 2025 10:00:00 +0000"),
        sent("[PATCH v2 3/3] mm: of another thread", "f", "elsewhere"),
        sent("Re: [PATCH v2 3/3] mm: third", "g", "3"),
    )
    assert names(strays(gap, (COVER, FIRST), found)) == ["2", "3"]


def test_of_two_mails_with_one_number_none_is_taken() -> None:
    gap = gap_of((COVER, FIRST), "0@host")
    assert gap is not None
    found = (
        sent("[PATCH v2 2/3] mm: second", "2"),
        sent("[PATCH v2 3/3] mm: third", "3"),
        sent("[PATCH v2 3/3] mm: of another series", "z"),
    )
    assert names(strays(gap, (COVER, FIRST), found)) == ["2"]
