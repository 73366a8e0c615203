# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fuzzers feed to which parser: for ci/fuzz, and for tests/unit/test_fuzz.py.

A target takes any bytes. It may end with a PatchtoolError, or with nothing; all else is a find.
"""

from __future__ import annotations

import functools
import gzip
import quopri
import re
import signal
import tarfile
import tomllib
from base64 import encodebytes
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from email.utils import format_datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ci.damage import folded, line_by_line
from patchtool.core import data
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import PatchtoolError
from patchtool.intake import load
from patchtool.intake.pages.page import read_page
from patchtool.intake.pages.posting import file_diffs, posting_of
from patchtool.intake.reference import Reference
from patchtool.recover.fill import fill
from patchtool.recover.fragment import take_apart
from patchtool.recover.mails import diff_text
from patchtool.recover.record import APPLIES
from patchtool.recover.recovery import recover
from patchtool.recover.sheet import Donors
from patchtool.recover.structure import structures
from patchtool.report.series_files import to_toml
from patchtool.revisions.compare import comparison
from patchtool.revisions.people import everybody
from patchtool.revisions.thread import dialogue
from patchtool.revisions.thread.asked import asked_for
from patchtool.revisions.thread.judging import Judge
from patchtool.series import commit_text, manifest
from patchtool.series.author import parse_author, parse_date
from patchtool.series.diff import parse_diff
from patchtool.series.html_text import page_text
from patchtool.series.mail import parse_mail
from patchtool.series.message_end import BREAK, mailable
from patchtool.series.model import Review
from patchtool.series.posting.threads import assemble
from patchtool.series.tags.reply import of_reply
from patchtool.series.tags.value import holds_for
from tests.lib import truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from patchtool.revisions.versions import Comparison

FOUND = Path(__file__).resolve().parents[1] / "data" / "fuzz"
#: Seconds after which an example is taken to hang. What is promised, a second for 100 kB, is
#: measured by ``ci/fuzz --measure``: a test must not depend on how busy its machine is.
HANG = 60.0
REPLY = b"""Patches 1-2 look good, and with the typo fixed for 3/3:

