# SPDX-License-Identifier: GPL-2.0-or-later
"""What every step of a build needs, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchtool.build.container.runtime import Runtime
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.core.store import Store


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where and with what kernels are built.

    Attributes:
        toolchain: The image the compiler is in.
        runtime: What runs the container.
        store: Where results are kept, and looked up first.
        settings: Folders, ``jobs`` and ``build_timeout``.
        progress: Told of each step make announces.
    """

    toolchain: Toolchain
    runtime: Runtime
    store: Store
    settings: Settings
    progress: Progress
