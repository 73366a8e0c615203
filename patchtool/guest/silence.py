# SPDX-License-Identifier: GPL-2.0-or-later
"""A request that is not answered: is the guest at work, or does one of its processors stand?

A processor is asked by a thread of the agent that goes there and answers from it, so one that
schedules nothing is found although the others do. What it does instead is seen from outside
(:mod:`patchtool.guest.processors`). It counts as stuck only when both agree, and when the host
gave it time meanwhile: what a busy host starves looks the same.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchtool.guest.channel import Reply
    from patchtool.guest.processors import Processors, Stand


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a guest is let be, in seconds of the wall clock, on any machine.

    Attributes:
        first: After a request, until its processors are first looked at.
        every: From one look to the next.
        stuck: A processor that answers nothing stands at one place with one stack.
        roaming: A processor that answers nothing goes about in the kernel and does not leave it.
        idle: All of them are idle, and none answers.
        spent: Processor time the host must have given to one that is to be called stuck.
        panic: For the kernel's own trace after a non-maskable interrupt: it first waits some 10 s
            for processors that let nothing interrupt them. 0: none is asked for.
    """

    first: float = 5.0
    every: float = 2.0
    stuck: float = 8.0
    roaming: float = 22.0
    idle: float = 24.0
    spent: float = 1.5
    panic: float = 12.0


PATIENCE = Patience()
#: For a guest of an image whose guests got stuck before.
SHORT = Patience(first=2.5, every=1.5, stuck=4.5, roaming=9.0, idle=9.0, spent=1.0, panic=0.0)


class Asker(Protocol):
    """Sends a request to the agent."""

    def request(self, op: str, arguments: dict[str, object]) -> Reply:
        """The reply is filled in later."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """What was seen of a guest that does not answer.

    Attributes:
        stands: The last look at each processor.
        culprits: Numbers of those that do not leave the kernel; empty when all of them idle.
        seconds: How long that has been so.
        calls: Of each processor in the kernel, what is on its stack.
    """

    stands: tuple[Stand, ...]
    culprits: tuple[int, ...]
    seconds: float
    calls: tuple[tuple[str, ...], ...]

    @property
    def reason(self) -> str:
        """In one line."""
        if not self.culprits:
            return f"its processors idle for {self.seconds:.0f} s and none answers"
        where = [self._where(stand) for stand in self.stands]
        many = "processors do" if len(self.culprits) > 1 else "a processor does"
        return f"{many} not leave the kernel for {self.seconds:.0f} s: {', '.join(where)}"

    def _where(self, stand: Stand) -> str:
        if stand.mode != "kernel":
            return f"CPU {stand.cpu} is {'idle' if stand.mode == 'idle' else 'in a program'}"
        names = [place.partition("+")[0] for place in self.calls[self.stands.index(stand)]]
        callers = [name for name in names if name not in stand.name][:3]
        after = f" ({' < '.join(callers)})" if callers else ""
        return f"CPU {stand.cpu} stands in {stand.name}{after}"

    @property
    def subject(self) -> str:
        """The functions they stand in: the same for two guests that got stuck alike."""
        names = {stand.name for stand in self.stands if stand.cpu in self.culprits}
        return f"the kernel is stuck in {', '.join(sorted(names))}"

    @property
    def lines(self) -> tuple[str, ...]:
        """Each processor with what is on its stack, as a trace of the kernel has it."""
        said = []
        for stand, calls in zip(self.stands, self.calls, strict=True):
            said.append(f"CPU {stand.cpu}: {stand.mode}, {stand.function or stand.name}")
            if calls:
                said += ["Call Trace:", *(f" {place}" for place in calls)]
        return tuple(said)


class Silence:
    """One request that is waited for.

    Args:
        agent: Is asked from each processor.
        processors: Are looked at.
        patience: How long it is let be.
        console_lines: How many lines the console has: a kernel that prints is at work.
    """

    def __init__(
        self,
        agent: Asker,
        processors: Processors,
        patience: Patience,
        console_lines: Callable[[], int],
    ) -> None:
        self._agent = agent
        self._processors = processors
        self._patience = patience
        self._console_lines = console_lines
        self._replies: dict[int, Reply] = {}
        self._looks: dict[int, list[tuple[float, Stand]]] = {}
        self._printed = 0

    def look(self) -> Stuck | None:
        """Look at the processors; what is wrong once there is no doubt any more.

        Raises:
            PatchtoolError: QEMU does not answer.
        """
        now = time.monotonic()
        stands = self._processors.look()
        printed = self._console_lines()
        if printed != self._printed:
            self._printed = printed
            self._looks.clear()
        for stand in stands:
            reply = self._replies.get(stand.cpu)
            if reply is None or reply.message is not None:
                self._looks[stand.cpu] = []
                self._replies[stand.cpu] = self._agent.request("ping", {"cpu": stand.cpu})
            self._looks.setdefault(stand.cpu, []).append((now, stand))
        culprits = [stand.cpu for stand in stands if self._is_stuck(self._looks[stand.cpu])]
        if not culprits and not self._all_idle(stands):
            return None
        first = self._looks[culprits[0] if culprits else stands[0].cpu][0][0]
        calls = tuple(
            self._processors.callers(stand) if stand.mode == "kernel" else () for stand in stands
        )
        return Stuck(stands, tuple(culprits), now - first, calls)

    def _is_stuck(self, looks: Sequence[tuple[float, Stand]]) -> bool:
        (begin, first), (end, last) = looks[0], looks[-1]
        if any(stand.mode != "kernel" for _, stand in looks):
            return False
        if last.spent - first.spent < self._patience.spent:
            return False
        still = all((stand.name, stand.stack) == (first.name, first.stack) for _, stand in looks)
        return end - begin >= (self._patience.stuck if still else self._patience.roaming)

    def _all_idle(self, stands: Sequence[Stand]) -> bool:
        return bool(stands) and all(
            looks[-1][0] - looks[0][0] >= self._patience.idle
            and all(stand.mode == "idle" for _, stand in looks)
            for looks in (self._looks[stand.cpu] for stand in stands)
        )
