# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool series show``: everything that is read from a posting."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.options import series_argument
from patchtool.commands.printing import put, put_json
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference
    from patchtool.series.diffstat import Diffstat
    from patchtool.series.file_diff import FileDiff
    from patchtool.series.model import Change, Patch, Review, Series
    from patchtool.series.tags.value import Trailer

_LABEL = 12
_SHOWN = 40  # mails left out; a thread has fewer, an archive far more


@click.command(
    "show",
    epilog=example(
        "show the first patch with its text", "patchtool series show balloon-counters --patch 1"
    ),
)
@series_argument
@click.option("--json", "as_json", is_flag=True, help="Print the whole value, as JSON.")
@click.option(
    "--patch", "number", type=click.IntRange(min=1), help="Only this patch, with its text."
)
@click.option("--reviews", is_flag=True, help="Print the replies in full.")
@click.pass_obj
def command(
    context: Context, series: Reference, as_json: bool, number: int | None, reviews: bool
) -> None:
    """Show what patchtool reads from the mails of SERIES.

    Prints the title, author, date, dependencies, change log, and the diffstat as claimed and
    as counted; for each patch its patch-id, files, and trailers with who gave them; and every
    mail that was left out, with the reason.
    """
    from pydantic import TypeAdapter

    from patchtool.intake.load import load_series
    from patchtool.series.model import Patch, Series

    context.progress.start("series", series.text)
    found = load_series(series, context.settings, context.progress)
    if number is not None and number > len(found.patches):
        raise UsageError(f"--patch {number}: the series has {len(found.patches)} patches")
    one = found.patches[number - 1] if number else None
    if as_json:
        shown = one or found
        values = TypeAdapter[Series | Patch](type(shown)).dump_python(shown, mode="json")
        put_json(json.dumps(values, indent=1, ensure_ascii=False))
        return
    lines = _patch(one, found, reviews=reviews, text=True) if one else _series(found, reviews)
    for line in lines:
        put(line)


def _series(series: Series, reviews: bool) -> Iterator[str]:
    yield series.title
    yield _row("Posted", ", ".join((f"v{series.revision}", series.size, *series.tags)))
    if series.part:
        yield _row("Part", f"{series.part}; the others are numbered from 1")
    yield _row("Author", series.author or series.patches[0].author)
    yield _row("Date", series.date or series.patches[0].date)
    if series.message_id:
        yield _row("Message-ID", series.message_id)
    if series.in_reply_to:
        yield _row("In reply to", series.in_reply_to)
    for need in series.dependencies:
        said = f"patch {need.patch}" if need.patch else "cover letter"
        yield _row("Needs", f"{need.kind} {need.value} ({said})")
    found = _count([diff for patch in series.patches for diff in patch.files])
    yield _row("Diffstat", _stat(series.diffstat, found, "of all patches together"))
    yield from _changes(series.changelog)
    yield from _trailers(series.trailers)
    yield from _trailers(series.uncounted, "Not counted")
    yield from _replies(series.reviews, whole=reviews)
    for patch in series.patches:
        yield ""
        yield from _patch(patch, series, reviews=reviews, text=False)
    yield from _account(series)


def _patch(patch: Patch, series: Series, *, reviews: bool, text: bool) -> Iterator[str]:
    tags = [tag for tag in patch.tags if tag not in series.tags]
    lead = f"[{' '.join(tags)}] " if tags else ""
    posted = f" (posted as {series.numbers[patch.number - 1]}/{series.posted})"
    place = f"{patch.number}/{len(series.patches)}{posted if series.missing else ''}"
    yield f"{place} {lead}{patch.subject}"
    yield _row("Author", f"{patch.author}, {patch.date}")
    yield _row("Patch-id", patch.patch_id)
    if patch.message_id:
        yield _row("Message-ID", patch.message_id)
    found = _count(patch.files)
    if patch.diffstat is not None and _claimed(patch.diffstat) != found:
        yield _row("Diffstat", _stat(patch.diffstat, found, ""))
    for at, diff in enumerate(patch.files):
        yield _row("" if at else "Files", _file(diff))
    yield from _trailers(patch.trailers)
    yield from _trailers(patch.uncounted, "Not counted")
    yield from _changes(patch.changelog)
    if text:
        yield from ("", *patch.message.split("\n"), "")
    yield from _replies(patch.reviews, whole=reviews)


