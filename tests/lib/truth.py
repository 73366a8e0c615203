# SPDX-License-Identifier: GPL-2.0-or-later
"""Small threads with known truth, in ``tests/data/revisions/*.toml``, and how well they are read.

A thread has OLD, its replies, NEW, and what is to come of each remark. Patches and replies are
divided by lines that begin with ``==``::

    == mm: count pages          a patch; the first may be `== 0 title`, the cover letter
    Why it is so.
    ---
    mm/count.c
    @@ 10 int count(void)       a hunk from line 10 of both files; the counts are worked out
    -\told();
    +\tnew();

    == r1 <1 Rob                a reply of Rob to patch 1; `<r1` is one to reply r1
    #! Subject: AW: x           a header of that mail, in the place of the one it would have

A reply whose subject begins as that of a patch is written down as a patch is. Where ``together`` is
true, both postings are read from one mailbox.

Each of ``expect`` is: reply, first words of the remark, place (``FILE:LINE``, ``message:LINE``,
``cover:LINE``, ``patch``, or nothing where it does not matter; ``f1!FILE:LINE`` in the diff that
the reply f1 proposes), verdict.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.revisions.bullets import bullets
from patchtool.revisions.compare import comparison
from patchtool.revisions.pair import Part
from patchtool.revisions.people import everybody
from patchtool.revisions.thread import dialogue
from patchtool.revisions.thread.judging import Judge
from patchtool.series.posting.threads import from_mailbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.revisions.remark import Judgement, Place
    from patchtool.series.model import Series

FOLDER = Path(__file__).parents[1] / "data" / "revisions"
PEOPLE = {
    "Ann": "Ann Author <ann@a.example>",
    "Ann2": "Ann Author <ann.author@home.example>",
    "Rob": "Rob Reviewer <rob@r.example>",
    "Eve": "Eve Expert <eve@e.example>",
    "Max": "Max Maintainer <max@m.example>",
    "Bot": "kernel test robot <lkp@intel.com>",
}
_NEAR = 3  # lines that a place may be off


@dataclass(frozen=True)
class Expected:
    """What is to come of one remark."""

    mail: str
    words: str
    place: str
    verdict: str


@dataclass(frozen=True)
class Thread:
    """A thread, and the truth about it."""

    name: str
    old: Series
    new: Series
    expected: tuple[Expected, ...]

    def judged(self) -> tuple[Judgement, ...]:
        """What the engine says of each remark."""
        found, people = comparison(self.old, self.new), everybody(self.old, self.new)
        said = dialogue.read(self.old, people)
        return Judge(found, said, people, bullets(self.old, self.new)).judgements()


@dataclass(frozen=True)
class Outcome:
    """What was made of one remark; the judgement is None where it was not found."""

    thread: str
    expected: Expected
    judgement: Judgement | None

    @property
    def placed(self) -> bool:
        """Whether it is where it should be, within a few lines."""
        want = self.expected.place
        if self.judgement is None or not want:
            return self.judgement is not None
        return is_at(self.judgement.remark.place, want, _NEAR)

    @property
    def exactly(self) -> bool:
        """Whether it is at that very line."""
        return self.judgement is not None and is_at(
            self.judgement.remark.place, self.expected.place, 0
        )

    @property
    def right(self) -> bool:
        """Whether the verdict is the true one."""
        return self.judgement is not None and self.judgement.verdict == self.expected.verdict

    def __str__(self) -> str:
        got = self.judgement
        if got is None:
            return f"{self.thread}: {self.expected.words!r} was not found"
        place = got.remark.place
        where = f"{place.part} {place.path}:{place.line} ({place.found_by})"
        return (
            f"{self.thread}: {self.expected.words!r} at {self.expected.place}: "
            f"{self.expected.verdict}; got {got.verdict}: {got.evidence[0]}; at {where}"
        )


def is_at(place: Place, want: str, near: int) -> bool:
    """Whether a place is the one that a text such as ``mm/a.c:12`` names."""
    proposal, _, want = want.rpartition("!")
    if place.proposal != (f"{proposal}@r.example" if proposal else ""):
        return False
    name, _, number = want.partition(":")
    parts = {"message": Part.MESSAGE, "cover": Part.COVER, "patch": Part.PATCH}
    if name in parts:
        if place.part is not parts[name]:
            return False
    elif place.part is not Part.DIFF or place.path != name:
        return False
    if not number:
        return True
    return place.line is not None and abs(place.line - int(number)) <= near


def threads() -> Iterator[Thread]:
    """All threads."""
    for path in sorted(FOLDER.glob("*.toml")):
        for raw in tomllib.loads(path.read_text(encoding="utf-8"))["thread"]:
            yield thread(f"{path.stem}/{raw['name']}", raw)


def thread(name: str, raw: dict[str, object]) -> Thread:
    """One thread."""
    texts = {key: str(raw.get(key, "")) for key in ("old", "replies", "new", "later")}
    boxes = [mailbox(texts["old"], texts["replies"], 1), mailbox(texts["new"], texts["later"], 2)]
    if raw.get("together"):
        boxes = [b"".join(boxes)] * 2
    old, new = (
        from_mailbox("x", BytesIO(box), "box", pick=f"v{number}")
        for number, box in enumerate(boxes, 1)
    )
    rows = raw["expect"]
    assert isinstance(rows, list)
    return Thread(name, old, new, tuple(Expected(*row) for row in rows))


def outcomes(of: Thread) -> Iterator[Outcome]:
    """What is made of each remark of a thread."""
    judged = of.judged()
    for each in of.expected:
        words = " ".join(each.words.split())
        hits = [
            one
            for one in judged
            if one.remark.message_id == f"{each.mail}@r.example"
            and words in " ".join(one.remark.text.split())
        ]
        yield Outcome(of.name, each, hits[0] if hits else None)


def series(patches: str, replies: str, revision: int) -> Series:
    """A posting, of the text it is written down as."""
    return from_mailbox("x", BytesIO(mailbox(patches, replies, revision)), "box")


def mailbox(patches: str, replies: str, revision: int) -> bytes:
    """The same as a mailbox."""
    parts = list(_parts(patches))
    cover = bool(parts) and parts[0][0].startswith("0 ")
    total = len(parts) - cover
    version = f" v{revision}" if revision > 1 else ""
    mails: list[tuple[dict[str, str], str]] = []
    for number, (title, whole) in enumerate(parts, 0 if cover else 1):
        count = f" {number}/{total}" if total > 1 or cover else ""
        subject = f"[PATCH{version}{count}] {title.removeprefix('0 ')}"
        more, text = _headers(whole)
        body = text if number == 0 else _patch(text, "Ann")
        above = _posted(revision, 0 if cover else 1)
        name = _posted(revision, number)
        mails.append((_head("Ann", subject, name, above if above != name else "") | more, body))
    for title, whole in _parts(replies):
        ident, parent, who = title.split()
        to = parent.removeprefix("<")
        above = _posted(revision, int(to)) if to.isdigit() else f"{to}@r.example"
        subject = f"Re: [PATCH{version}] {parts[0][0].removeprefix('0 ')}"
        more, text = _headers(whole)
        lead = more.get("Subject", "").partition("PATCH")[0]
        body = _patch(text, who) if lead[:1] == "[" else text
        mails.append((_head(who, subject, f"{ident}@r.example", above) | more, body))
    dated = (
        (
            {"Date": f"Tue, {4 * revision} Feb 2025 {10 + at // 60}:{at % 60:02}:00 +0000"} | head,
            body,
        )
        for at, (head, body) in enumerate(mails)
    )
    return "".join(_mail(head, body) for head, body in dated).encode()


def _headers(text: str) -> tuple[dict[str, str], str]:
    """The headers that are given for a mail, and the rest of its text."""
    found: dict[str, str] = {}
    while text.startswith("#! "):
        line, _, text = text.partition("\n")
        name, _, value = line.removeprefix("#! ").partition(": ")
        found[name] = value
    return found, text


def _patch(text: str, who: str) -> str:
    message, _, diff = text.partition("\n---\n")
    signed = f"{message.strip()}\n\nSigned-off-by: {PEOPLE[who]}"
    return f"{signed}\n---\n{_diff(diff)}-- \n2.39.5\n"


def _head(who: str, subject: str, name: str, above: str) -> dict[str, str]:
    answers = {"In-Reply-To": f"<{above}>"} if above else {}
    to = {"To": "list@kernel.example", "Message-ID": f"<{name}>"}
    return {"From": PEOPLE[who], "Subject": subject, **to, **answers}


def _mail(head: dict[str, str], body: str) -> str:
    fields = "".join(f"{name}: {value}\n" for name, value in head.items())
    return f"From mboxrd@z Thu Jan  1 00:00:00 1970\n{fields}\n{body}\n"


def _parts(text: str) -> Iterator[tuple[str, str]]:
    title = ""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith("== "):
            if title:
                yield title, "\n".join(lines)
            title, lines = line.removeprefix("== "), []
        else:
            lines.append(line)
    if title:
        yield title, "\n".join(lines)


def _posted(revision: int, number: int) -> str:
    return f"v{revision}.{number}@a.example"


def _diff(text: str) -> str:
    """A diff whose hunks name one line each, as git writes it."""
    out: list[str] = []
    hunk: list[str] = []
    start, heading, shift = 0, "", 0

    def close() -> None:
        nonlocal hunk, shift
        if hunk:
            old, new = (sum(line[:1] in marks for line in hunk) for marks in (" -", " +"))
            first = start if old else 0
            out.append(f"@@ -{first},{old} +{start + shift},{new} @@ {heading}".rstrip())
            out.extend(hunk)
            shift += new - old
            hunk = []

    for line in text.rstrip("\n").split("\n"):
        if line.startswith("@@ "):
            close()
            number, _, heading = line.removeprefix("@@ ").partition(" ")
            start = int(number)
        elif line[:1] in (" ", "+", "-"):
            hunk.append(line)
        elif line:
            close()
            shift = 0
            out += [f"diff --git a/{line} b/{line}", f"--- a/{line}", f"+++ b/{line}"]
        else:
            hunk.append(" ")
    close()
    return "".join(f"{line}\n" for line in out)
