# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares how patchtool reads a whole list archive with how git and b4 read it.

What differs is printed with its Message-ID, kind by kind, for a person to judge.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ci import archive, bench_postings, bench_tags, oracles, postings
from ci.oracles import Difference
from patchtool.errors import MailError
from patchtool.series.mail import Mail, parse_mail
from patchtool.series.mbox import envelope
from patchtool.series.message_end import BREAK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ci.archive import Archive
    from ci.oracles import Reading

_FILE = re.compile(rb"^>?From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001$", re.MULTILINE)
_PART = re.compile(rb"^--[^\n]*\nContent-[^\n]*: ", re.MULTILINE)
_BATCH = 200  # mails
DAMAGED = "mail refused, and git apply refuses its diff"
REFUSED = "mail refused, and git apply reads its diff"
_STRIPPED = "git keeps CRs that were added on the way"
_EMBEDDED = "git takes the header of a file of format-patch for text"
_PARTS = "git takes the parts of a mail, or an attached signature, for text"
_FLOWED = "git does not know format=flowed, and the diff is damaged"
_FILES = "git makes one commit of several patch files"
_CHARSET = "git cannot decode a header that is no ASCII"
_THEIRS = (_STRIPPED, _EMBEDDED, _PARTS, _FLOWED, _CHARSET, _FILES)


def bench(say: Callable[[str, str, str], None], repository: Path, limit: int | None) -> None:
    """Print the figures and each difference.

    Args:
        say: Takes what was measured, the figure, and the goal.
        repository: A public-inbox git repository.
        limit: How many of its newest mails to read, with their whole threads; None for all.
    """
    with tempfile.TemporaryDirectory(prefix="patchtool-bench-") as name:
        found = archive.unpack(repository, Path(name), limit)
        read = sum(map(len, found.threads))
        sys.stdout.write(f"{repository}: {read} of {len(found.places)} mails\n")
        differences = [*_mails(say, found, Path(name))]
        damaged = {each.message_id for each in differences if each.kind == DAMAGED}
        ours, seconds, peak = postings.ours_reads(found.mailbox)
        theirs = bench_postings.b4_reads(found)
        differences += bench_postings.compare_series(say, ours, theirs, damaged)
        differences += bench_tags.compare_tags(say, ours, theirs, found)
        figure = f"{seconds:.1f} / {theirs.seconds:.1f} s = {seconds / theirs.seconds:.2f}"
        say("processor time / b4", figure, "0.40")
        say("peak memory", f"{peak} MiB", "80 MiB")
    _print(differences)


def _print(differences: Sequence[Difference]) -> None:
    kinds: dict[str, list[Difference]] = defaultdict(list)
    for each in differences:
        kinds[each.kind].append(each)
    for kind, those in sorted(kinds.items(), key=lambda item: -len(item[1])):
        sys.stdout.write(f"\n{kind}: {len(those)}\n")
        for each in those:
            sys.stdout.write(f"  <{each.message_id}>\n    ours:   {each.ours}\n")
            sys.stdout.write(f"    theirs: {each.theirs}\n" if each.theirs else "")


# --- mails


def _mails(
    say: Callable[[str, str, str], None], found: Archive, folder: Path
) -> Iterator[Difference]:
    """Compare each patch mail with git's reading of it."""
    pool = ThreadPoolExecutor(2)
    total, unequal = 0, 0
    kinds: Counter[str] = Counter()
    with found.mails.open("rb") as file, pool:
        wanted = sorted(number for thread in found.threads for number in thread)
        for at in range(0, len(wanted), _BATCH):
            batch = (found.read(file, number) for number in wanted[at : at + _BATCH])
            patches = [data for data in batch if is_patch(data)]
            for unlike in pool.map(lambda data: compare_mail(data, folder), patches):
                total += 1
                kinds.update({each.kind for each in unlike})
                unequal += any(each.kind not in (*_THEIRS, DAMAGED) for each in unlike)
                yield from unlike
    share = f"{total - unequal} of {total} = {100 * (total - unequal) / max(1, total):.2f} %"
    say("patch mails read as git reads them, or better", share, "99.95 %")
    for kind in (DAMAGED, *_THEIRS, REFUSED):
        say(f"  {kind[:56]}", str(kinds[kind]), "-")


def is_patch(data: bytes) -> bool:
    """Whether it has a diff, and its subject does not say that it is a reply."""
    about = envelope(data, "mail", 1)
    return about.diff and not about.prefix.reply and about.prefix.number != 0


def compare_mail(data: bytes, folder: Path) -> list[Difference]:
    """What patchtool reads otherwise than git in one patch mail."""
    message_id = envelope(data, "mail", 1).message_id or "-"
    with tempfile.TemporaryDirectory(dir=folder) as name:
        theirs = oracles.mailinfo(data, Path(name))
        try:
            mail = parse_mail(data, "mail")
        except MailError as error:
            if "patch files in one mail" in str(error):
                return [Difference(_FILES, message_id, str(error), "")]
            can = theirs is not None and oracles.applies(theirs.diff, Path(name))
            return [Difference(REFUSED if can else DAMAGED, message_id, str(error), "")]
        if theirs is None:
            return [Difference("mail that git refuses", message_id, mail.subject, "")]
        ours = reading(mail)
        unlike = list(_unlike(ours, theirs, message_id))
        why = _judged(data, ours, theirs, Path(name)) if unlike else ""
    return (
        [Difference(why, message_id, each.ours, each.theirs) for each in unlike] if why else unlike
    )


def _judged(data: bytes, ours: Reading, theirs: Reading, folder: Path) -> str:
    """Why git is wrong; empty where that is for a person to say."""
    text = theirs.message.encode("utf-8", "replace") + b"\n" + theirs.diff
    if _FILE.search(text):
        return _EMBEDDED
    behind = (
        theirs.diff[len(ours.diff.rstrip()) :]
        if theirs.diff.startswith(ours.diff.rstrip())
        else b"diff -"
    )
    if _PART.search(text) or (ours.message == theirs.message and b"diff -" not in behind):
        return _PARTS
    if b"\r\n" in theirs.diff:
        stripped = oracles.mailinfo(data, folder, "--quoted-cr=strip")
        if stripped is not None and not any(_unlike(ours, stripped, "")):
            return _STRIPPED
    if b"format=flowed" in data.lower() and not oracles.applies(theirs.diff, folder):
        return _FLOWED
    if "\ufffd" in theirs.author + theirs.subject and ours.message == theirs.message:
        return _CHARSET
    return ""


def reading(mail: Mail) -> Reading:
    """What ``git am`` gets of a mail."""
    _, _, body = mail.raw.partition(b"\n\n")
    cut = BREAK.search(body)
    rest = body[cut.start() :] if cut else b""
    return oracles.Reading(mail.author, mail.subject, mail.message, oracles.below_dashes(rest))


def _unlike(ours: Reading, theirs: Reading, message_id: str) -> Iterator[Difference]:
    for kind in ("author", "subject", "message"):
        one, two = getattr(ours, kind), getattr(theirs, kind)
        if one != two:
            yield Difference(kind, message_id, *_where(one, two))
    if ours.diff.rstrip() != theirs.diff.rstrip():
        one, two = (each.diff.decode("latin-1") for each in (ours, theirs))
        yield Difference("diff", message_id, *_where(one, two))


def _where(one: str, two: str) -> tuple[str, str]:
    """The texts around the first place in which they differ."""
    ends = min(len(one), len(two))
    at = next((at for at in range(ends) if one[at] != two[at]), ends)
    begin = max(0, at - 40)
    return repr(one[begin : at + 60]), repr(two[begin : at + 60])
