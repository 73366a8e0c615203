# SPDX-License-Identifier: GPL-2.0-or-later
"""SERIES, whatever its form, becomes one value.

Every form ends in the same call, so the same posting gives the same series.
"""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core.text import command_line
from patchtool.errors import MailError, UsageError
from patchtool.intake.reference import (
    Reference,
    exists,
    of_folder,
    open_file,
    range_of,
    recognise,
    repository_here,
    slug,
    split_pick,
    stem,
)
from patchtool.intake.sources import bundled, files, folders, forms, maildir, packed, quilt
from patchtool.intake.sources.forms import Kind
from patchtool.series import manifest
from patchtool.series.mbox import Mailbox
from patchtool.series.model import Series
from patchtool.series.posting.threads import assemble, from_box, from_mailbox, series_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.intake.servers.fetched import Fetched
    from patchtool.intake.sources.folders import Folder
    from patchtool.series.posting.threads import Box, Refused

__all__ = ["Kind", "Reference", "load_series", "postings", "recognise", "slug"]

#: The kinds that a file can be, and those that a folder can be.
_OF_FILES = (Kind.MBOX, Kind.MAIL, Kind.PATCH, Kind.TARBALL, Kind.ARCHIVE)
_OF_FOLDERS = (Kind.MANIFEST, Kind.MAILDIR, Kind.QUILT, Kind.FOLDER, Kind.MBOX)


def load_series(reference: Reference, settings: Settings, progress: Progress) -> Series:
    """Read, fetch or make the series that *reference* names.

    A posting of a series that comes with patchtool gets that one's manifest. A note says so.

    Raises:
        UsageError: There is no such thing, or it is not what ``--from`` says.
        ManifestError: Its manifest has mistakes, or disagrees with the mails; all are named.
        MailError: A mail cannot be read, or a patch of the series is missing.
        NetworkError: A server could not be reached, or gave nonsense.
    """
    series = _Intake(reference, settings, progress).series()
    if series.missing:
        progress.note(series.part)
    found = bundled.bundled_as(series) if series.manifest is None else None
    if found is None:
        return series
    name, facts = found
    progress.note(f"this is {name}, whose manifest patchtool has (series show {name})")
    return replace(series, manifest=facts)


def postings(
    reference: Reference, settings: Settings, progress: Progress
) -> Iterator[Series | Refused]:
    """Every posting in a mailbox or thread; of anything else, its one series.

    Raises:
        UsageError, ManifestError, MailError, NetworkError: As :func:`load_series`.
    """
    intake = _Intake(reference, settings, progress)
    with intake.box() as box:
        if box is None:
            yield intake.series()
        else:
            yield from series_in(reference.name, *box, partial=reference.partial)


