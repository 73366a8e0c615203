# SPDX-License-Identifier: GPL-2.0-or-later
"""The series that b4 gives to a check command, and the findings that b4 wants back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.intake.load import Reference, load_series
from patchtool.intake.sources.forms import Kind
from patchtool.lint.b4 import thread_blob
from patchtool.series.mail import Mail, parse_mail
from patchtool.series.model import Series
from patchtool.series.posting.reviews import sender
from patchtool.series.posting.threads import from_mailbox
from patchtool.tree import plumbing
from patchtool.tree.repository import open_tree

if TYPE_CHECKING:
    from patchtool.commands.options import Context
    from patchtool.lint.findings import Finding

_WHERE = "standard input"


class B4(StrEnum):
    """The kind of check command that b4 runs patchtool as."""

    PREP = "prep"
    PATCH = "patch"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class B4Run:
    """How b4 runs patchtool: the kind of check, the repository, and options of SERIES."""

    mode: B4
    tree: str
    offline: bool
    partial: bool = False


def series_for(run: B4Run, data: bytes, tracking: str | None, context: Context) -> Series:
    """The series to check.

    Args:
        run: How we are run.
        data: The mail b4 gives on standard input.
        tracking: The file with what b4 knows of the series, if it named one.
        context: Whose settings hold.

    Raises:
        MailError: The mail has no patch in it, or the series misses one.
        NetworkError: The rest of the series cannot be fetched.
    """
    mail = parse_mail(data, _WHERE)
    if run.mode is not B4.SERIES or (mail.files and mail.prefix.total in (None, 1)):
        return _alone(mail)
    if tracking is not None:
        blob = thread_blob(Path(tracking).read_text(encoding="utf-8"), tracking)
        if blob:
            git_dir = open_tree(run.tree, context.settings).git_dir
            with plumbing.open_repository(git_dir, context.settings) as repo:
                thread = BytesIO(repo.blob(blob))
            where, pick = "the thread that b4 keeps", mail.message_id
            return from_mailbox("b4", thread, where, pick=pick, partial=run.partial)
    if mail.message_id is None:
        raise MailError(f"{_WHERE}: no Message-ID, so the rest of the series cannot be found")
    whole = Reference(mail.message_id, Kind.LORE, run.offline, partial=run.partial)
    return load_series(whole, context.settings, context.progress)


def _alone(mail: Mail) -> Series:
    patch = mail.patch(mail.prefix.number or 1)
    return Series(
        name="b4",
        title=mail.subject,
        revision=mail.prefix.revision,
        cover=None,
        patches=(patch,),
        manifest=None,
        author=sender(mail),
        message_id=mail.message_id,
        recipients=mail.recipients,
    )


def for_b4(mode: B4, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings for b4.

    A check of the whole series leaves out those of single patches: b4 runs a check for each patch.
    """
    if mode is not B4.SERIES:
        return findings
    return tuple(finding for finding in findings if not finding.patch)
