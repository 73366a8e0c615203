# SPDX-License-Identifier: GPL-2.0-or-later
"""Applying the series of a run: once, and then the outcome is in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.errors import ApplyConflict
from patchtool.run.run_state import find_applied, keep_applied
from patchtool.tree.fitting import advice, fits

if TYPE_CHECKING:
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.core.store import Store
    from patchtool.run.workplace import Source
    from patchtool.series.model import Series
    from patchtool.tree.apply import AppliedSeries
    from patchtool.tree.base.choose import Base


def applied(series: Series, base: Base, source: Source, store: Store) -> tuple[AppliedSeries, bool]:
    """What became of the patches, and whether an earlier run had applied them.

    Raises:
        MailError, CommandError: As :func:`patchtool.tree.apply.apply_series`.
    """
    found = find_applied(store, series, base)
    if found is not None:
        return found, True
    made = source.apply(series, base)
    keep_applied(store, series, made)
    return made, False


def require_all(
    outcome: AppliedSeries, series: Series, tree: str, settings: Settings, progress: Progress
) -> None:
    """Refuse a series of which a patch did not apply.

    Raises:
        ApplyConflict: Shows what the patch expects and what the tree has, and says which of
            the other trees here would take the series.
    """
    bad = outcome.conflict
    if bad is None:
        return
    places = "".join(
        f"\n  {c.path} {c.hunk}\n    the patch expects:\n{_indent(c.expected)}"
        f"\n    the tree has:\n{_indent(c.found)}"
        for c in bad.conflicts
    )
    where = fits(series, settings, progress, tree)
    base_says = "`patchtool series base` says where it applies and what to rebase it over"
    raise ApplyConflict(
        f'patch {bad.number}/{len(series.patches)} "{bad.subject}" does not apply '
        f"to {outcome.base.name}: {bad.detail}{places}",
        hint="; ".join((*advice(series, where), base_says)),
    )


def _indent(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.splitlines())
