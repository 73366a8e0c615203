# SPDX-License-Identifier: GPL-2.0-or-later
"""git for tests: no configuration but git's own, and an author whose name needs quoting."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def git(cwd: Path, *words: str, stdin: bytes | None = None, **env: str) -> str:
    """Run git in *cwd*; what it prints, without the last line end. More of *env* may be given."""
    whole = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_COMMITTER_NAME": "U",
        "GIT_COMMITTER_EMAIL": "u@example.org",
        "GIT_AUTHOR_NAME": "Jörg Doe, Jr",
        "GIT_AUTHOR_EMAIL": "j@example.org",
        "GIT_AUTHOR_DATE": "2025-02-03T10:00:00+0530",
        **env,
    }
    done = subprocess.run(
        ["git", *words], cwd=cwd, env=whole, check=True, capture_output=True, input=stdin
    )
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
