# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a series comes from: a folder, a mailbox, one patch file, or a name patchtool knows."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool import data
from patchtool.errors import MailError, ManifestError, UsageError
from patchtool.series import manifest
from patchtool.series.mail import Mail, parse_mail, split_mbox
from patchtool.series.model import Series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.settings import Settings

#: Largest patch file or mailbox that is read, in bytes.
LIMIT = 64 << 20
_NUMBERED = re.compile(r"(v[0-9]+-)?([0-9]{4})-.*\.(patch|eml|mbox)\Z")
_UNSAFE = re.compile(r"[^a-z0-9]+")


def load_series(source: str, settings: Settings) -> Series:  # noqa: ARG001 (for fetched series)
    """Read the series that *source* names.

    Args:
        source: A folder with a ``series.toml``; a folder of ``NNNN-*.patch`` files as
            ``git format-patch`` writes them; one mailbox or patch file; or the name of a
            series that comes with patchtool. What exists as a path wins.
        settings: The settings in force.

    Raises:
        UsageError: There is no such thing.
        ManifestError: Its manifest has mistakes; all are named.
        MailError: A patch cannot be read, or one of the series is missing.
    """
    path = Path(source)
    if path.is_dir():
        return _folder(path)
    if path.is_file():
        if path.name == manifest.FILE_NAME:
            return _folder(path.parent)
        name = slug(path.name.removesuffix(path.suffix))
        return assemble(name, read_mails(path), str(path))
    if path.exists():
        raise UsageError(f"{source}: neither a folder nor a file")
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]*", source) and (data.series() / source).is_dir():
        return _folder(data.series() / source)
    raise UsageError(
        f"no series {source!r}: no such file or folder, and no series that patchtool knows",
        hint=f"series that come with patchtool: {', '.join(bundled()) or 'none'}",
    )


def bundled() -> tuple[str, ...]:
    """The names of the series that come with patchtool."""
    found = data.series().glob(f"*/{manifest.FILE_NAME}")
    return tuple(sorted(path.parent.name for path in found))


def manifest_path(source: str) -> Path:
    """The ``series.toml`` that *source* (a file, a folder or a bundled name) stands for.

    Raises:
        UsageError: There is none.
    """
    places = [Path(source), Path(source) / manifest.FILE_NAME]
    if "/" not in source:
        places.append(data.series() / source / manifest.FILE_NAME)
    for place in places:
        if place.is_file():
            return place
    raise UsageError(f"{source}: no {manifest.FILE_NAME} there", hint="name the file or its folder")


def slug(text: str) -> str:
    """*text* as a short name for files: lower-case letters, digits and ``-``."""
    return _UNSAFE.sub("-", text.lower()).strip("-")[:60] or "series"


def read_mails(path: Path) -> tuple[Mail, ...]:
    """The mails in a patch file or mailbox.

    Raises:
        MailError: It is too large, or a mail in it cannot be read.
    """
    size = path.stat().st_size
    if size > LIMIT:
        raise MailError(f"{path}: {size >> 20} MiB; at most {LIMIT >> 20} MiB are read")
    mails = split_mbox(path.read_bytes())
    if len(mails) == 1:
        return (parse_mail(mails[0][0], str(path), mails[0][1]),)
    return tuple(parse_mail(text, str(path), line) for text, line in mails)


def _folder(folder: Path) -> Series:
    name = slug(folder.resolve().name)
    described = folder / manifest.FILE_NAME
    if described.is_file():
        return _described(name, folder, manifest.load(described))
    files = sorted(path for path in folder.iterdir() if _NUMBERED.match(path.name))
    if not files:
        raise UsageError(
            f"{folder}: no series in this folder",
            hint=f"expected a {manifest.FILE_NAME}, or files named like 0001-area-change.patch",
        )
    mails = [mail for path in files for mail in read_mails(path)]
    numbers = [int(found[2]) for path in files if (found := _NUMBERED.match(path.name))]
    if numbers[0] > 1:
        raise MailError(f"{folder}: patch {1:04d} is missing; the first file is {files[0].name}")
    for before, after, path in zip(numbers, numbers[1:], files[1:], strict=False):
        if after == before:
            raise MailError(f"{folder}: two files have the number {after:04d}; one is {path.name}")
        if after > before + 1:
            raise MailError(
                f"{folder}: patch {before + 1:04d} is missing; {path.name} is there",
            )
    return assemble(name, mails, str(folder))