Reviewed-by: Bob <bob@work.example> [for patches 1,
and 2] # once that is done
Fixes: 123456789abc ("mm: a
title")

commit 123456789abc
Author: Ann <ann@example.org>

    Acked-by: Ann <ann@example.org>

If you fix the issue, kindly add following tag
Reported-by: Bob <bob@example.org>
Tested-by: Eve
<eve@example.org> for the whole series, except patch 2
"""

#: The same examples in every run, some seconds of them, and no clock.
quick = settings(
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

few = settings(quick, max_examples=20)


def mail(text: bytes) -> None:
    """One mail; what git gets of it must read the same again."""
    read = parse_mail(text, "fuzz.patch")
    if read.files:
        again = parse_mail(read.patch(1).raw, "again.patch")
        assert again.files == read.files
        assert again.author == read.author
        assert again.subject == read.subject


def reply(text: bytes) -> None:
    """The text of a reply; each tag in it is for a patch, or for all."""
    for tag in of_reply(text.decode("utf-8", "replace"), None, "Bob <bob@example.org>"):
        assert holds_for(tag, 1, 3)


def diff(text: bytes) -> None:
    """A diff; the counts of what was taken are those of its hunk headers."""
    for file in parse_diff(text, "fuzz.patch"):
        assert ".." not in file.path.split("/")
        assert not file.path.startswith("/")
        for hunk in file.hunks:
            assert hunk.new_count - hunk.old_count == len(hunk.added) - len(hunk.removed)


def commit(text: bytes) -> None:
    """What a commit says; what is kept of it must read the same again."""
    read = commit_text.parse(text, "fuzz.commit")
    assert commit_text.parse(bytes(read), "again.commit") == read
    assert "\n" not in f"{read.subject}{read.name}"
    assert parse_author(read.sender, "again.commit") == read.sender
    assert parse_date(format_datetime(read.when), "again.commit") == read.when
    kept = f"{mailable(read.body)}\n---\n".encode()
    assert BREAK.search(kept[:-4]) is None


def file(text: bytes) -> None:
    """Any file a user may name: compressed, a tarball, a mailbox, a mail, a bare diff."""
    with TemporaryDirectory(prefix="patchtool-fuzz-") as folder:
        path = Path(folder, "fuzz")
        path.write_bytes(text)
        series = load.load_series(Reference(str(path), offline=True), Settings(), Silent())
        assert len({patch.number for patch in series.patches}) == len(series.patches)
        assert [entry.name for entry in Path(folder).iterdir()] == ["fuzz"]


def page(text: bytes) -> None:
    """A page of a mail archive, the mails on it and the file diffs in them."""
    read = read_page(text)
    for found in read.mails:
        for part in file_diffs(found.body.encode()):
            with suppress(PatchtoolError):
                take_apart(part)
    posting_of(read, "fuzz.txt")


@dataclass(frozen=True, slots=True)
class Bases:
    """The old files that the bundled patches change."""

    def by_path(self, path: str) -> bytes | None:  # noqa: ARG002 (the protocol's signature)
        """None is known by its path."""
        return None

    def by_blob(self, prefix: str) -> bytes | None:
        """The file of that abbreviated hash."""
        return bases().get(prefix)


def recovery(text: bytes) -> None:
    """A page up to the patches on it; what is said to apply is a diff that is taken."""
    for patch in recover(posting_of(read_page(text), "fuzz.txt"), Bases(), Silent()):
        for found in patch.files:
            if found.verdict in APPLIES:
                try:
                    parse_diff(diff_text(found), "recovered")
                except PatchtoolError as error:
                    raise AssertionError(f"{found.verdict}, but: {error}") from error


def toml(text: bytes) -> None:
    """A manifest; what was read can be written, and reads the same again."""
    read = manifest.parse(text.decode("utf-8", "replace"), Path("series.toml"))
    assert manifest.Manifest.model_validate(tomllib.loads(to_toml(read))) == read


def structure(text: bytes) -> None:
    """A damaged file diff, read without its base and with it, and its blanks filled in."""
    read = structures(text, None)
    fill(read, Donors.of(()), budget=20)
    for blob, base in bases().items():
        if b"%s.." % blob.encode() in text[:400]:
            based = structures(text, base)
            fill(based, Donors.of((base,)), budget=20)


def thread(text: bytes) -> None:
    """A reply, what answers it, and a patch of the same text, read and judged.

    Each remark is one verdict of a mail there.
    """
    found = compared()
    body = text.decode("utf-8", "replace")
    if body.startswith("#! "):  # of a mail with headers of its own, such as one in HTML
        body = page_text(text, "utf-8").decode()
    quoted = "".join(f"> {line}\n" for line in body.split("\n")[:40])
    above = found.old.message_id
    one = Review("Rob <rob@r.org>", "", "Re: x", "one@r.org", above, body)
    two = Review("Ann <ann@a.org>", "", "Re: x", "two@r.org", "one@r.org", f"{quoted}\n{body}")
    three = Review("Eve <eve@e.org>", "", "[PATCH] x", "three@r.org", "one@r.org", body)
    four = Review("Rob <rob@r.org>", "", "Re: x", "four@r.org", "three@r.org", f"{quoted}\nNo.\n")
    patches = (
        replace(found.old.patches[0], reviews=(one, two, three, four)), *found.old.patches[1:]
    )  # fmt: skip
    reviewed = replace(found.old, patches=patches)
    people = everybody(reviewed, found.new)
    judge = Judge(found, dialogue.read(reviewed, people), people)
    judgements = judge.judgements()
    judge.proposals()
    asked_for(judgements, judge, found)
    mails = {f"{name}@r.org" for name in ("one", "two", "three", "four")}
    assert {each.remark.message_id for each in judgements} <= mails
    assert len({each.remark.id for each in judgements}) == len(judgements)
    assert all(each.evidence for each in judgements)


@functools.cache
def compared() -> Comparison:
    """A bundled series beside one with another subject."""
    mails = [parse_mail(text, "seed") for text in seeds("mail")[1:6]]
    old = assemble("x", mails, "seed", cover_given=False)
    first = replace(old.patches[0], raw=b"other", subject="another subject")
    new = replace(old, patches=(first, *old.patches[1:]), message_id="new@a.org")
    return comparison(old, new)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "mail": mail,
    "reply": reply,
    "diff": diff,
    "commit": commit,
    "mbox": file,
    "file": file,
    "manifest": toml,
    "page": page,
    "recovery": recovery,
    "structure": structure,
    "thread": thread,
}


def run(target: str, text: bytes) -> None:
    """Feed *text* to a target; an error of ours is what it may end with."""
    try:
        with no_hang():
            TARGETS[target](text)
    except PatchtoolError as error:
        if not str(error).strip():
            raise AssertionError("an error that says nothing") from error


def manifests() -> tuple[bytes, ...]:
    """Those of the bundled series."""
    return tuple(path.read_bytes() for path in sorted(data.series().glob("*/series.toml")))


def replies() -> tuple[bytes, ...]:
    """Those of the threads with known truth."""
    text = "".join(path.read_text("utf-8") for path in sorted(truth.FOLDER.glob("*.toml")))
    found = re.findall(r"(?ms)^== \w+ <\w+ \w+$\n(.*?)(?=^==|^''')", text)
    return tuple(reply.encode() for reply in found)


#: The seeds that are in files of their own.
WRITTEN: dict[str, Callable[[], tuple[bytes, ...]]] = {"manifest": manifests, "thread": replies}


@functools.cache
def seeds(target: str) -> tuple[bytes, ...]:
    """What a target is known to take, made from the series that come with patchtool."""
    if target in WRITTEN:
        return WRITTEN[target]()
    patches = sorted(data.series().glob("balloon-counters/*.patch"))
    mails = [path.read_bytes() for path in patches]
    if target == "commit":
        words = [parse_mail(text, "seed") for text in mails]
        return tuple(
            f"author {word.author} 1700000000 +0100\n\n{word.subject}\n\n{word.text}".encode()
            for word in words
        )
    if target == "reply":
        quoted = b"".join(b"> " + line + b"\n" for line in mails[1].split(b"\n"))
        return (REPLY, quoted + REPLY, mails[1] + REPLY)
    if target == "mbox":
        return (b"".join(mails), b"".join(reversed(mails)))
    if target == "diff":
        return tuple(text[at:] for text in mails if (at := text.find(b"\ndiff --git") + 1))
    if target == "file":
        lone = mails[1].replace(b" 1/5]", b"]")
        return (tarball(mails), tarball(mails, quilt=True), gzip.compress(lone, mtime=0), lone)
    if target == "recovery":
        # Patches of one file and few hunks: what a larger one costs is what ``ci/bench`` measures.
        small = [mails[at].replace(b" %d/5]" % at, b"]") for at in (2, 4)]
        return tuple(found for text in small for found in shown([text]))
    if target == "page":
        return (*shown(mails[1:3]), shown(mails)[0])
    if target == "structure":
        whole = [text[at:] for text in mails if (at := text.find(b"\ndiff --git") + 1)]
        parts = [part for text in whole for part in file_diffs(text.rpartition(b"-- \n")[0])]
        return (*map(folded, parts[:8]), *map(line_by_line, parts[:8]))
    cover, _, text = mails[0].partition(b"\n\n")
    flowed = b"%s\nContent-Type: text/plain; format=flowed; delsp=yes\n\n%s" % (cover, text)
    return (*mails, flowed, *dressed(mails[1]))


@functools.cache
def bases() -> dict[str, bytes]:
    """For each blob that a bundled patch changes: as much of it as its hunks show."""
    made: dict[str, bytes] = {}
    for text in seeds("mail")[1:6]:
        for diff in parse_mail(text, "seed").files:
            lines: list[bytes] = []
            for hunk in diff.hunks:
                lines += [b"" for _ in range(len(lines), hunk.old_start - 1)]
                if lines and not lines[-1]:
                    lines[-1] = hunk.section.encode()
                lines += [line[1:] for line in hunk.lines if line[:1] in (b" ", b"-")]
            made.setdefault(diff.old_blob or "", b"\n".join(lines) + b"\n")
    return made


def shown(mails: Sequence[bytes]) -> tuple[bytes, ...]:
    """The mails as archives show them: folded, and line by line."""
    one, two = bytearray(), bytearray()
    for text in mails:
        head, _, body = text.partition(b"\n\n")
        subject = b" ".join(re.findall(rb"(?m)^Subject: (.*(?:\n .*)*)", head)[0].split())
        one += b"Jane Doe\n2012-Aug-21 12:47 UTC\n" + subject + b"\n" + folded(body) + b"\n"
        two += subject + b"\n\nFrom: Jane Doe\nDate: Sun Jul 22 2012 - 22:33:11 EST\n\n\n"
        two += line_by_line(body) + b"\n\n"
    footer = b"--\nTo unsubscribe from this list: send the line\n"
    return bytes(one), bytes(two), bytes(two).replace(b"@", b" at ") + footer


def tarball(mails: Sequence[bytes], *, quilt: bool = False) -> bytes:
    """The mails as files of a tarball."""
    made = BytesIO()
    files = {f"p/{at:04d}-x.patch": text for at, text in enumerate(mails) if at or not quilt}
    if quilt:
        files["p/series"] = "".join(f"{name[2:]}\n" for name in files).encode()
    with tarfile.open(fileobj=made, mode="w") as packer:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            packer.addfile(entry, BytesIO(text))
    return made.getvalue()


def dressed(text: bytes) -> tuple[bytes, ...]:
    """A mail as other programs would have sent it."""
    head, _, body = text.partition(b"\n\n")
    plain = re.sub(rb"(?m)^(MIME-Version|Content-[\w-]+): .*\n", b"", head)
    kind = b"Content-Type: text/plain; charset=utf-8"
    bound = b"\n--b\n" + kind + b"\n\n"
    return (
        b"%s\n%s\nContent-Transfer-Encoding: base64\n\n%s" % (plain, kind, encodebytes(body)),
        b"%s\n%s\nContent-Transfer-Encoding: quoted-printable\n\n%s"
        % (plain, kind, quopri.encodestring(body)),
        b"%s\nContent-Type: multipart/mixed; boundary=b\n%s%s\n--b--\n" % (plain, bound, body),
        plain.replace(b"Subject: ", b"Subject: =?utf-8?q?=5BPATCH=5D_a=3A_b?= ") + b"\n\n" + body,
        text.replace(b"\n", b"\r\n"),
    )


def found(target: str) -> tuple[Path, ...]:
    """The inputs on which a target once failed."""
    return tuple(sorted((FOUND / target).glob("*")))


@contextmanager
def no_hang() -> Iterator[None]:
    """Ends an example that hangs."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"still at it after {HANG:.0f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@functools.cache
def words(target: str) -> tuple[bytes, ...]:
    """What the seeds of a target are made of, and what parsers trip over."""
    odd = [b"\n", b"\r\n", b"\0", b"\xff", b" ", b"\t", b"=?", b"From ", b"--", b"@@", b'"']
    text = b" ".join(seeds(target))
    return (*odd, *sorted(set(re.findall(rb"\w+|[^\s\w]+|\S{2,40}", text))))


@st.composite
def damaged(draw: st.DrawFn, target: str) -> bytes:
    """A seed with a few places cut out, doubled, or written over with words of its kind."""
    text = draw(st.sampled_from(seeds(target)))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 80)))
        kind = draw(st.integers(0, 3))
        middle = (
            b"" if kind == 0
            else text[start:end] * 2 if kind == 1
            else draw(st.sampled_from(words(target))) if kind == 2
            else draw(st.binary(max_size=8))
        )  # fmt: skip
        text = text[:start] + middle + text[end:]
    return text
