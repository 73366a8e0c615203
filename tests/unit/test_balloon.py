# SPDX-License-Identifier: GPL-2.0-or-later
"""The balloon is driven by QMP and waited for."""

from __future__ import annotations

from typing import Any

import pytest

from patchtool.core.progress import Silent
from patchtool.errors import Exit
from patchtool.testing import balloon as module
from patchtool.testing.balloon import MIB, Balloon, BalloonTimeout


class Qemu:
    """A QEMU of 1 GiB whose balloon comes nearer by *step* MiB each time it is asked."""

    def __init__(self, step: int, stuck_at: int = 10_000) -> None:
        self.actual = self.target = 1024
        self.step = step
        self.stuck_at = stuck_at
        self.commands: list[tuple[str, dict[str, Any]]] = []

    def qmp(self, command: str, **arguments: Any) -> Any:
        self.commands.append((command, arguments))
        if command == "balloon":
            self.target = arguments["value"] // MIB
            return {}
        before = self.actual
        move = max(-self.step, min(self.step, self.target - self.actual))
        if 1024 - (self.actual + move) <= self.stuck_at:
            self.actual += move
        return {"actual": before * MIB}


class Heard(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:  # noqa: ARG002
        self.said.append(detail)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL", 0.0)


def test_inflates_until_the_size_is_reached() -> None:
    """QEMU is told what the guest keeps, and asked until the balloon has its size."""
    qemu, heard = Qemu(step=20), Heard()
    balloon = Balloon(qemu, 1024, heard)
    assert balloon.resize(64) >= 0
    assert qemu.commands[0] == ("balloon", {"value": 960 * MIB})
    assert balloon.pages == 64 * 256
    assert heard.said == [f"balloon at {mib} of 64 MiB" for mib in (0, 20, 40, 60)]
    balloon.deflate()
    assert balloon.pages == 0


def test_timeout_says_how_far_it_came() -> None:
    """A balloon that stands still is an error with the actual size, the target and the time."""
    balloon = Balloon(Qemu(step=10, stuck_at=30), 1024, Silent(), timeout=0.01)
    with pytest.raises(
        BalloonTimeout, match=r"at 30 MiB and was told 64 MiB 0\.\d s ago"
    ) as caught:
        balloon.resize(64)
    assert (caught.value.actual, caught.value.target) == (30, 64)
    assert caught.value.seconds > 0
    assert caught.value.exit_code == Exit.FAILED


def test_slow_but_moving_is_no_timeout() -> None:
    """The time that counts is that without any movement."""
    balloon = Balloon(Qemu(step=1), 1024, Silent(), timeout=0.05)
    balloon.resize(512)
    assert balloon.mib == 512


@pytest.mark.parametrize("mib", [-1, 1024, 4096])
def test_impossible_size(mib: int) -> None:
    """A balloon larger than the guest is a mistake of the test."""
    with pytest.raises(ValueError, match="in a guest of 1024 MiB"):
        Balloon(Qemu(step=1), 1024, Silent()).request(mib)
