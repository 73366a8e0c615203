# SPDX-License-Identifier: GPL-2.0-or-later
"""Manifests: the series that come with patchtool, and the mails a manifest names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import data
from patchtool.errors import MailError, ManifestError, UsageError
from patchtool.intake.sources import files
from patchtool.series import manifest

if TYPE_CHECKING:
    from patchtool.intake.sources.folders import Folder
    from patchtool.series.mail import Mail
    from patchtool.series.manifest import Manifest
    from patchtool.series.model import Series

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*\Z")


def names() -> tuple[str, ...]:
    """The names of the series that come with patchtool."""
    found = data.series().glob(f"*/{manifest.FILE_NAME}")
    return tuple(sorted(path.parent.name for path in found))


def folder_of(name: str) -> Path | None:
    """The folder of the series that comes with patchtool as *name*, or None."""
    if _NAME.match(name) and (data.series() / name / manifest.FILE_NAME).is_file():
        return data.series() / name
    return None


def manifest_path(source: str) -> Path:
    """The ``series.toml`` that *source* (a file, a folder or a bundled name) stands for.

    Raises:
        UsageError: There is none.
    """
    places = [Path(source), Path(source) / manifest.FILE_NAME]
    if folder := folder_of(source):
        places.append(folder / manifest.FILE_NAME)
    for place in places:
        if place.is_file():
            return place
    raise UsageError(f"{source}: no {manifest.FILE_NAME} there", hint="name the file or its folder")


def bundled_as(series: Series) -> tuple[str, Manifest] | None:
    """The name and manifest of the bundled series that *series* is a posting of, or None.

    It is one when its Message-ID is the manifest's, or its revision and all subjects are.
    """
    subjects = tuple(patch.subject for patch in series.patches)
    for name in names():
        facts = manifest.load(data.series() / name / manifest.FILE_NAME)
        same_mail = facts.message_id is not None and facts.message_id == series.message_id
        if same_mail or (facts.revision, facts.subjects) == (series.revision, subjects):
            return name, facts
    return None


def manifest_mails(folder: Folder, facts: Manifest) -> files.SourceMails:
    """The mails that a manifest names, in its order.

    Raises:
        MailError: One cannot be read, or its file holds several.
    """
    mails: list[Mail] = []
    for name in (*([facts.cover] if facts.cover else []), *facts.patches):
        found = files.mails_in(folder, name)
        if len(found) != 1:
            raise MailError(
                f"{folder.where}/{name}: {len(found)} mails; expected one for each file"
            )
        mails += found
    return files.SourceMails(tuple(mails), cover_given=facts.cover is not None)


def with_manifest(series: Series, facts: Manifest, path: Path, *, counted: bool) -> Series:
    """The series with its manifest, after the two were held against each other.

    Args:
        series: What the mails say.
        facts: The manifest.
        path: Its file, for errors.
        counted: Whether the mails' subjects say their revision.

    Raises:
        ManifestError: They disagree; every key that does is named.
    """
    wrong = []
    if counted and series.revision != facts.revision:
        wrong.append(f"revision: it says {facts.revision}, the subjects say {series.revision}")
    if facts.subjects and len(facts.subjects) != series.posted:
        wrong.append(f"subjects: {len(facts.subjects)} of them; the series has {series.posted}")
    elif facts.subjects:
        told = [facts.subjects[number - 1] for number in series.numbers]
        wrong += [
            f"subjects.{number - 1}: it says {said!r}, the mail says {patch.subject!r}"
            for number, said, patch in zip(series.numbers, told, series.patches, strict=True)
            if said.split() != patch.subject.split()
        ]
    if wrong:
        raise ManifestError(path, wrong)
    return replace(series, manifest=facts)
