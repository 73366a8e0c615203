# SPDX-License-Identifier: GPL-2.0-or-later
"""Maildirs: one file for each mail, in ``cur/`` and ``new/``; ``tmp/`` is not delivered yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.intake.sources.files import Loose
from patchtool.series.model import LeftOut

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.intake.sources.folders import Folder

FOLDERS = frozenset({"cur", "new", "tmp"})


def is_one(folder: Folder) -> bool:
    """Whether *folder* is a maildir; folders that start with a dot are Maildir++'s."""
    names = {name for name in folder.folders() if not name.startswith(".")}
    return bool(names & {"cur", "new"}) and names <= FOLDERS


def mails(
    folder: Folder, report: Callable[[int, int], object]
) -> tuple[Loose, tuple[LeftOut, ...]]:
    """The mails of a maildir, and those left out because they are marked as deleted.

    Args:
        folder: The maildir.
        report: Called with the number of mails read so far, and of all.

    Raises:
        MailError: It is empty, or a file is damaged.
    """
    names: list[str] = []
    left: list[LeftOut] = []
    for part in ("cur", "new"):
        inside = folder.below(part).files() if part in folder.folders() else ()
        for name in inside:
            if "T" in _flags(name):
                left.append(LeftOut(f"{folder.where}/{part}/{name}", "", "marked as deleted"))
            elif not name.startswith("."):
                names.append(f"{part}/{name}")
    if not names:
        raise MailError(f"{folder.where}: no mail in this maildir (cur/, new/)")
    return Loose(folder, names, report), tuple(left)


def _flags(name: str) -> str:
    """The letters behind ``:2,`` (``!2,`` or ``;2,`` where a file system knows no colon)."""
    for mark in (":2,", "!2,", ";2,"):
        if mark in name:
            return name.rpartition(mark)[2]
    return ""
