# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the postings that patchtool finds in a mailbox with b4's.

Where the two differ, the subjects tell who is right in most cases: patches that bear the numbers
1 to N of N, one revision and one sender are a series. b4 keeps a single series of each revision
and thread, so it mixes those of two people who answer each other.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ci import oracles
from ci.oracles import Difference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ci.archive import Archive
    from ci.oracles import B4, Subject, Theirs
    from ci.postings import Ours

_PLACE = re.compile(r"\S*mbox(?::[0-9]+)?: |'.*'|\"[^\"]*\"")
_NUMBER = re.compile(r"[0-9]+(?:/[0-9]+)?(?:, [0-9/]+)*(?: and [0-9]+ more)?")


def b4_reads(found: Archive) -> B4:
    """Let b4 read all threads."""
    theirs = oracles.B4()
    with found.mails.open("rb") as file:
        for thread in found.threads:
            theirs.take(found.read(file, number) for number in thread)
    return theirs


# --- series


def compare_series(
    say: Callable[[str, str, str], None], ours: Sequence[Ours], theirs: B4, damaged: set[str]
) -> list[Difference]:
    """Print how many are equal, and why others are refused; what differs, for a person to judge.

    Args:
        say: Takes what was measured, the figure, and the goal.
        ours: The postings as patchtool reads them.
        theirs: What b4 finds.
        damaged: Message-IDs of patches that ``git apply`` cannot read either.
    """
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
        if kind == FITS and any(not damaged.isdisjoint(one.mails) for one in homes):
            kind = DAMAGED
        shown = "; ".join(_shown(one.mails, theirs.subjects) + one.refused for one in homes)
        pair = shown or "-", _shown(each.mails, theirs.subjects)
        differences.append(Difference(kind, mails[0] if mails else "-", *pair))
    for one in ours:
        if not one.refused and id(one) not in seen:
            shown = _shown(one.mails, theirs.subjects)
            differences.append(Difference(UNSEEN, one.mails[0], shown, ""))
    _figures(say, (equal, both, resent), differences, ours)
    return differences


def _figures(
    say: Callable[[str, str, str], None],
    alike: tuple[int, int, int],
    differences: Sequence[Difference],
    ours: Sequence[Ours],
) -> None:
    equal, both, resent = alike
    total = equal + both + resent + len(differences)
    kinds = Counter(each.kind for each in differences)
    say("series as b4 has them", f"{equal} of {total}", "-")
    say("  refused by both", str(both), "-")
    say("  sent again as a whole, the later is taken", str(resent), "-")
    for kind in KINDS:
        say(f"  {kind}", str(kinds[kind]), "-")
    good = total - kinds[FITS] - kinds[UNLIKE]
    say("  together", f"{good} = {100 * good / max(1, total):.2f} %", "99.50 %")
    say(f"  {FITS}", f"{kinds[FITS]} of {total}", "1 in 1000")
    say(f"  {UNLIKE}", str(kinds[UNLIKE]), "0 in 5000")
    for reason, count in Counter(map(_reason, ours)).most_common():
        if reason:
            say(f"  refused: {reason[:48]}", str(count), "-")


FITS = "refused, and the subjects agree with b4"
UNLIKE = "taken otherwise, to be read"
DAMAGED = "refused, as git apply refuses a patch of it"
MIXES = "b4 mixes or lacks patches of what is whole"
COVERS = "b4 takes a cover letter for a patch"
JOINS = "b4 joins what its subjects do not"
UNSEEN = "b4 has no patch of it"
ANEW = "single patches sent anew are taken (a choice)"
REPORTS = "refused, and no [PATCH] stands in the subject"
TOGETHER = "patches without numbers, sent together (a choice)"
ADDS = "b4 appends an addition such as 4/3 (a choice)"

#: What the program judges itself.
KINDS = (MIXES, COVERS, JOINS, UNSEEN, REPORTS, DAMAGED, ANEW, TOGETHER, ADDS)


def _judged(each: Theirs, homes: Sequence[Ours], subjects: dict[str, Subject]) -> str:
    fits = fit(each.mails, subjects)
    read = [subjects[mail] for mail in each.mails if mail is not None]
    if all(one.refused for one in homes):
        patch = any("patch" in one.text.lower() for one in read)
        return (FITS if patch else REPORTS) if fits else JOINS
    whole = [one for one in homes if not one.refused]
    if any(sent_anew(one.mails, subjects) for one in whole):
        return ANEW
    if any(unnumbered(one.mails, subjects) for one in whole):
        return TOGETHER
    if not all(fit(one.mails, subjects) or added(one.mails, subjects) for one in whole):
        return UNLIKE
    if any(one.number == 0 for one in read):
        return COVERS
    if any(one.number > one.total for one in read):
        return ADDS
    return UNLIKE if fits else MIXES


def sent_anew(mails: Sequence[str], subjects: dict[str, Subject]) -> bool:
    """Whether the numbers fit but for patches of another revision, or without a number."""
    found = [subjects[mail] for mail in mails if mail in subjects]
    if len(found) != len(mails):
        return False
    for revision, sender in {(each.revision, each.sender) for each in found}:
        wanted = ((revision, sender, number, len(mails)) for number in range(1, len(mails) + 1))
        anew = [
            each.number == want[2] or each.total == 1
            for each, want in zip(found, wanted, strict=True)
            if (each.revision, each.sender, each.number, each.total) != want
        ]
        if 0 < len(anew) < len(found) and all(anew):
            return True
    return False


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


def added(mails: Sequence[str], subjects: dict[str, Subject]) -> bool:
    """Whether it is a patch such as 4/3, alone."""
    found = [subjects[mail] for mail in mails if mail in subjects]
    return len(found) == len(mails) == 1 and found[0].number > found[0].total


def unnumbered(mails: Sequence[str], subjects: dict[str, Subject]) -> bool:
    """Whether it is several patches of one sender and revision, none with a number."""
    found = [subjects[mail] for mail in mails if mail in subjects]
    alike = {(each.sender, each.revision, each.number, each.total) for each in found}
    return len(found) == len(mails) > 1 and len(alike) == 1 and found[0].total == 1


def _shown(mails: Sequence[str | None], subjects: dict[str, Subject]) -> str:
    return " | ".join(subjects[mail].text[:60] if mail in subjects else "?" for mail in mails[:8])


def _reason(one: Ours) -> str:
    return " ".join(_NUMBER.sub("N", _PLACE.sub("", one.refused)).split())
