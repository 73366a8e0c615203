# SPDX-License-Identifier: GPL-2.0-or-later
"""What a comparison is as JSON, and when it is good."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from patchtool.revisions.pair import Change, ChangeKind, Part
from patchtool.revisions.record import (
    Posted,
    Revisions,
    TagFinding,
    TagState,
    schema,
    to_json,
)
from patchtool.revisions.remark import OPEN, Form, Judgement, Place, Remark, Verdict, remark_id

POSTED = Posted("a", "mm: a", 1, "A <a@x>", "", None, "", (), 0)
PLAIN = Revisions("0", POSTED, replace(POSTED, revision=2), ())


def judgement(verdict: Verdict) -> Judgement:
    place = Place(Part.DIFF, 1, "mm/a.c")
    remark = Remark(remark_id("m@x", 3), "m@x", "B <b@x>", "", 1, "why", Form.WISH, True, place)
    return Judgement(remark, Change(ChangeKind.UNCHANGED), (), None, verdict)


def test_json_is_read_back_as_the_same_value() -> None:
    tag = TagFinding(TagState.CARRIED, "Acked-by", "B <b@x>", 1, 1, None)
    whole = replace(PLAIN, tags=(tag,), judgements=(judgement(Verdict.LOOK),))
    assert TypeAdapter(Revisions).validate_json(to_json(whole)) == whole


def test_the_schema_names_every_key_that_is_printed() -> None:
    assert schema()["properties"].keys() == json.loads(to_json(PLAIN)).keys()


@pytest.mark.parametrize("verdict", Verdict)
def test_a_comparison_is_good_when_nothing_is_open(verdict: Verdict) -> None:
    assert replace(PLAIN, judgements=(judgement(verdict),)).good == (verdict not in OPEN)


@pytest.mark.parametrize("state", TagState)
def test_a_wrong_tag_is_not_good(state: TagState) -> None:
    tag = TagFinding(state, "Acked-by", "B <b@x>", 1, 1, None)
    bad = {TagState.STALE, TagState.WRONG_SCOPE, TagState.INVENTED}
    assert replace(PLAIN, tags=(tag,)).good == (state not in bad)


def test_two_wishes_of_one_paragraph_are_two_remarks() -> None:
    assert remark_id("m@x", 3) == remark_id("m@x", 3)
    assert len({remark_id("m@x", 3), remark_id("m@x", 3, 1), remark_id("n@x", 3)}) == 3
