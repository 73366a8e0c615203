# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of each tag: who gave it, to what, and whether it still holds. Pure.

A tag was given to a patch of OLD in a reply, to all of them in a reply to the cover letter, or
stood in the patch already. It is stale where NEW bears it and the code changed in substance since:
neither white space, nor comments, nor context. What nobody is seen to have given is *not seen*; it
is *invented* only where all earlier threads were read whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.revisions.pair import PairKind, Part
from patchtool.revisions.people import authors, everybody, name_and_address
from patchtool.revisions.record import TagFinding, TagState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.revisions.pair import Difference, PatchPair
    from patchtool.revisions.versions import Comparison
    from patchtool.series.model import Series
    from patchtool.series.tags.value import Trailer

_BY = re.compile(r"[a-z][a-z-]*-by", re.IGNORECASE)
_OWN = ("signed-off-by", "co-developed-by", "co-authored-by")
#: Tags that vouch for the code as it is.
_VOUCHES = ("reviewed-by", "acked-by", "tested-by")
#: Tags that an author gives to those who helped.
_THANKS = ("suggested-by", "reported-by", "requested-by", "debugged-by", "inspired-by")
_COMMENT = re.compile(r"[-+ ]\s*(?:/\*.*|\*.*|//.*)?\Z")


@dataclass(frozen=True, slots=True)
class _Given:
    """A tag of a posting: the trailer, and the number of its patch; 0 for the cover letter."""

    trailer: Trailer
    patch: int


def tag_findings(found: Comparison, earlier: Sequence[Series] = ()) -> tuple[TagFinding, ...]:
    """What became of each tag of a person, patch by patch.

    Args:
        found: The postings.
        earlier: Postings before OLD, whose threads were read as well.
    """
    return tuple(_Reader(found, earlier).all())


def in_substance(pair: PatchPair) -> tuple[Difference, ...]:
    """The differences of a pair that are no white space and no comment."""
    return tuple(
        each
        for each in pair.differences
        if each.part is Part.DIFF
        and not each.blank_only
        and not all(_COMMENT.match(line.text) for line in (*each.old, *each.new))
    )


def is_whole(series: Series) -> bool:
    """Whether all replies of a thread are there, as far as the mails that are there tell."""
    replies = series.replies
    known = {series.message_id, *(patch.message_id for patch in series.patches)}
    known |= {reply.message_id for reply in replies}
    lacks = any(reply.in_reply_to not in known for reply in replies)
    lost = any("answers no patch" in mail.reason for mail in series.left_out)
    return series.message_id is not None and bool(replies) and not lacks and not lost


