# SPDX-License-Identifier: GPL-2.0-or-later
"""A wait for a guest ends with its answer, its end, an oops, or its time; and says which."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, cast

import pytest

from patchtool.errors import BootError, CommandTimeout, LostGuest
from patchtool.guest import life
from patchtool.guest.life import Life

LOG = Path("/run/console.log")
OOPS = "[    3.1] Oops: general protection fault, probably for non-canonical address: 0000 [#1] SMP"
PANIC = "[    3.2] Kernel panic - not syncing: Fatal exception"


class Program:
    def __init__(self) -> None:
        self.status: int | None = None

    def poll(self) -> int | None:
        return self.status

    def wait(self, timeout: float | None = None) -> int:
        if self.status is None:
            raise CommandTimeout(["qemu"], timeout or 0, "")
        return self.status


class Reply:
    message: object = None

    def value(self) -> Any:
        raise AssertionError


class Agent:
    closed = False
    hello: dict[str, object] | None = None

    def request(self, op: str, arguments: dict[str, object]) -> Reply:
        assert (op, arguments) == ("stacks", {})
        return Reply()


class Monitor:
    def __init__(self) -> None:
        self.commands: list[str] = []

    def events(self, _name: str) -> tuple[dict[str, Any], ...]:
        return ()

    def execute(self, command: str, _arguments: object, _seconds: float) -> dict[str, str]:
        self.commands.append(command)
        return {"status": "running"}


class Machine:
    def __init__(self) -> None:
        self.life = Life(LOG, 1.0, ())
        self.program, self.agent, self.monitor = Program(), Agent(), Monitor()
        self.life.attach(
            cast("Any", self.program), cast("Any", self.agent), cast("Any", self.monitor)
        )


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_wait_ends_when_it_is_told_of_the_answer(machine: Machine) -> None:
    answers: list[str] = []

    def answer() -> None:
        with machine.life.changed:
            answers.append("pong")
            machine.life.changed.notify_all()

    threading.Timer(0.05, answer).start()
    assert machine.life.wait(lambda: bool(answers), 30)
    assert machine.life.alive


def test_a_wait_that_takes_too_long_says_so(machine: Machine) -> None:
    assert not machine.life.wait(lambda: False, 0.05)
    assert machine.life.alive


def test_the_end_of_qemu_ends_a_wait_and_the_console_says_why(machine: Machine) -> None:
    machine.life.hear(PANIC)
    machine.program.status = 0
    with pytest.raises(BootError, match="kernel panic: Fatal exception"):
        machine.life.wait(lambda: False, 30)
    assert not machine.life.alive
    with pytest.raises(BootError, match="kernel panic: Fatal exception"):
        machine.life.check()


def test_an_end_without_a_word_is_a_lost_guest(machine: Machine) -> None:
    machine.program.status = 1
    with pytest.raises(LostGuest, match="does not say why"):
        machine.life.check()


def test_after_an_oops_an_answer_is_waited_for_only_so_long(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life, "GRACE_AFTER_OOPS", 0.1)
    machine.life.hear(OOPS)
    assert not machine.life.alive
    assert not machine.life.wait(lambda: False, 600)
    assert isinstance(machine.life.overdue("ping", 600), BootError)


def test_a_kernel_that_answers_nothing_is_made_to_say_where_it_hangs(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life, "PING", 0.1)
    machine.agent.hello = {"pid": 7}
    error = machine.life.overdue("ping", 2)
    assert isinstance(error, LostGuest)
    assert "no answer to ping within 2 s" in str(error)
    assert machine.monitor.commands == ["query-status", "inject-nmi"]