@dataclass(frozen=True, slots=True)
class _Intake:
    """One reference, and what it takes to follow it."""

    reference: Reference
    settings: Settings
    progress: Progress

    @property
    def text(self) -> str:
        return split_pick(self.reference.text)[0]

    @property
    def pick(self) -> str | None:
        return split_pick(self.reference.text)[1]

    @property
    def partial(self) -> bool:
        return self.reference.partial

    def series(self) -> Series:
        text = self.text
        kind = self.reference.kind or recognise(self.reference.text)
        if kind in (Kind.LORE, Kind.PATCHWORK):
            return self.of_server(text, kind, self.pick)
        if kind is Kind.RANGE:
            return self.of_range()
        if text == "-":
            with packed.unpack(sys.stdin.buffer, text) as source:
                return self.of_file(source, "standard-input", None if kind is Kind.STDIN else kind)
        if kind is Kind.STDIN and Path(text).is_fifo():
            with open_file(Path(text)) as source:
                return self.of_file(source, "pipe", None)
        if kind is Kind.STDIN:
            raise UsageError(f"{text}: standard input is written -")
        known = bundled.folder_of(text)
        path = known if kind is Kind.BUNDLED and known is not None else Path(text)
        if not exists(path) or (kind is Kind.BUNDLED and known is None):
            raise UsageError(f"{text}: no such {kind} ({forms.MEANING[kind]})")
        if path.name == manifest.FILE_NAME and path.is_file():
            path = path.parent
        if path.is_dir():
            form = Kind.MANIFEST if kind is Kind.BUNDLED else kind
            return self.of_folder(folders.Disk(path), slug(path.resolve().name), form)
        with open_file(path) as source:
            return self.of_file(source, path.name, kind)

    @contextmanager
    def box(self) -> Iterator[tuple[Box, str] | None]:
        """The mails of a mailbox, maildir or thread, and their source; None of all else."""
        kind = self.reference.kind or recognise(self.reference.text)
        path = Path(self.text)
        if kind in (Kind.LORE, Kind.PATCHWORK):
            fetched = self.fetched(self.text, kind)
            yield Mailbox(io.BytesIO(fetched.mails), fetched.where), fetched.where
        elif kind is Kind.MBOX and path.is_file():
            with open_file(path) as source, self.watched(source) as stream:
                yield Mailbox(stream, source.where), source.where
        elif kind is Kind.MAILDIR and path.is_dir():
            yield maildir.mails(folders.Disk(path), self.counted)[0], str(path)
        else:
            yield None

    def fetched(self, text: str, kind: Kind) -> Fetched:
        """What a server gave, or the copy of it."""
        offline = self.reference.offline or self.settings.offline
        if kind is Kind.LORE:
            from patchtool.intake.servers import lore

            return lore.fetch(text, self.settings, self.progress, offline=offline)
        from patchtool.intake.servers import patchwork

        return patchwork.fetch(
            text, self.settings, self.progress, offline=offline, partial=self.partial
        )

    def of_server(self, text: str, kind: Kind, pick: str | None) -> Series:
        fetched = self.fetched(text, kind)
        name = slug(fetched.message_id or text)
        stream = io.BytesIO(fetched.mails)
        pick = pick or fetched.message_id
        made = from_mailbox(name, stream, fetched.where, pick=pick, partial=self.partial)
        return replace(made, irregular=(*fetched.irregular, *made.irregular))

    def of_range(self) -> Series:
        from patchtool.intake import ranges
        from patchtool.tree.repository import open_tree

        parts = range_of(self.text)
        if parts is None:
            raise UsageError(f"{self.text}: not a git range", hint="write A..B, or TREE:A..B")
        named, ends = parts
        spec = named or self.reference.tree or str(repository_here())
        tree = open_tree(spec, self.settings)
        taken = ranges.load_range(tree, ends, self.settings)
        return self.series_of(slug(ends.partition("..")[2] or "head"), taken, f"{tree.name}:{ends}")

    def of_folder(self, folder: Folder, name: str, kind: Kind) -> Series:
        """The series in a folder, which may be one in a tarball."""
        if kind is Kind.MANIFEST:
            return self.of_manifest(folder, name)
        if kind is Kind.MBOX:
            box = files.only_box(folder)
            where = f"{folder.where}/{box}"
            with folder.open(box) as stream, packed.unpack(stream, where) as source:
                return self.of_box(source, slug(stem(box)), folder)
        if kind is Kind.MAILDIR:
            loose, left = maildir.mails(folder, self.counted)
            series = from_box(name, loose, folder.where, pick=self.pick, partial=self.partial)
            return replace(series, left_out=(*series.left_out, *left))
        if kind is Kind.QUILT:
            taken = quilt.listed_patches(folder)
        elif kind is Kind.FOLDER:
            taken = files.from_numbered(folder, self.pick, partial=self.partial)
        else:
            raise UsageError(
                f"{folder.where}: a folder, so no {kind} ({forms.MEANING[kind]})",
                hint=f"a folder is one of {', '.join(_OF_FOLDERS)}",
            )
        return self.series_of(name, taken, folder.where)

    def of_manifest(self, folder: Folder, name: str) -> Series:
        path = Path(folder.where) / manifest.FILE_NAME
        if isinstance(folder, folders.Disk):
            facts = manifest.load(path)
        else:
            text = folders.read(folder, manifest.FILE_NAME).decode("utf-8", "replace")
            facts = manifest.parse(text, path)
        if facts.patches:
            taken = bundled.manifest_mails(folder, facts)
            series = self.series_of(name, taken, folder.where)
            counted = any(mail.prefix.tags for mail in taken.mails)
            return bundled.with_manifest(series, facts, path, counted=counted)
        if facts.merged:
            return Series(name, facts.title, facts.revision, None, (), facts)
        assert facts.message_id is not None  # manifest.py checks that there is one of the three
        series = self.of_server(facts.message_id, Kind.LORE, facts.message_id)
        return bundled.with_manifest(replace(series, name=name), facts, path, counted=True)

    def of_file(self, source: packed.Source, file_name: str, kind: Kind | None) -> Series:
        """The series in a file that is open."""
        if kind is not None and kind not in _OF_FILES:
            raise UsageError(
                f"{source.where}: a file, so no {kind} ({forms.MEANING[kind]})",
                hint=f"a file is one of {', '.join(_OF_FILES)}",
            )
        kind = kind or forms.of_content(source.head, source.where, whole=source.whole)
        name = slug(stem(file_name))
        if kind is Kind.ARCHIVE:
            raise MailError(
                f"{source.where}: a mail archive's page saved as text; blanks and line ends of "
                "its patches are lost",
                hint=f"`patchtool series recover {command_line([source.where])} --tree TREE "
                "-o DIR` restores them; then name DIR",
            )
        if kind is Kind.TARBALL:
            folder = folders.from_tarball(source)
            return self.of_folder(folder, name, of_folder(folder))
        if kind is Kind.MBOX:
            path = Path(source.where)
            return self.of_box(source, name, folders.Disk(path.parent) if path.is_file() else None)
        irregular: list[str] = []
        mails = files.from_file(source, file_name, kind=kind, irregular=irregular)
        return self.series_of(
            name, files.SourceMails(mails, irregular=tuple(irregular)), source.where
        )

    def of_box(self, source: packed.Source, name: str, beside: Folder | None) -> Series:
        """The series in a mailbox, with the cover letter ``b4 am`` wrote beside it."""
        cover = files.cover_beside(Path(source.where).name)
        if beside is not None and cover and cover in beside.files():
            mails = (*files.mails_in(beside, cover), *files.from_mailbox(source))
            return self.series_of(name, files.SourceMails(mails), source.where)
        with self.watched(source) as stream:
            return from_mailbox(name, stream, source.where, pick=self.pick, partial=self.partial)

    def counted(self, done: int, total: int) -> None:
        self.progress.update("mails", done, total)

    @contextmanager
    def watched(self, source: packed.Source) -> Iterator[BinaryIO]:
        """A mailbox, of any size, whose reading is reported."""

        def report(done: int, size: int) -> None:
            self.progress.update(f"MiB of {source.where}", done >> 20, size >> 20)

        with source.rewound() as stream:
            yield io.BufferedReader(packed.ReportingFile(stream, report), packed.HEAD)

    def series_of(self, name: str, taken: files.SourceMails, where: str) -> Series:
        """The series of what a source gave."""
        mails = tuple(taken.mails)
        series = assemble(
            name,
            mails,
            where,
            pick=self.pick,
            cover_given=taken.cover_given,
            partial=self.partial,
        )
        known = {(entry.kind, entry.value) for entry in series.dependencies}
        more = tuple(e for e in taken.dependencies if (e.kind, e.value) not in known)
        return replace(
            series,
            left_out=(*series.left_out, *taken.left_out),
            irregular=(*series.irregular, *taken.irregular),
            dependencies=(*more, *series.dependencies),
            missing=series.missing or taken.missing,
        )
