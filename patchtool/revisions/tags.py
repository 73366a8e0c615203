# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of each tag: who gave it, to what, and whether it still holds. Pure.

A tag was given to a patch of OLD in a reply, to all of them in a reply to the cover letter, or
stood in the patch already. It is stale where NEW bears it and the code changed in substance since:
neither white space, nor comments, nor context. What nobody is seen to have given is *not seen*; it
is *invented* only where all earlier threads were read whole. A tag of a reply that NEW bears on a
patch it was not given for is out of its *scope*. One given on a condition is not stale for what
that asked for; where that was not done, the condition is *not met*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.revisions.conditions import Wishes, not_done
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


def tag_findings(
    found: Comparison, earlier: Sequence[Series] = (), wishes: Wishes | None = None
) -> tuple[TagFinding, ...]:
    """What became of each tag of a person, patch by patch.

    Args:
        found: The postings.
        earlier: Postings before OLD, whose threads were read as well.
        wishes: What was asked for in OLD's thread; None where that is not known.
    """
    return tuple(_Reader(found, earlier, wishes or Wishes()).all())


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
    def __init__(self, found: Comparison, earlier: Sequence[Series], wishes: Wishes) -> None:
        self.found = found
        self.wishes = wishes
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
        same = [each for each in self.given if self.same(each.trailer, trailer)]
        given = next((each for each in same if each.patch in (0, *pair.old)), None)
        if given is not None and (pair.old or name not in _VOUCHES):
            return self.held(pair, new, given)
        if given is not None:
            what = f"it was given to the series, which had no patch like {new}"
            return self.finding(TagState.WRONG_SCOPE, given, pair, new, what)
        if same:
            return self.elsewhere(pair, new, same)
        if any(self.same(each, trailer) for each in self.before):
            return _finding(TagState.CARRIED, trailer, None, new, "it is of an earlier revision")
        if name in _THANKS and self.people.key(trailer.value) in self.commented:
            wish = self.wishes.suggestion_of(trailer.value, pair.old, self.people)
            what = f"of a wish in <{wish.message_id}>" if wish else "of a comment on OLD"
            return _finding(TagState.DERIVED, trailer, None, new, what)
        if self.people.key(trailer.value) in self.authors or name not in _VOUCHES:
            return _finding(TagState.NOT_SEEN, trailer, None, new, "no mail has it")
        if self.read:
            what = f"nobody gave it in the threads of {self.read}, which were read whole"
            return _finding(TagState.INVENTED, trailer, None, new, what)
        return _finding(TagState.NOT_SEEN, trailer, None, new, "no mail has it; not all were read")

    def held(self, pair: PatchPair, new: int, given: _Given) -> TagFinding:
        """What there is to a tag that a patch bears to which it was given."""
        tag = given.trailer
        behind = self.wishes.behind(tag, pair.old, self.people)
        left = not_done(behind)
        if left:
            mails = ", ".join(dict.fromkeys(f"<{each.remark.message_id}>" for each in left))
            count = f"{len(left)} of {len(behind)} wishes not done, in {mails}"
            what = f"given on a condition ({tag.condition}): {count}"
            return self.finding(TagState.CONDITION_NOT_MET, given, pair, new, what)
        asked = {name for each in behind for name in self.wishes.asked_for.get(each.remark.id, ())}
        vouches = tag.name.lower() in _VOUCHES
        changed = [each for each in in_substance(pair) if vouches and each.id not in asked]
        if changed:
            more = " besides what it was made to depend on" if asked else ""
            what = f"patch {new} changed in substance after it was given{more}"
            return self.finding(TagState.STALE, given, pair, new, what, changed)
        return self.finding(TagState.CARRIED, given, pair, new, "")

    def elsewhere(self, pair: PatchPair, new: int, same: Sequence[_Given]) -> TagFinding:
        """What there is to a tag that was given to other patches than the one that bears it."""
        here = {at for each in self.found.pairs if each.new for at in each.old}
        replied = all(each.trailer.given_in is not None and each.patch in here for each in same)
        patches = ", ".join(dict.fromkeys(str(each.patch) for each in same))
        what = f"it was given to patch {patches} of OLD, and stands in patch {new}"
        if replied and same[0].trailer.name.lower() in _VOUCHES:
            scope = same[0].trailer.scope
            words = f" ({scope.text})" if scope else ""
            return self.finding(TagState.WRONG_SCOPE, same[0], pair, new, what + words)
        return self.finding(TagState.MOVED, same[0], pair, new, what)

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
