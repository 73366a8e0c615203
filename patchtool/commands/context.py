# SPDX-License-Identifier: GPL-2.0-or-later
"""What every command gets from the ``patchtool`` group as ``ctx.obj``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The settings in force, and where progress is shown."""

    settings: Settings
    progress: Progress
