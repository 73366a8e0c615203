# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the postings that patchtool finds in a mailbox, and their tags, with b4's.

Where the two differ, the subjects tell who is right in most cases: patches that bear the numbers
1 to N of N, one revision and one sender are a series. b4 keeps a single series of each revision
and thread, so it mixes those of two people who answer each other.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ci import oracles
from ci.oracles import Difference
from patchtool.errors import MailError
from patchtool.series.mbox import Mailbox
from patchtool.series.posting.pile import Pile
from patchtool.series.posting.posted import series_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ci.archive import Archive
    from ci.oracles import B4, Subject, Theirs
    from patchtool.series.model import Series

_PLACE = re.compile(r"\S*mbox(?::[0-9]+)?: |'.*'|\"[^\"]*\"")
_NUMBER = re.compile(r"[0-9]+(?:/[0-9]+)?(?:, [0-9/]+)*(?: and [0-9]+ more)?")


@dataclass(frozen=True, slots=True)
class Ours:
    """A posting as patchtool reads it.

    Attributes:
        revision: As above.
        mails: The Message-ID of each patch, in order.
        tags: Of each patch, the tags that replies gave.
        refused: Why it is no series, or empty.
        dropped: Message-IDs of what was sent again, of which the later is taken.
    """

    revision: int
    mails: tuple[str, ...]
    tags: tuple[frozenset[str], ...]
    refused: str
    dropped: tuple[str, ...]


def b4_reads(found: Archive) -> B4:
    """Let b4 read all threads."""
    theirs = oracles.B4()
    with found.mails.open("rb") as file:
        for thread in found.threads:
            theirs.take(found.read(file, number) for number in thread)
    return theirs


def ours_reads(mailbox: Path) -> tuple[list[Ours], float, int]:
    """The postings, the processor seconds, and the peak memory in MiB, all of a child."""
    words = [sys.executable, __file__, str(mailbox)]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
    *lines, last = done.stdout.decode().splitlines()
    postings = [
        Ours(revision, tuple(mails), tuple(map(frozenset, tags)), refused, tuple(again))
        for revision, mails, tags, refused, again in map(json.loads, lines)
    ]
    seconds, peak = json.loads(last)
    return postings, seconds, peak


def read_mailbox(path: Path) -> None:
    """In a child: print each posting of a mailbox, then seconds and MiB."""
    begin = time.process_time()
    with path.open("rb") as file:
        box = Mailbox(file, path.name)
        pile = Pile(box.envelopes, path.name)
        for posting in pile.postings:
            mails: list[Any] = [pile.envelopes[at].message_id for at in posting.patches]
            again = [pile.envelopes[at].message_id for at, why in posting.dropped if "again" in why]
            try:
                series = series_of("archive", path.name, posting, box.mail, pile)
                mails = [patch.message_id for patch in series.patches]
                line = [series.revision, mails, _tags(series), "", again]
            except MailError as error:
                line = [0, mails, [], str(error), again]
            sys.stdout.write(json.dumps(line) + "\n")
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(json.dumps([seconds, peak]) + "\n")


def _tags(series: Series) -> list[list[str]]:
    """For each patch, the tags that replies gave to it, and not its author."""
    shared = [f"{each.name}: {each.value}" for each in series.trailers]
    return [
        sorted(
            {oracles.plain(each) for each in shared}
            | {
                oracles.plain(f"{each.name}: {each.value}")
                for each in patch.trailers
                if each.given_in is not None
            }
            - {
                oracles.plain(f"{each.name}: {each.value}")
                for each in patch.trailers
                if each.given_in is None
            }
        )
        for patch in series.patches
    ]


# --- series


