# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails out of files: mailboxes, single mails, and folders of numbered patches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.core.text import command_line
from patchtool.errors import MailError, UsageError
from patchtool.intake.sources import bare, folders, forms, packed
from patchtool.series import commit_text
from patchtool.series.mail import Mail, parse_mail, worded
from patchtool.series.mbox import envelope, scan
from patchtool.series.model import Dependency, LeftOut
from patchtool.series.posting.posted import PARTIAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from patchtool.intake.sources.folders import Folder
    from patchtool.series.envelope import Envelope

#: The names ``git format-patch`` gives: a revision, a number, a subject.
NUMBERED = re.compile(r"(?:v([0-9]{1,9})-)?([0-9]{4})-.*\.(?:patch|eml|mbox)\Z")
_BOX = re.compile(r".*\.(?:mbox|mbx)(?:\.(?:gz|xz|bz2|zst))?\Z")
_LOOSE = (".patch", ".diff")
_STEP = 500  # files between two reports


@dataclass(frozen=True, slots=True)
class SourceMails:
    """What a source gave, before it is made a series.

    Attributes:
        mails: Its mails, in the order of the source.
        cover_given: Whether the first mail is the cover letter whatever its number; None
            to tell by the numbers.
        left_out: What is there and was not taken.
        irregular: What had to be guessed or changed.
        dependencies: What is known about the base besides what the mails say.
        missing: Numbers of patches that are not there, as the names of files tell.
    """

    mails: Iterable[Mail]
    cover_given: bool | None = None
    left_out: tuple[LeftOut, ...] = ()
    irregular: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    missing: tuple[int, ...] = ()


def from_mailbox(source: packed.Source) -> Iterable[Mail]:
    """The mails of a mailbox, one after the other.

    Raises:
        MailError: A mail in it cannot be read.
    """
    for piece in scan(source.buffered(), source.where):
        yield parse_mail(piece.mail, source.where, piece.line)


def from_file(
    source: packed.Source,
    name: str,
    *,
    kind: forms.Kind | None = None,
    strip: int = 1,
    irregular: list[str] | None = None,
) -> Iterable[Mail]:
    """The mails of a file: a mailbox, a mail, or a patch without mail headers.

    Args:
        source: The file.
        name: Its name, for the subject of last resort.
        kind: What it is; None to look.
        strip: The N of ``-pN`` that a patch without mail headers was made with.
        irregular: Gets a line for what such a patch does not say.

    Raises:
        MailError: It is none of these, or a mail in it cannot be read.
    """
    kind = kind or forms.of_content(source.head, source.where, whole=source.whole)
    if kind is forms.Kind.MBOX and strip == 1:
        return from_mailbox(source)
    text = source.all(folders.LIMIT)
    if kind is forms.Kind.PATCH or strip != 1:
        made = bare.as_mail(text, name, source.where, strip)
        if made.missing and irregular is not None:
            irregular.append(f"{name}: says no {' and no '.join(made.missing)}; filled in")
        text = made.mail
    return (parse_mail(text, source.where),)


def mails_in(
    folder: Folder, name: str, strip: int = 1, irregular: list[str] | None = None
) -> tuple[Mail, ...]:
    """The mails of a file in a folder; see :func:`from_file`.

    A file that ``series save`` wrote beside it says what the mail does not give back.

    Raises:
        MailError: There is no such file, or it cannot be read.
    """
    where = f"{folder.where}/{name}"
    with folder.open(name) as stream, packed.unpack(stream, where) as source:
        mails = tuple(from_file(source, name, strip=strip, irregular=irregular))
    beside = commit_text.file_beside(name)
    if len(mails) == 1 and beside in folder.files():
        text = commit_text.parse(folders.read(folder, beside), f"{folder.where}/{beside}")
        return (worded(mails[0], text),)
    return mails


class Loose:
    """Mails that lie in files of their own, read when asked for.

    Args:
        folder: Where they are.
        names: Their files.
        report: Called with the number of files read so far, and of all.

    Raises:
        MailError: A file is damaged, or too large.
    """

    def __init__(
        self,
        folder: Folder,
        names: Sequence[str],
        report: Callable[[int, int], object] | None = None,
    ) -> None:
        known: dict[str, str] = {}
        self.folder = folder
        found: list[tuple[Envelope, str]] = []
        for done, name in enumerate(names):
            if report is not None and done % _STEP == 0:
                report(done, len(names))
            where = f"{folder.where}/{name}"
            found.append((envelope(folders.read(folder, name), where, 1, known), name))
        found.sort(key=lambda entry: (entry[0].when, entry[1].rpartition("/")[2]))
        self.envelopes = tuple(mail for mail, _ in found)
        self._names = tuple(name for _, name in found)

    def mail(self, at: int) -> Mail:
        """Mail number *at*, from 0, by date.

        Raises:
            MailError: It cannot be read.
        """
        name = self._names[at]
        return parse_mail(folders.read(self.folder, name), f"{self.folder.where}/{name}")


