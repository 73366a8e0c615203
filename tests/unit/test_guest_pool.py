# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that does not come up, and does not say why, is tried once more."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.errors import BootError, LostGuest
from patchtool.guest.session import GuestSpec
from patchtool.testing.guests import MOST_PATIENCE, GuestPool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEC = GuestSpec()
SILENT = LostGuest("the guest did not come up within 60 s\n  | [0.0] Linux version 6.12")
UNABLE = LostGuest("QEMU ended with status 1\n  | could not load kernel", explained=True)
PANIC = BootError("kernel panic: no init, while it booted")


class Up:
    """A guest that has come up."""

    spec = SPEC
    alive = True

    def call(self, op: str, **_arguments: Any) -> Any:
        return {"pgfault": 1} if op == "vmstat" else "0\n"


class Boots:
    """Boots that end as they are told, the last one again and again."""

    def __init__(self, folder: Path, *ends: Exception | None) -> None:
        self.ends = list(ends)
        self.tries: list[tuple[str, float]] = []
        self.notes: list[str] = []
        self.pool = GuestPool(self.boot, folder, "tcg", self.notes.append)

    @contextmanager
    def boot(self, _spec: GuestSpec, folder: Path, patience: float) -> Iterator[Any]:
        (folder / "console.log").write_text(f"of {folder.name}\n")
        self.tries.append((folder.name, patience))
        end = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        if end is not None:
            raise end
        yield Up()


def test_a_lost_guest_is_tried_once_more(tmp_path: Path) -> None:
    """On a busy host one boot in some hundreds was slow, and a clean series had no verdict."""
    boots = Boots(tmp_path, SILENT, None)
    live = boots.pool.get(SPEC)
    assert live.boot == 2
    (note,) = boots.notes
    assert "did not come up within 60 s, and nothing says why: it is tried once more" in note
    assert str(tmp_path / "guest-1") in note
    logs = [(tmp_path / name / "console.log").read_text() for name, _ in boots.tries]
    assert logs == ["of guest-1\n", "of guest-2\n"]
    assert boots.pool.get(SPEC) is live
    assert boots.pool.get(SPEC, fresh=True).boot == 3


def test_twice_is_enough_and_both_consoles_are_named(tmp_path: Path) -> None:
    boots = Boots(tmp_path, SILENT)
    with pytest.raises(LostGuest) as caught:
        boots.pool.get(SPEC)
    first, _, rest = str(caught.value).partition("\n")
    assert f"did not come up within 60 s, nor did it at the first try ({tmp_path}/guest-1)" in first
    assert "Linux version" in rest
    assert len(boots.tries) == 2
    with pytest.raises(LostGuest, match="not booted again after 2 failures"):
        boots.pool.get(SPEC)
    assert len(boots.tries) == 2


@pytest.mark.parametrize("end", [PANIC, UNABLE])
def test_what_says_why_is_not_tried_again(end: Exception, tmp_path: Path) -> None:
    boots = Boots(tmp_path, end)
    with pytest.raises(type(end)) as caught:
        boots.pool.get(SPEC)
    assert caught.value is end
    assert len(boots.tries) == 1
    assert boots.notes == []


def test_a_second_try_that_says_why_is_believed(tmp_path: Path) -> None:
    with pytest.raises(BootError, match="kernel panic"):
        Boots(tmp_path, SILENT, PANIC).pool.get(SPEC)


@pytest.mark.parametrize(
    ("busy", "patience"), [(0.3, 1.0), (1.0, 1.0), (2.0, 2.0), (40.0, MOST_PATIENCE)]
)
def test_a_busy_host_has_more_time(
    busy: float, patience: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (2 * busy, 0.0, 0.0))
    boots = Boots(tmp_path, SILENT, None)
    boots.pool.get(SPEC)
    assert boots.tries == [("guest-1", 1.0), ("guest-2", patience)]