def compare_series(
    say: Callable[[str, str, str], None], ours: Sequence[Ours], theirs: B4
) -> list[Difference]:
    """Print how many are equal, and why others are refused; what differs, for a person to judge."""
    whole = {each.mails: each for each in ours if not each.refused}
    home = {mail: each for each in ours for mail in each.mails}
    dropped = {mail for each in ours for mail in each.dropped}
    differences: list[Difference] = []
    equal = sum(tuple(each.mails) in whole for each in theirs.series)
    both, resent = 0, 0
    seen: set[int] = set()
    for each in theirs.series:
        mails = [mail for mail in each.mails if mail is not None]
        homes = list({id(home[mail]): home[mail] for mail in mails if mail in home}.values())
        seen.update(map(id, homes))
        if tuple(each.mails) in whole:
            continue
        if not each.whole and all(one.refused for one in homes):
            both += 1
            continue
        if dropped.issuperset(each.mails):
            resent += 1
            continue
        kind = _judged(each, homes, theirs.subjects)
        shown = "; ".join(_shown(one.mails, theirs.subjects) + one.refused for one in homes)
        pair = shown or "-", _shown(each.mails, theirs.subjects)
        differences.append(Difference(kind, mails[0] if mails else "-", *pair))
    for one in ours:
        if not one.refused and id(one) not in seen:
            shown = _shown(one.mails, theirs.subjects)
            kind = "series: b4 has no patch of it"
            differences.append(Difference(kind, one.mails[0], shown, ""))
    total = equal + both + resent + len(differences)
    right = sum(each.kind.startswith("series: b4") for each in differences)
    wrongly = sum(each.kind == FITS for each in differences)
    say("series as b4 has them", f"{equal} of {total}", "-")
    say("  refused by both", str(both), "-")
    say("  the subjects agree with ours, not with b4", str(right), "-")
    say("  sent again as a whole, the later is taken", str(resent), "-")
    good = equal + both + resent + right
    say("  together", f"{good} = {100 * good / max(1, total):.2f} %", "99.50 %")
    say("  refused, and the subjects agree with b4", f"{wrongly} of {total}", "1 in 1000")
    say("  to be read", str(total - good - wrongly), "-")
    for reason, count in Counter(map(_reason, ours)).most_common():
        if reason:
            say(f"  refused: {reason[:48]}", str(count), "-")
    return differences


FITS = "series refused, which b4 has whole"


def _judged(each: Theirs, homes: Sequence[Ours], subjects: dict[str, Subject]) -> str:
    fits = fit(each.mails, subjects)
    if all(one.refused for one in homes):
        return FITS if fits else "series: b4 joins what its subjects do not"
    good = all(one.refused or fit(one.mails, subjects) for one in homes)
    if good and not fits:
        return "series: b4 mixes or misses patches of a whole one"
    return "series differs"


def fit(mails: Sequence[str | None], subjects: dict[str, Subject]) -> bool:
    """Whether the subjects number all mails from 1 to the last, of one revision and sender."""
    found = [subjects[mail] for mail in mails if mail in subjects]
    if len(found) != len(mails):
        return False
    first = found[0]
    return all(
        each.number == number
        and each.total == len(mails)
        and each.revision == first.revision
        and each.sender == first.sender
        for number, each in enumerate(found, 1)
    )


def _shown(mails: Sequence[str | None], subjects: dict[str, Subject]) -> str:
    return " | ".join(subjects[mail].text[:60] if mail in subjects else "?" for mail in mails[:8])


def _reason(one: Ours) -> str:
    return " ".join(_NUMBER.sub("N", _PLACE.sub("", one.refused)).split())


# --- tags


def compare_tags(
    say: Callable[[str, str, str], None], ours: Sequence[Ours], theirs: B4
) -> Iterator[Difference]:
    """Print in how many series replies gave the same tags; what differs."""
    mine = {each.mails: each for each in ours if not each.refused}
    total, equal = 0, 0
    for each in theirs.series:
        one = mine.get(tuple(mail or "" for mail in each.mails))
        if one is None or not any((*one.tags, *each.tags)):
            continue
        total += 1
        unlike = [
            (mail, sorted(a - b), sorted(b - a))
            for mail, a, b in zip(one.mails, one.tags, each.tags, strict=True)
            if a != b
        ]
        equal += not unlike
        for mail, more, less in unlike:
            kind = "tags: " + " and ".join(
                ["ours has more"] * bool(more) + ["b4 has more"] * bool(less)
            )
            yield Difference(kind, mail, "; ".join(more), "; ".join(less))
    share = f"{equal} of {total} = {100 * equal / max(1, total):.2f} %"
    say("series with tags, all as b4 has them", share, "99.50 %")


if __name__ == "__main__":
    read_mailbox(Path(sys.argv[1]))