def box_names(folder: Folder) -> tuple[str, ...]:
    """The mailboxes in a folder."""
    names = folder.files()
    return tuple(name for name in names if _BOX.match(name) and not NUMBERED.match(name))


def patch_names(folder: Folder) -> tuple[str, ...]:
    """The patches and mails in a folder."""
    names = folder.files()
    return tuple(n for n in names if NUMBERED.match(n) or n.endswith((*_LOOSE, ".eml")))


def cover_beside(name: str) -> str:
    """The name ``b4 am`` gives the cover letter of the mailbox *name*; empty for others'."""
    return name.removesuffix(".mbx") + ".cover" if name.endswith(".mbx") else ""


def only_box(folder: Folder) -> str:
    """The only mailbox of a folder.

    Raises:
        UsageError: There is another, or none.
    """
    names = box_names(folder)
    if len(names) != 1:
        raise UsageError(
            f"{folder.where}: {len(names)} mailboxes in this folder",
            hint=f"name one of them: {', '.join(names[:5]) or 'there is none'}",
        )
    return names[0]


def from_numbered(folder: Folder, pick: str | None, *, partial: bool = False) -> SourceMails:
    """The files of ``git format-patch``, and .eml mails beside them.

    Args:
        folder: The folder.
        pick: The revision to take where it holds several, such as ``v2``.
        partial: Take what is there where files are missing.

    Raises:
        UsageError: It holds several revisions, or patches whose order nothing tells.
        MailError: A patch is missing, or cannot be read.
    """
    where = folder.where
    names = folder.files()
    numbered = _of_revision(where, [name for name in names if NUMBERED.match(name)], pick)
    missing = _missing(where, numbered)
    if missing and not partial:
        first = missing[0]
        before = next(name for name in numbered if _number(name) > first)
        raise MailError(f"{where}: patch {first:04d} is missing; {before} is there", hint=PARTIAL)
    loose = [n for n in names if n.endswith(_LOOSE) and not NUMBERED.match(n)]
    single = [n for n in names if n.endswith(".eml") and not NUMBERED.match(n)]
    if not numbered and not single:
        if len(loose) != 1:
            raise UsageError(
                f"{where}: {len(loose)} patches in this folder, and nothing says their order",
                hint="name one of them, or write their names into a file `series`",
            )
        return SourceMails(mails_in(folder, loose[0]))
    left = tuple(
        LeftOut(f"{where}/{name}", "", "its name has no number, so its place is unknown")
        for name in loose
    )
    mails = [mail for name in numbered for mail in mails_in(folder, name)]
    beside = Loose(folder, single)
    for at, seen in enumerate(beside.envelopes):
        try:
            mails.append(beside.mail(at))
        except MailError as error:
            if seen.prefix.patch or seen.diff:
                raise
            left = (*left, LeftOut(seen.where, seen.subject, error.message))
    return SourceMails(mails, left_out=left, missing=missing)


def _of_revision(where: str, names: list[str], pick: str | None) -> list[str]:
    """Those of one revision; a name without ``vN-`` is of v1."""
    by_revision: dict[int, list[str]] = {}
    for name in names:
        found = NUMBERED.match(name)
        assert found is not None
        by_revision.setdefault(int(found[1] or 1), []).append(name)
    if len(by_revision) < 2:
        return names
    known = {f"v{revision}": group for revision, group in sorted(by_revision.items())}
    if pick in known:
        return known[pick]
    raise UsageError(
        f"{where}: holds patches of {' and '.join(known)}",
        hint=f"choose one by its revision: {command_line([where])}#{list(known)[-1]}",
    )


def _missing(where: str, names: list[str]) -> tuple[int, ...]:
    """The numbers up to the last one that no file has; 0 is the cover letter's."""
    numbers = [_number(name) for name in names]
    for before, after, name in zip(numbers, numbers[1:], names[1:], strict=False):
        if after == before:
            raise MailError(f"{where}: two files have the number {after:04d}; one is {name}")
    last = numbers[-1] if numbers else 0
    return tuple(number for number in range(1, last + 1) if number not in numbers)


def _number(name: str) -> int:
    found = NUMBERED.match(name)
    assert found is not None
    return int(found[2])
