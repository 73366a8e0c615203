# SPDX-License-Identifier: GPL-2.0-or-later
"""A series written back as files that ``load_series`` reads. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tomli_w

from patchtool.series.commit_text import file_beside
from patchtool.series.compose import angled, encoded, header, sender
from patchtool.series.manifest import FILE_NAME
from patchtool.series.model import DependsOn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.series.manifest import Manifest
    from patchtool.series.model import Patch, Series

COVER = "0000-cover-letter.patch"


def series_files(series: Series) -> dict[str, bytes]:
    """Name and content of each file: the mails as they came, the cover letter, the manifest.

    The files bear the numbers of the posting, so a part of it has gaps. What a commit says and
    its mail does not give back stands in a file beside the mail.
    """
    numbered = {
        f"{number:04d}-patch.patch": patch
        for number, patch in zip(series.numbers, series.patches, strict=True)
    }
    names = {name: _patch(patch) for name, patch in numbered.items()}
    files = dict(names)
    for name, patch in numbered.items():
        if patch.commit is not None:
            files[file_beside(name)] = bytes(patch.commit)
    if series.cover is not None:
        files[COVER] = _cover(series)
    if series.manifest is not None:
        cover = COVER if series.cover is not None else None
        renamed = series.manifest.model_copy(update={"patches": tuple(names), "cover": cover})
        files[FILE_NAME] = to_toml(renamed).encode()
    return files


def kept_files(series: Series) -> dict[str, bytes]:
    """The files of :func:`series_files`, the replies, and a base commit no mail names."""
    files = series_files(series)
    first = COVER if COVER in files else next(iter(files))
    for need in series.dependencies:
        line = f"\n\nbase-commit: {need.value}\n".encode()
        if need.kind is DependsOn.BASE_COMMIT and not any(
            line.strip() in t for t in files.values()
        ):
            files[first] += line
    return {**files, **reply_files(series)}


def _patch(patch: Patch) -> bytes:
    """The mail as ``git am`` takes it, with the headers it came with that git drops."""
    mark, newline, rest = patch.raw.partition(b"\n")
    known = {"In-Reply-To": angled(patch.in_reply_to), "To": _recipients(patch.recipients)}
    lines = "".join(f"{name}: {value}\n" for name, value in known.items() if value is not None)
    return mark + newline + lines.encode() + rest


def _cover(series: Series) -> bytes:
    """The cover letter as a mail: its subject is numbered unless a manifest gives the order."""
    version = f" v{series.revision}" if series.revision > 1 else ""
    number = "" if series.manifest is not None else f" 0/{series.posted}"
    tags = "".join(f" {tag}" for tag in series.tags)
    first = series.patches[0]
    head = header(
        ("From", sender(series.author or first.author)),
        ("Date", series.date or first.date),
        ("Message-ID", angled(series.message_id)),
        ("In-Reply-To", angled(series.in_reply_to)),
        ("To", _recipients(series.recipients)),
        ("Subject", encoded(f"[PATCH{tags}{version}{number}] {series.title}")),
    )
    return head + (series.cover or "").encode("utf-8", "replace")


def reply_files(series: Series) -> dict[str, bytes]:
    """Name and content of a file for each reply to the series, in their order."""
    return {
        f"reply-{number:04d}.eml": header(
            ("From", sender(reply.author)),
            ("Date", reply.date),
            ("Message-ID", angled(reply.message_id)),
            ("In-Reply-To", angled(reply.in_reply_to)),
            ("Subject", encoded(reply.subject)),
        )
        + reply.body.encode("utf-8", "replace")
        for number, reply in enumerate(series.replies, 1)
    }


def _recipients(recipients: Sequence[str]) -> str | None:
    return ",\n ".join(recipients) or None


def to_toml(manifest: Manifest) -> str:
    """A manifest as TOML."""
    return tomli_w.dumps(manifest.model_dump(mode="json", exclude_none=True))