class _Reader:
    def __init__(self, found: Comparison, earlier: Sequence[Series]) -> None:
        self.found = found
        self.people = everybody(found.old, found.new, *earlier)
        self.ours = {patch.number: patch for patch in found.old.patches}
        self.theirs = {patch.number: patch for patch in found.new.patches}
        self.given = list(_given(found.old))
        self.before = [each.trailer for posting in earlier for each in _given(posting)]
        self.read = _whole_threads(found.old, earlier)
        self.authors = authors(found.new, self.people)
        self.commented = {
            self.people.key(reply.author)
            for posting in (found.old, *earlier)
            for reply in posting.replies
        }

    def all(self) -> Iterator[TagFinding]:
        for pair in self.found.pairs:
            borne: list[tuple[int, Trailer]] = [
                (to, each)
                for to in pair.new
                for each in self.theirs[to].trailers
                if each.given_in is None and _counts(each)
            ]
            for to, trailer in borne:
                yield self.borne(pair, to, trailer)
            yield from self.lost(pair, [trailer for _, trailer in borne])

    def same(self, one: Trailer, two: Trailer) -> bool:
        named = one.name.lower() == two.name.lower()
        return named and self.people.same(one.value, two.value)

    def borne(self, pair: PatchPair, new: int, trailer: Trailer) -> TagFinding:
        """What there is to a tag that a patch of NEW bears."""
        name = trailer.name.lower()
        mine = [each for each in self.given if each.patch in (0, *pair.old)]
        given = next((each for each in mine if self.same(each.trailer, trailer)), None)
        if given is not None:
            changed = in_substance(pair) if name in _VOUCHES else ()
            if changed:
                what = f"patch {new} changed in substance after it was given"
                return self.finding(TagState.STALE, given, pair, new, what, changed)
            return self.finding(TagState.CARRIED, given, pair, new, "")
        elsewhere = next((each for each in self.given if self.same(each.trailer, trailer)), None)
        if elsewhere is not None:
            what = f"it was given to patch {elsewhere.patch} of OLD, and stands in patch {new}"
            return self.finding(TagState.MOVED, elsewhere, pair, new, what)
        if any(self.same(each, trailer) for each in self.before):
            return _finding(TagState.CARRIED, trailer, None, new, "it is of an earlier revision")
        if name in _THANKS and self.people.key(trailer.value) in self.commented:
            return _finding(TagState.DERIVED, trailer, None, new, "who commented on OLD is thanked")
        if self.people.key(trailer.value) in self.authors or name not in _VOUCHES:
            return _finding(TagState.NOT_SEEN, trailer, None, new, "no mail has it")
        if self.read:
            what = f"nobody gave it in the threads of {self.read}, which were read whole"
            return _finding(TagState.INVENTED, trailer, None, new, what)
        return _finding(TagState.NOT_SEEN, trailer, None, new, "no mail has it; not all were read")

    def lost(self, pair: PatchPair, borne: Sequence[Trailer]) -> Iterator[TagFinding]:
        """The tags given to the patches of a pair in OLD that NEW does not bear."""
        new = pair.new[0] if pair.new else None
        said: list[Trailer] = []
        for each in self.given:
            there = each.patch in pair.old or (each.patch == 0 and pair.old)
            if not there or any(self.same(each.trailer, other) for other in (*borne, *said)):
                continue
            said.append(each.trailer)
            changed = in_substance(pair)
            if pair.kind is PairKind.DROPPED:
                state, what = TagState.LOST_RIGHTLY, "the patch was dropped"
            elif pair.kind is PairKind.REPLACED:
                state, what = TagState.LOST_RIGHTLY, "the patch was replaced"
            elif changed and each.trailer.name.lower() in _VOUCHES:
                state, what = TagState.LOST_RIGHTLY, "the patch changed in substance"
            else:
                state, what = TagState.LOST, "the patch did not change in substance"
                changed = ()
            yield self.finding(state, each, pair, new, what, changed)

    def finding(
        self,
        state: TagState,
        given: _Given,
        pair: PatchPair,
        new: int | None,
        what: str,
        changed: Sequence[Difference] = (),
    ) -> TagFinding:
        old = given.patch or (pair.old[0] if state is TagState.STALE and pair.old else 0)
        return _finding(state, given.trailer, old, new, what, tuple(each.id for each in changed))


def _finding(
    state: TagState,
    trailer: Trailer,
    old: int | None,
    new: int | None,
    what: str,
    differences: tuple[str, ...] = (),
) -> TagFinding:
    name, address = name_and_address(trailer.value)
    value = f"{name} <{address}>" if name and address else trailer.value
    return TagFinding(state, trailer.name, value, old, new, trailer.given_in, differences, what)


def _counts(trailer: Trailer) -> bool:
    name = trailer.name.lower()
    return _BY.fullmatch(name) is not None and name not in _OWN and "@" in trailer.value


def _given(series: Series) -> Iterator[_Given]:
    places = ((0, series.trailers), *((patch.number, patch.trailers) for patch in series.patches))
    for number, trailers in places:
        yield from (_Given(each, number) for each in trailers if _counts(each))


def _whole_threads(old: Series, earlier: Sequence[Series]) -> str:
    """The revisions that were read whole, if those are all before NEW; else empty."""
    postings = sorted([*earlier, old], key=lambda posting: posting.revision)
    numbers = [posting.revision for posting in postings]
    if numbers != list(range(1, old.revision + 1)) or not all(map(is_whole, postings)):
        return ""
    return ", ".join(f"v{number}" for number in numbers)
