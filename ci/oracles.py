# SPDX-License-Identifier: GPL-2.0-or-later
"""How git and b4 read mails: what patchtool's own reading is compared with."""

from __future__ import annotations

import email.parser
import io
import logging
import os
import re
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING

import b4

from ci.postings import Given

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_CLEAN = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A mail or series that is read otherwise.

    Attributes:
        kind: What differs.
        message_id: Of the mail, or of the first patch.
        ours: What patchtool reads.
        theirs: What the oracle reads.
    """

    kind: str
    message_id: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a patch mail says.

    Attributes:
        author: ``Name <address>``.
        subject: Without its prefix.
        message: With git's clean-up of white space.
        diff: From below the ``---`` line on.
    """

    author: str
    subject: str
    message: str
    diff: bytes


def mailinfo(mail: bytes, folder: Path, *words: str) -> Reading | None:
    """What ``git am`` makes of a mail: mailsplit, mailinfo, stripspace; None if it refuses.

    Args:
        mail: As it was sent.
        folder: One that nobody else writes to.
        words: Options of ``git mailinfo``.
    """
    argv = ["git", "mailinfo", "--encoding=UTF-8", *words, "msg", "patch"]
    sent = mail.replace(b"\r\n", b"\n")  # as mailsplit does
    done = _run(argv, folder, sent)
    if done.returncode != 0:
        return None
    found = dict(re.findall(r"^(Author|Email|Subject): (.*)$", _text(done.stdout), re.MULTILINE))
    author = f"{found.get('Author', '')} <{found.get('Email', '')}>"
    message, diff = _text((folder / "msg").read_bytes()), (folder / "patch").read_bytes()
    return Reading(author, found.get("Subject", ""), stripspace(message), below_dashes(diff))


def applies(diff: bytes, folder: Path) -> bool:
    """Whether ``git apply`` can read the diff at all."""
    return _run(["git", "apply", "--numstat", "-"], folder, diff).returncode == 0


def _run(argv: list[str], folder: Path, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        argv, check=False, cwd=folder, input=given, env=_CLEAN, capture_output=True
    )


def below_dashes(rest: bytes) -> bytes:
    """What follows the message, without a ``---`` line in front."""
    return re.sub(rb"\A---[^\S\n]*\n", b"", rest)


def stripspace(text: str) -> str:
    """As ``git stripspace``: no white space at line ends, one empty line at a time."""
    text = re.sub(r"[ \t\r\f\v]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


@dataclass(slots=True)
class Theirs:
    """A series as b4 puts it together.

    Attributes:
        revision: As above.
        mails: The Message-ID of each patch, in order; None where one is missing.
        tags: Of each patch, the tags that replies gave, which the patch itself may have too.
    """

    revision: int
    mails: list[str | None]
    tags: list[tuple[Given, ...]]

    @property
    def whole(self) -> bool:
        """Whether b4 misses nothing."""
        return None not in self.mails


@dataclass(slots=True)
class Subject:
    """How b4 reads the subject and sender of a mail.

    Attributes:
        parent: What it answers, by In-Reply-To.
        mistaken: Whether b4 takes for a reply what has no ``Re:``.
    """

    revision: int
    number: int
    total: int
    sender: str
    name: str
    text: str
    parent: str = ""
    mistaken: bool = False


@dataclass(slots=True)
class B4:
    """All that b4 finds.

    Attributes:
        series: Of all threads.
        subjects: Its reading of each subject, by Message-ID.
        failed: Threads at which it raised an error.
        seconds: Processor time of b4.
    """

    series: list[Theirs] = field(default_factory=list)
    subjects: dict[str, Subject] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    seconds: float = 0

    def take(self, mails: Iterable[bytes]) -> None:
        """Let b4 read a thread."""
        logging.getLogger("b4").setLevel(logging.CRITICAL + 1)
        b4.can_network = False
        begin = time.process_time()
        try:
            box = _box(mails)
            revisions = list(box.series)
            found = [box.get_series(each, codereview_trailers=False) for each in revisions]
        except Exception as error:  # noqa: BLE001 - whatever b4 raises is a finding about b4
            self.failed.append(f"{type(error).__name__}: {error}")
            return
        finally:
            self.seconds += time.process_time() - begin
        for mail in box.msgid_map.values():
            about = mail.lsubject
            self.subjects[mail.msgid] = Subject(
                about.revision, about.counter, about.expected, mail.fromemail.lower(),
                mail.fromname, about.full_subject, mail.in_reply_to or "",
                mail.reply and not about.reply,
            )  # fmt: skip
        self.series += [_kept(each) for each in found if each is not None]


def _kept(found: b4.LoreSeries) -> Theirs:
    """What is compared of a series."""
    found.add_cover_trailers()
    return Theirs(
        found.revision,
        [patch.msgid if patch else None for patch in found.patches[1:]],
        [tags(patch) for patch in found.patches[1:]],
    )


def _box(mails: Iterable[bytes]) -> b4.LoreMailbox:
    parser = email.parser.BytesParser(policy=b4.emlpolicy, _class=EmailMessage)
    box = b4.LoreMailbox()
    box.trailer_map = _Forgetful(list)
    for mail in mails:
        message = parser.parse(io.BytesIO(mail))
        if b4.LoreMessage.get_clean_msgid(message):
            box.add_message(message)
    return box


class _Forgetful(defaultdict[str, list[b4.LoreMessage]]):
    """Keeps b4 from carrying tags over to later revisions, which patchtool does not by design."""

    def __getitem__(self, _key: str) -> list[b4.LoreMessage]:
        return []


def tags(patch: b4.LoreMessage | None) -> tuple[Given, ...]:
    """The tags that replies gave to it."""
    given = patch.followup_trailers if patch else ()
    return tuple(
        dict.fromkeys(
            Given(each.lname, each.value, each.lmsg.msgid if each.lmsg else "") for each in given
        )
    )
