# SPDX-License-Identifier: GPL-2.0-or-later
"""How the guests of a run start: what the tree's era says, and the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.guest.qemu import Start

if TYPE_CHECKING:
    from patchtool.build.toolchain.eras import FixUp, Needs
    from patchtool.core.settings import Settings


def start_of(needs: Needs | None, settings: Settings) -> Start:
    """How guests of a tree start.

    Args:
        needs: What the tree needs; None when no tree was asked.
        settings: The settings; ``guest_start`` goes before the era.
    """
    asked = settings.guest_start
    if needs is None:
        return Start() if asked == "era" else Start(asked)
    return Start(
        needs.era.guest if asked == "era" else asked,
        needs.append,
        tuple(_cause(fixup, in_force=fixup in needs.fixups) for fixup in needs.suspects),
    )


def _cause(fixup: FixUp, *, in_force: bool) -> str:
    used = "was used" if in_force else "was not used, as this compiler is not known to need it"
    return f"{fixup.name}: {fixup.symptom} ({used})"
