# SPDX-License-Identifier: GPL-2.0-or-later
"""Which form of a series a folder holds, told by the names in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.intake.sources import files, forms, maildir, quilt
from patchtool.intake.sources.forms import Kind
from patchtool.series import manifest

if TYPE_CHECKING:
    from patchtool.intake.sources.folders import Folder


def of_folder(folder: Folder) -> Kind:
    """What a folder is, told by the names in it.

    Raises:
        UsageError: Nothing a series can be read from, or two things at once.
    """
    names = folder.files()
    if manifest.FILE_NAME in names:
        return Kind.MANIFEST
    found = []
    if quilt.place(folder) is not None:
        found.append(Kind.QUILT)
    elif files.patch_names(folder):
        found.append(Kind.FOLDER)
    if files.box_names(folder):
        found.append(Kind.MBOX)
    if maildir.is_one(folder):
        found.append(Kind.MAILDIR)
    if len(found) == 1:
        return found[0]
    if found:
        both = " and ".join(f"{kind} ({forms.MEANING[kind]})" for kind in found)
        raise UsageError(
            f"{folder.where}: holds {both}",
            hint="say which to take with --from, or name the file",
        )
    if ".git" in (*names, *folder.folders()) or {"HEAD", "objects"} <= {*names, *folder.folders()}:
        raise UsageError(
            f"{folder.where}: a git tree, not a series",
            hint=f"name commits in it: {folder.where}:BASE..TOPIC",
        )
    raise UsageError(
        f"{folder.where}: no series in this folder",
        hint=f"expected a {manifest.FILE_NAME}, files named like 0001-area-change.patch, a quilt "
        "`series`, a mailbox, or a maildir",
    )
