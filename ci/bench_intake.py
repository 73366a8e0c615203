# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures the intake of mails: its time against liblore's, and its memory on a huge mailbox."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAILS = 10_000
#: Cover letter, patches and replies of one generated posting.
PATCHES, REPLIES = 5, 4
HUGE = 1_000_000_000
_BLOCK = 200  # postings whose texts are made
_HEADERS = (
    "Received: from mx{0}.example.org (mx{0}.example.org [192.0.2.{0}])\n"
    "\tby lists.example.org (Postfix) with ESMTPS id {0:012X}\n"
    "\tfor <linux-mm@lists.example.org>; Mon, 3 Feb 2025 10:00:00 +0100 (CET)\n"
)
_WORDS = (
    "static int",
    "unsigned long",
    "page",
    "zone",
    "folio",
    "if",
    "return",
    "struct list",
    "lock",
)


def bench(say: Callable[[str, str, str], None]) -> None:
    """Print the figures: *say* takes what was measured, the figure, and the goal."""
    data = b"".join(mail for number in range(MAILS // 10) for mail in posting(number))
    theirs, threads = _liblore(data)
    ours, series = _ours(data)
    figure = f"{ours:.1f} / {theirs:.1f} s = {ours / theirs:.2f}"
    say(f"{MAILS} mails, {len(data) >> 20} MiB, to {series} series / liblore", figure, "1.00")
    if threads != series:
        say("  threads that liblore finds there", str(threads), str(series))
    with tempfile.TemporaryDirectory(prefix="patchtool-bench-") as folder:
        path = Path(folder, "huge.mbox")
        _write_huge(path)
        words = [sys.executable, __file__, str(path)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        peak, seconds = done.stdout.split()
        size = f"{path.stat().st_size / 1e9:.2f} GB"
        say(f"peak memory of {size} of mails, listed twice", f"{peak} MiB", "300 MiB")
        say("  time for each listing", f"{float(seconds) / 2:.0f} s", "-")


def posting(number: int) -> Iterator[bytes]:
    """Ten mails: a cover letter, its patches, and replies."""
    dice = random.Random(number)  # noqa: S311 (the same mails each time)
    stem = f"20250203{number:06}.{dice.randrange(9999)}"
    for place in range(1 + PATCHES):
        parent = "" if place == 0 else f"{stem}-0-ann@example.org"
        tag = f"[PATCH v{1 + number % 9} {place}/{PATCHES}]"
        body = _cover(dice) if place == 0 else _patch(dice, number, place)
        subject = f"{tag} mm: change 20250203-{number} of area {place}"
        yield _mail(subject, f"{stem}-{place}-ann@example.org", parent, body, place)
    for place in range(REPLIES):
        answered = 1 + place % PATCHES
        tag = f"[PATCH v{1 + number % 9} {answered}/{PATCHES}]"
        subject = f"Re: {tag} mm: change 20250203-{number} of area"
        body = "On Mon, Ann wrote:\n" + "".join(f"> {_line(dice)}\n" for _ in range(40))
        body += "\nLooks good to me.\n\nReviewed-by: Bob Reviewer <bob@example.org>\n"
        ident, parent = f"reply-{stem}-{place}@b.example.org", f"{stem}-{answered}-ann@example.org"
        yield _mail(f"{subject} {answered}", ident, parent, body, 10 + place)


def _mail(subject: str, ident: str, parent: str, body: str, minute: int) -> bytes:
    head = "".join(_HEADERS.format(place) for place in range(1, 5))
    head += (
        "From: Ann Author <ann@example.org>\nTo: linux-mm@lists.example.org\n"
        "Cc: Bob Reviewer <bob@example.org>,\n\tlinux-kernel@lists.example.org\n"
        f"Subject: {subject}\nDate: Mon, 3 Feb 2025 10:{minute:02}:00 +0100\n"
        f"Message-ID: <{ident}>\n"
    )
    if parent:
        head += f"In-Reply-To: <{parent}>\nReferences: <{parent}>\n"
    head += "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    head += "Content-Transfer-Encoding: 8bit\nX-Mailer: git-send-email 2.39.5\n"
    text = f"From mboxrd@z Thu Jan  1 00:00:00 1970\n{head}\n{body}-- \n2.39.5\n\n"
    return text.encode()


def _line(dice: random.Random) -> str:
    return "\t" * dice.randrange(3) + " ".join(dice.choices(_WORDS, k=dice.randrange(1, 9)))


def _cover(dice: random.Random) -> str:
    return (
        "".join(f"{_line(dice).strip()}\n" for _ in range(30)) + "\nChanges since v1:\n- less\n\n"
    )


def _patch(dice: random.Random, number: int, place: int) -> str:
    text = "".join(f"{_line(dice).strip()}\n" for _ in range(8))
    text += "\nSigned-off-by: Ann Author <ann@example.org>\n---\n"
    for file in range(2):
        text += f" mm/file{file}.c | 24 ++++++++----\n"
    text += " 2 files changed, 36 insertions(+), 12 deletions(-)\n\n"
    for file in range(2):
        name = f"mm/file{file}.c"
        blobs = f"{number:07x}..{place:07x}"
        text += f"diff --git a/{name} b/{name}\nindex {blobs} 100644\n--- a/{name}\n+++ b/{name}\n"
        for hunk in range(3):
            start = 100 * (1 + hunk)
            text += f"@@ -{start},10 +{start},14 @@ static int area(void)\n"
            for mark in "   ----++++++++   ":
                text += f"{mark}{_line(dice)}\n"
    return text


def _liblore(data: bytes) -> tuple[float, int]:
    """Seconds, and threads found."""
    from liblore.series import summarize_threads
    from liblore.utils import split_mbox

    begin = time.process_time()
    found = summarize_threads(split_mbox(data))
    return time.process_time() - begin, len(found)


def _ours(data: bytes) -> tuple[float, int]:
    """Seconds, and series found."""
    from patchtool.series.model import Series
    from patchtool.series.posting.threads import every_series

    begin = time.process_time()
    found = list(every_series("bench", BytesIO(data), "bench.mbox"))
    seconds = time.process_time() - begin
    assert all(isinstance(each, Series) for each in found)
    return seconds, len(found)


def _say(what: str, figure: str, goal: str) -> None:
    sys.stdout.write(f"{what:60} {figure:>24}   goal: {goal}\n")


def _write_huge(path: Path) -> None:
    """Mails with different Message-IDs; their texts repeat."""
    block = b"".join(mail for number in range(_BLOCK) for mail in posting(number))
    with path.open("wb") as file:
        stamp = 20250203
        while file.tell() < HUGE:
            file.write(block.replace(b"20250203", b"%08d" % stamp))
            stamp += 1


def _read_huge(path: Path) -> None:
    """In a child: list the mailbox, and read some series of it; print MiB, seconds, series."""
    from patchtool.series.model import Series
    from patchtool.series.posting.threads import every_series, from_mailbox

    begin = time.monotonic()
    with path.open("rb") as file:
        listed = every_series("bench", file, path.name)
        first = [next(listed) for _ in range(_BLOCK)]
        assert all(isinstance(each, Series) for each in first)
        wanted = first[-1].message_id
        del listed
        assert from_mailbox("bench", file, path.name, pick=wanted).message_id == wanted
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{peak} {time.monotonic() - begin}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _read_huge(Path(sys.argv[1]))
    else:
        bench(_say)