def _row(label: str, text: str) -> str:
    return f"  {label:{_LABEL}} {' '.join(text.split())}"


def _file(diff: FileDiff) -> str:
    if diff.binary:
        counts = "binary"
    else:
        _, added, removed = _count([diff])
        counts = f"+{added} -{removed}"
    what = ""
    if diff.old_path is None:
        what = " (new)"
    elif diff.new_path is None:
        what = " (removed)"
    elif diff.old_path != diff.new_path:
        what = f" (was {diff.old_path})"
    return f"{diff.path} {counts}{what}"


def _count(diffs: Sequence[FileDiff]) -> tuple[int, int, int]:
    """Files, lines added, lines removed."""
    hunks = [hunk for diff in diffs for hunk in diff.hunks]
    added = sum(len(hunk.added) for hunk in hunks)
    return len({diff.path for diff in diffs}), added, sum(len(hunk.removed) for hunk in hunks)


def _claimed(stat: Diffstat) -> tuple[int, int, int]:
    return stat.files, stat.insertions, stat.deletions


def _stat(stat: Diffstat | None, found: tuple[int, int, int], note: str) -> str:
    shown = "{} files +{} -{}".format(*found)
    if stat is None:
        return f"{shown} found, none claimed"
    if _claimed(stat) == found:
        return f"{shown}, as claimed"
    behind = f" ({note})" if note else ""
    return "claimed {} files +{} -{}, ".format(*_claimed(stat)) + f"found {shown}{behind}"


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        lines = [line for line in change.text.split("\n") if line.strip()]
        for at, line in enumerate(lines):
            label = "" if at else f"New in v{change.revision}"
            yield f"  {label:{_LABEL}} {line.rstrip()}"


def _trailers(trailers: Sequence[Trailer], label: str = "Trailers") -> Iterator[str]:
    for at, trailer in enumerate(trailers):
        how = "; ".join(_circumstances(trailer))
        behind = f" ({how})" if how else ""
        yield _row("" if at else label, f"{trailer.name}: {trailer.value}{behind}")


def _circumstances(trailer: Trailer) -> Iterator[str]:
    """Where a tag was given, for which patches, on what condition and by whom."""
    if trailer.given_on:
        yield f"given on {trailer.given_on}, same patch-id"
    if trailer.given_in:
        yield f"in reply {trailer.given_in}"
    if trailer.scope:
        yield f'for: "{trailer.scope.text}"'
    if trailer.condition:
        yield f'given on condition: "{trailer.condition}"'
    if trailer.sent_by:
        yield f"sent by {trailer.sent_by}"


def _replies(reviews: Sequence[Review], *, whole: bool) -> Iterator[str]:
    for at, review in enumerate(reviews):
        gave = ", ".join(trailer.name for trailer in review.trailers)
        behind = f": {gave}" if gave else ""
        yield _row("" if at else "Replies", f"{review.author}, {review.date}{behind}")
        if whole:
            yield from (f"    | {line}" for line in review.body.split("\n"))


def _account(series: Series) -> Iterator[str]:
    """The mails that were read and left out, with the reasons."""
    if series.irregular:
        yield "\nIrregular:"
        yield from (f"  {line}" for line in series.irregular)
    if series.left_out:
        yield "\nLeft out:"
    for mail in series.left_out[:_SHOWN]:
        subject = f" {mail.subject!r}" if mail.subject else ""
        yield f"  {mail.where}{subject}: {mail.reason}"
    if len(series.left_out) > _SHOWN:
        yield f"  and {len(series.left_out) - _SHOWN} more; --json names them all"
    replies = len(series.replies)
    parts = [
        (1 if series.cover is not None else 0, "cover letter"),
        (len(series.patches), "patches"),
        (replies, "replies"),
        (len(series.left_out), "left out"),
    ]
    total = sum(count for count, _ in parts)
    yield f"\n{total} mails: {', '.join(f'{count} {what}' for count, what in parts if count)}"
