# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads all postings of a mailbox with patchtool, in a process that does nothing else.

So its time and memory are those of patchtool; b4 is not even imported.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from patchtool.errors import MailError
from patchtool.series.mbox import Mailbox
from patchtool.series.posting.pile import Pile
from patchtool.series.posting.posted import series_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.series.model import Series
    from patchtool.series.tags.value import Trailer


@dataclass(frozen=True, slots=True)
class Given:
    """A tag that a reply gave.

    Attributes:
        name: In small letters.
        value: As it was written, without a note.
        mail: Message-ID of the reply.
        uncounted: Why it does not count: ``sent_by`` or ``given_on``; empty if it does.
        scoped: Whether words in the reply say for which patches it is.
    """

    name: str
    value: str
    mail: str
    uncounted: str = ""
    scoped: bool = False


@dataclass(frozen=True, slots=True)
class Ours:
    """A posting as patchtool reads it.

    Attributes:
        revision: As above.
        mails: The Message-ID of each patch, in order.
        tags: Of each patch, the tags that replies gave, which the patch itself may have too.
        own: Of each patch, those that its author gave.
        refused: Why it is no series, or empty.
        dropped: Message-IDs of what was sent again, of which the later is taken.
    """

    revision: int
    mails: tuple[str, ...]
    tags: tuple[tuple[Given, ...], ...]
    own: tuple[tuple[Given, ...], ...]
    refused: str
    dropped: tuple[str, ...]


def ours_reads(mailbox: Path) -> tuple[list[Ours], float, int]:
    """The postings, the processor seconds, and the peak memory in MiB, all of a child."""
    words = [sys.executable, __file__, str(mailbox)]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
    *lines, last = done.stdout.decode().splitlines()
    postings = [
        Ours(revision, tuple(mails), _tags(tags), _tags(own), refused, tuple(again))
        for revision, mails, tags, own, refused, again in map(json.loads, lines)
    ]
    seconds, peak = json.loads(last)
    return postings, seconds, peak


def read_mailbox(path: Path) -> None:
    """In a child: print each posting of a mailbox, then seconds and MiB."""
    begin = time.process_time()
    with path.open("rb") as file:
        box = Mailbox(file, path.name)
        pile = Pile(box.envelopes, path.name, box.mail)
        for posting in pile.postings:
            mails: list[Any] = [pile.envelopes[at].message_id for at in posting.patches]
            again = [pile.envelopes[at].message_id for at, why in posting.dropped if "again" in why]
            try:
                series = series_of("archive", path.name, posting, box.mail, pile)
                mails = [patch.message_id for patch in series.patches]
                line = [series.revision, mails, *_shown(series), "", again]
            except MailError as error:
                line = [0, mails, [], [], str(error), again]
            sys.stdout.write(json.dumps(line) + "\n")
    seconds = time.process_time() - begin
    # ru_maxrss would count what the parent had when this process was started
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    sys.stdout.write(json.dumps([seconds, peak]) + "\n")


def _shown(series: Series) -> tuple[list[list[Any]], list[list[Any]]]:
    """For each patch, the tags that replies gave to it, and those of its author."""
    shared = [*series.trailers, *series.uncounted]
    given = [
        [
            _plain(each)
            for each in (*patch.trailers, *patch.uncounted, *shared)
            if each.given_in is not None
        ]
        for patch in series.patches
    ]
    own = [
        [_plain(each) for each in patch.trailers if each.given_in is None]
        for patch in series.patches
    ]
    return given, own


def _plain(tag: Trailer) -> tuple[str, str, str, str, bool]:
    why = "sent_by" if tag.sent_by else "given_on" if tag.given_on else ""
    return tag.name.lower(), tag.value, tag.given_in or "", why, tag.scope is not None


def _tags(listed: Sequence[Sequence[Sequence[Any]]]) -> tuple[tuple[Given, ...], ...]:
    return tuple(tuple(Given(*tag) for tag in tags) for tags in listed)


if __name__ == "__main__":
    read_mailbox(Path(sys.argv[1]))