def _described(name: str, folder: Path, facts: manifest.Manifest) -> Series:
    """The series a manifest describes: its patches, in its order."""
    names = [*([facts.cover] if facts.cover else []), *facts.patches]
    mails: list[Mail] = []
    for file in names:
        found = read_mails(folder / file)
        if len(found) != 1:
            raise MailError(f"{folder / file}: {len(found)} mails; expected one for each file")
        mails += found
    series = assemble(name, mails, str(folder), cover_given=facts.cover is not None)
    if any(mail.prefix.tags for mail in mails) and series.revision != facts.revision:
        raise ManifestError(
            folder / manifest.FILE_NAME,
            [f"revision: it says {facts.revision}, the subjects say {series.revision}"],
        )
    return replace(series, manifest=facts)


def assemble(
    name: str, mails: Sequence[Mail], where: str, *, cover_given: bool | None = None
) -> Series:
    """Make a series of mails: find its cover letter, and check that no patch is missing.

    Replies, and mails without a diff that bear no number, are left out, so a whole thread
    can be given. Patches that bear numbers are put in the order of their numbers, others
    keep theirs.

    Args:
        name: Its short name.
        mails: Its mails.
        where: Their source, for errors.
        cover_given: Whether the first mail is the cover letter whatever its number; None
            to tell by the numbers.

    Raises:
        MailError: A patch is missing or there twice, or revisions are mixed.
    """
    if cover_given is None:
        covers = [m for m in mails if m.prefix.number == 0 and not m.prefix.reply]
        posted = [m for m in mails if m.prefix.number != 0 and not m.prefix.reply]
        patches = [m for m in posted if m.files or m.prefix.number is not None or len(mails) == 1]
    else:
        covers, patches = list(mails[:cover_given]), list(mails[cover_given:])
    if not patches:
        raise MailError(f"{where}: no patch in it; expected mails with `diff --git` lines")
    revisions = sorted({mail.prefix.revision for mail in (*covers, *patches)})
    if len(revisions) > 1:
        found = " and ".join(f"v{revision}" for revision in revisions)
        raise MailError(f"{where}: mixes revisions {found}; give one of them")
    if len(covers) > 1:
        raise MailError(f"{where}: {len(covers)} cover letters; expected one at most")
    ordered = _ordered(patches, covers, where, sort=cover_given is None)
    cover = covers[0] if covers else None
    return Series(
        name=name,
        title=cover.subject if cover else ordered[0].subject,
        revision=revisions[0],
        cover=cover.body if cover else None,
        patches=tuple(mail.patch(number) for number, mail in enumerate(ordered, 1)),
        manifest=None,
    )


def _ordered(
    patches: Sequence[Mail], covers: Sequence[Mail], where: str, *, sort: bool
) -> tuple[Mail, ...]:
    """The patches in order, none missing.

    Raises:
        MailError: A patch is missing, there twice, or out of place.
    """
    totals = sorted({m.prefix.total for m in (*covers, *patches) if m.prefix.total is not None})
    if len(totals) > 1:
        raise MailError(f"{where}: some subjects count to {totals[0]}, some to {totals[-1]}")
    if not totals:
        return tuple(patches)
    total = totals[0]
    by_number: dict[int, Mail] = {}
    for mail in patches:
        number = mail.prefix.number
        if number is None:
            raise MailError(f"{mail.where}: {mail.subject!r} bears no number; expected N/{total}")
        if number in by_number:
            raise MailError(f"{mail.where}: patch {number}/{total} is there twice")
        by_number[number] = mail
    missing = [number for number in range(1, total + 1) if number not in by_number]
    if missing:
        names = ", ".join(f"{number}/{total}" for number in missing[:20])
        verb = "is" if len(missing) == 1 else "are"
        raise MailError(f"{where}: patch {names} {verb} missing")
    extra = [number for number in by_number if number > total]
    if extra:
        raise MailError(f"{where}: patch {extra[0]}/{total} counts past the end")
    if not sort and list(by_number) != sorted(by_number):
        raise MailError(f"{where}: the manifest lists the patches in another order than they bear")
    return tuple(by_number[number] for number in sorted(by_number))
