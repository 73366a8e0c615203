# SPDX-License-Identifier: GPL-2.0-or-later
"""Other revisions than OLD and NEW that what was named holds: earlier ones tell who gave tags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.intake.load import Kind, postings, recognise
from patchtool.revisions.compare import UnrelatedError, comparison
from patchtool.series.model import Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference

#: What can hold several revisions, and be read again: mails that were fetched are at hand.
_MANY = (Kind.LORE, Kind.MBOX, Kind.MAILDIR)


@dataclass(frozen=True, slots=True)
class Others:
    """Revisions beside OLD and NEW.

    Attributes:
        earlier: Those before OLD, oldest first.
        notes: Which there are, a sentence each.
    """

    earlier: tuple[Series, ...] = ()
    notes: tuple[str, ...] = ()


def others(
    context: Context,
    named: Sequence[Reference],
    earlier: Sequence[Reference],
    old: Series,
    new: Series,
) -> Others:
    """The other revisions of the series in what was named.

    Args:
        context: Whose settings hold.
        named: OLD and NEW, which were read already.
        earlier: What else was named.
        old: OLD.
        new: NEW.

    Raises:
        PatchtoolError: What was named besides cannot be read.
    """
    known = {_key(old), _key(new)}
    found: list[Series] = []
    again = [replace(each, offline=True) for each in named if recognise(each.text) in _MANY]
    for each in _read(context, [*again, *earlier]):
        if each.patches and _key(each) not in known and _is_of(each, old):
            known.add(_key(each))
            found.append(each)
    found.sort(key=lambda each: each.revision)
    before = tuple(each for each in found if each.revision < old.revision)
    rest = [each for each in found if each not in before]
    notes = []
    if before:
        notes.append(f"{_names(before)} was read as well: tags that were given to it are known")
    if rest:
        notes.append(f"the mails hold {_names(rest)} as well, which was not compared")
    return Others(before, tuple(notes))


def _read(context: Context, named: Sequence[Reference]) -> Iterator[Series]:
    for reference in named:
        for each in postings(reference, context.settings, context.progress):
            if isinstance(each, Series):
                yield each


def _key(series: Series) -> str:
    return series.message_id or series.digest


def _is_of(series: Series, old: Series) -> bool:
    """Whether a posting is of the same series."""
    pair = (series, old) if series.revision < old.revision else (old, series)
    try:
        comparison(*pair)
    except UnrelatedError:
        return False
    return True


def _names(postings_of: Sequence[Series]) -> str:
    return ", ".join(f"v{each.revision}" for each in postings_of)
