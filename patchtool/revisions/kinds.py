# SPDX-License-Identifier: GPL-2.0-or-later
"""What kind of a pair two patches are, told by what differs between them. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchtool.revisions.pair import PairKind, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchtool.revisions.differences import Aligned
    from patchtool.revisions.pair import PatchPair
    from patchtool.series.model import Patch

#: What a patch can be and have moved in its series; with more changed, that is said instead.
_QUIET = (PairKind.UNCHANGED, PairKind.TEXT, PairKind.REBASED)


def with_kind(
    pair: PatchPair,
    old: Sequence[Patch],
    new: Sequence[Patch],
    files: Sequence[Aligned],
    *,
    replaced: bool,
) -> PatchPair:
    """*pair* with its kind, and whether only white space or context differs.

    Args:
        pair: With its differences.
        old: Its patches in OLD; not empty.
        new: Its patches in NEW; not empty.
        files: The files of both.
        replaced: Whether NEW's is another patch for the same thing.
    """
    code = [each for each in pair.differences if each.part is Part.DIFF]
    context = not code and any(len(file.same) < max(len(file.old), len(file.new)) for file in files)
    kind = _kind(old, new, code=bool(code), files=files)
    if kind is PairKind.UNCHANGED and (pair.differences or _texts(old) != _texts(new)):
        kind = PairKind.TEXT
    if kind in _QUIET and pair.reordered:
        kind = PairKind.REORDERED
    if kind is PairKind.CHANGED and replaced:
        kind = PairKind.REPLACED
    blank_only = bool(code) and all(each.blank_only for each in code)
    return replace(pair, kind=kind, blank_only=blank_only, context_only=context)


def _kind(
    old: Sequence[Patch], new: Sequence[Patch], *, code: bool, files: Sequence[Aligned]
) -> PairKind:
    if len(old) > 1:
        return PairKind.MERGED
    if len(new) > 1:
        return PairKind.SPLIT
    if code or _headers(old) != _headers(new):
        return PairKind.CHANGED
    return PairKind.REBASED if any(file.context_differs for file in files) else PairKind.UNCHANGED


def _headers(patches: Iterable[Patch]) -> list[tuple[str | None, ...]]:
    """What patches do to files besides their lines: names, modes, binary content."""
    return [
        (diff.old_path, diff.new_path, diff.new_mode, diff.new_blob if diff.binary else None)
        for patch in patches
        for diff in patch.files
    ]


def _texts(patches: Iterable[Patch]) -> list[tuple[object, ...]]:
    """What patches say besides the diff; tags that replies gave are no part of them."""
    return [
        (
            patch.subject,
            patch.author,
            tuple((each.name, each.value) for each in patch.trailers if each.given_in is None),
        )
        for patch in patches
    ]
