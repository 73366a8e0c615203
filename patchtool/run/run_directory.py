# SPDX-License-Identifier: GPL-2.0-or-later
"""The folder a run writes its report and logs into, and which run that is.

The folder keeps what was asked for, so that the same command takes it again: a run that was
interrupted, or is repeated, goes on in the folder that ``--out`` names.
"""

from __future__ import annotations

import contextlib
import json
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from patchtool.core.durable import write_atomic
from patchtool.core.locks import held
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.run.request import Request

#: The file that holds what was asked for.
REQUEST = "request.json"
_LOCK = ".lock"


@contextmanager
def run_directory(
    out: Path | None,
    settings: Settings,
    title: str,
    request: Request,
    progress: Progress,
    combinations: Sequence[str] = (),
) -> Iterator[Path]:
    """The run directory, for this run alone; waits while another one of the same request has it.

    Args:
        out: Where; None for a new one in the state folder.
        settings: The settings in force.
        title: What the name of a new one ends with.
        request: What was asked for.
        progress: Told when another run is waited for.
        combinations: The names of the runs below it, of a matrix.

    Raises:
        UsageError: *out* is there, is not empty, and no run of this request has made it.
    """
    asked = json.loads(
        json.dumps({**asdict(request), "combinations": list(combinations)}, default=str)
    )
    if out is None:
        folder = _new(settings.state, title)
    else:
        folder = out.resolve()
        _check(out, asked)
        folder.mkdir(parents=True, exist_ok=True)
    with held(folder / _LOCK, f"the run directory {out or folder}", progress):
        _check(folder, asked)
        write_atomic(folder / REQUEST, json.dumps(asked, indent=1) + "\n")
        yield folder


def _check(folder: Path, asked: dict[str, Any]) -> None:
    """Refuse a folder that is not ours to write into."""
    if not folder.exists():
        return
    if folder.is_dir() and all(path.name == _LOCK for path in folder.iterdir()):
        return
    before = _asked_before(folder)
    if before is None:
        raise UsageError(
            f"{folder} is there already, and is no run directory that can be taken again",
            hint="name a folder that does not exist, or is empty",
        )
    changed = sorted(key for key in before.keys() | asked if before.get(key) != asked.get(key))
    if changed:
        raise UsageError(
            f"{folder} is there already, with a run of another request: "
            f"{', '.join(changed)} differ{'s' if len(changed) == 1 else ''}",
            hint="name another folder, or give the command that made this one again",
        )


def _asked_before(folder: Path) -> dict[str, Any] | None:
    """What the run in a folder was asked for; None where there is no such run."""
    try:
        asked = json.loads((folder / REQUEST).read_bytes())
    except (OSError, ValueError):
        return None
    return asked if isinstance(asked, dict) else None


def _new(state: Path, title: str) -> Path:
    """Make an empty run directory below the state folder, named by time and title."""
    stamp = datetime.now(tz=UTC).strftime("%Y%m%d-%H%M%S")
    base = state / "runs"
    base.mkdir(parents=True, exist_ok=True)
    for count in range(1000):
        suffix = f"-{count}" if count else ""
        path = base / f"{stamp}-{title}{suffix}"
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            return path.resolve()
    raise UsageError(f"{base}: more than a thousand runs in one second")
