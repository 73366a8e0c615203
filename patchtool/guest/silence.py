# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that says nothing: is it at work, or does one of its processors stand?

A processor is asked by a thread of the agent that goes there and answers from it, so one that
schedules nothing is found although the others do. What it does instead is seen from outside
(:mod:`patchtool.guest.processors`). It counts as stuck only when both agree, and when the host
gave it time meanwhile: what a busy host starves looks the same.

While a guest boots there is no agent to ask, and a processor that does not leave the kernel is at
work. So there it counts as stuck only when it stands at one place, and was given more time.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from patchtool.guest.processors import usual

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.guest.channel import Reply
    from patchtool.guest.processors import Processors, Stand

    #: Of one processor: when, where it stood, and whether the console had been silent.
    _Looks = list[tuple[float, Stand, bool]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a guest is let be, in seconds of the wall clock, on any machine.

    Attributes:
        first: After a request, until its processors are first looked at.
        every: From one look to the next.
        stuck: A processor that answers nothing stands at one place with one stack.
        roaming: A processor that answers nothing goes about in the kernel and does not leave it.
        idle: All of them are idle, and none answers.
        halted: All of them are halted in a way that nothing ends.
        spent: Processor time the host must have given to one that is to be called stuck.
        panic: For the kernel's own trace after a non-maskable interrupt: it first waits some 10 s
            for processors that let nothing interrupt them. 0: none is asked for.
    """

    first: float = 5.0
    every: float = 2.0
    stuck: float = 8.0
    roaming: float = 22.0
    idle: float = 24.0
    halted: float = 4.0
    spent: float = 1.5
    panic: float = 12.0


PATIENCE = Patience()
#: For a guest of an image whose guests got stuck before.
SHORT = Patience(
    first=2.5, every=1.5, stuck=4.5, roaming=9.0, idle=9.0, halted=2.0, spent=1.0, panic=0.0
)
#: The share of looks at which one may be elsewhere in the kernel, while it boots or once the kernel
#: complained: what stands is interrupted, and what is idle polls.
OTHERS = 0.25
#: The accelerator's factor up to which `spent` is enough, and how many times more it may be: work
#: on much memory stands at one place, too, and takes its time where all is slow.
QUICK, MOST = 6.0, 6.0


def scaled(patience: Patience, factor: float) -> Patience:
    """As given, for an accelerator that is so many times slower than KVM."""
    return replace(patience, spent=patience.spent * min(max(1.0, factor / QUICK), MOST))


def while_booting(factor: float, more: float = 1.0) -> Patience:
    """How long a guest that boots is let be when its console is silent.

    Args:
        factor: How much slower than KVM its accelerator is.
        more: How many times as long as usual.
    """
    usual = scaled(PATIENCE, factor)
    return replace(
        usual,
        first=usual.first * more,
        stuck=usual.stuck * more,
        roaming=math.inf,
        idle=usual.idle * more,
        halted=usual.halted * more,
        spent=usual.spent * more,
    )


class Asker(Protocol):
    """Sends a request to the agent."""

    def request(self, op: str, arguments: dict[str, object]) -> Reply:
        """The reply is filled in later."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """What was seen of a guest that says nothing.

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
        where = ", ".join(self._where(stand) for stand in self.stands)
        if not self.culprits:
            return f"its processors idle for {self.seconds:.0f} s, and it says nothing: {where}"
        if self._halted:
            return f"nothing can wake its processors: {where}"
        many = "processors do" if len(self.culprits) > 1 else "a processor does"
        return f"{many} not leave the kernel for {self.seconds:.0f} s: {where}"

    @property
    def _halted(self) -> bool:
        return all(stand.mode == "halted" for stand in self.stands)

    def _where(self, stand: Stand) -> str:
        if stand.mode == "user":
            return f"CPU {stand.cpu} is in a program"
        names = [place.partition("+")[0] for place in self.calls[self.stands.index(stand)]]
        callers = [name for name in names if name not in stand.name][:3]
        after = f" ({' < '.join(callers)})" if callers else ""
        if stand.mode == "kernel":
            return f"CPU {stand.cpu} stands in {stand.name}{after}"
        if stand.mode == "halted":
            return f"CPU {stand.cpu} is halted with interrupts off in {stand.name}{after}"
        return f"CPU {stand.cpu} is idle" + (f" in {stand.name}" if not self.culprits else "")

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
    """One wait for a guest.

    Args:
        agent: Is asked from each processor; None while there is none.
        processors: Are looked at.
        patience: How long it is let be.
        console_lines: How many lines the console has: a kernel that prints is at work.

    Attributes:
        patience: As given.
        stands: The last look at each processor; empty before the first.
    """

    def __init__(
        self,
        agent: Asker | None,
        processors: Processors,
        patience: Patience,
        console_lines: Callable[[], int],
    ) -> None:
        self._agent = agent
        self._processors = processors
        self.patience = patience
        self._console_lines = console_lines
        self._replies: dict[int, Reply] = {}
        self._looks: dict[int, _Looks] = {}
        self._printed: int | None = None
        self._strict = agent is not None
        self.stands: tuple[Stand, ...] = ()

    def look(self, *, complained: bool = False) -> Stuck | None:
        """Look at the processors; what is wrong once there is no doubt any more.

        Args:
            complained: The kernel said itself that something does not go on. So one that stands
                need not have had so much time, and may be interrupted.

        Raises:
            PatchtoolError: QEMU does not answer.
        """
        now = time.monotonic()
        self._strict = self._agent is not None and not complained
        stands = self.stands = self._processors.look()
        printed = self._console_lines()
        quiet = self._printed in (None, printed)
        self._printed = printed
        if self._agent is not None and not quiet:
            self._looks.clear()
            quiet = True
        for stand in stands:
            if self._agent is not None:
                self._ask(self._agent, stand.cpu)
            self._looks.setdefault(stand.cpu, []).append((now, stand, quiet))
        looks = [self._looks[stand.cpu] for stand in stands]
        least = 0.0 if complained else self.patience.spent
        sure = max((self._stuck_for(each, least) for each in looks), default=0.0)
        if sure:  # one waits for the other, and the host divided its time among them
            held = [s.cpu for s in stands if self._holds_on(self._looks[s.cpu])]
            since = now - self.patience.stuck
            stands = tuple(usual(self._looks[s.cpu], since) if s.cpu in held else s for s in stands)
            return self._found(stands, tuple(held), sure)
        halted = [
            self._since(each, lambda stand, quiet: quiet and stand.mode == "halted")
            for each in looks
        ]
        if halted and all(_seconds(each) >= self.patience.halted for each in halted):
            every = tuple(stand.cpu for stand in stands)
            return self._found(stands, every, _seconds(halted[0]))
        if looks and all(self._idles(each) for each in looks):
            return self._found(stands, (), self.patience.idle)
        return None

    def _ask(self, agent: Asker, cpu: int) -> None:
        """Have one request under way there; what was seen before an answer proves nothing."""
        reply = self._replies.get(cpu)
        if reply is None or reply.message is not None:
            self._looks[cpu] = []
            self._replies[cpu] = agent.request("ping", {"cpu": cpu})

    def _found(self, stands: tuple[Stand, ...], culprits: tuple[int, ...], seconds: float) -> Stuck:
        calls = (
            self._processors.callers(stand) if stand.mode in ("kernel", "halted") else ()
            for stand in stands
        )
        return Stuck(stands, culprits, seconds, tuple(calls))

    def _holds_on(self, looks: _Looks) -> bool:
        """Whether it has not left the kernel either, beside one that is stuck."""
        inside = self._since(looks, lambda stand, _: stand.mode == "kernel")
        return self._stuck_for(looks, 0.0) > 0 or _seconds(inside) >= self.patience.stuck

    def _stuck_for(self, looks: _Looks, least_spent: float) -> float:
        """For how many seconds a processor has been stuck; 0 of one that may not be."""
        last = looks[-1][1]
        inside = self._since(looks, lambda stand, _: stand.mode == "kernel")
        roaming = self._since(inside, lambda _, quiet: quiet)
        # A kernel that prints is at work, but it also complains of what stands.
        place = (last.name, last.stack)
        still = self._since(
            inside, lambda one, quiet: quiet and place == (one.name, one.stack), OTHERS
        )
        for seen, least in ((still, self.patience.stuck), (roaming, self.patience.roaming)):
            spent = last.spent - seen[0][1].spent if seen else 0.0
            if _seconds(seen) >= least and spent >= least_spent:
                return _seconds(seen)
        return 0.0

    def _idles(self, looks: _Looks) -> bool:
        """Whether it was idle all the time; what waits may poll."""
        silent = self._since(looks, lambda _, quiet: quiet)
        rests = self._since(silent, lambda stand, _: stand.mode in ("idle", "halted"), OTHERS)
        return _seconds(rests) >= self.patience.idle

    def _since(
        self, looks: _Looks, alike: Callable[[Stand, bool], bool], others: float = 0.0
    ) -> _Looks:
        """The last looks, as far back as all of them are *alike*.

        Of a guest with an agent these are all since it was asked, or none. Of one without, or whose
        kernel complained, a share may be *others*.
        """
        if self._strict:
            return looks if all(alike(stand, quiet) for _, stand, quiet in looks) else []
        kept = missed = 0
        for count, (_, stand, quiet) in enumerate(reversed(looks), 1):
            if not alike(stand, quiet):
                missed += 1
            elif missed <= others * count:
                kept = count
            if count == missed:
                break  # not even the last one
        return looks[len(looks) - kept :]


def _seconds(looks: _Looks) -> float:
    return looks[-1][0] - looks[0][0] if looks else 0.0
