# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series says of the files it starts from: the blobs its index lines name. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchtool.series.model import Series


@dataclass(frozen=True, slots=True)
class Want:
    """What the base must have at one path.

    Attributes:
        path: The path.
        blob: The blob's hash, mostly abbreviated; empty when there must be no such file;
            None when the patch only says that there must be one.
    """

    path: str
    blob: str | None

    def met(self, found: str) -> bool:
        """Whether a tree with the blob *found* there (empty: no file) is such a base."""
        if self.blob is None:
            return bool(found)
        return found.startswith(self.blob) if self.blob else not found


def wanted(series: Series) -> tuple[Want, ...]:
    """What the base must have, one for each path.

    The first patch that touches a file tells; what later patches name is what earlier ones
    of the series have made.
    """
    found: dict[str, Want] = {}
    for patch in series.patches:
        for diff in patch.files:
            old, new = diff.old_path, diff.new_path
            if old is not None and old not in found:
                found[old] = Want(old, diff.old_blob if _is_hash(diff.old_blob) else None)
            if new is not None and new not in found:
                found[new] = Want(new, "")
    return tuple(found.values())


def _is_hash(blob: str | None) -> bool:
    return blob is not None and blob.strip("0") != ""


def score(wants: Sequence[Want], state: Mapping[str, str]) -> int:
    """How many of *wants* are met by a tree, given as path to blob hash."""
    return sum(want.met(state.get(want.path, "")) for want in wants)
