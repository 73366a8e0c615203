# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a guest lives: waits that end with it, and the error that says how it died."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from patchtool.errors import CommandTimeout, PatchtoolError
from patchtool.guest import console
from patchtool.guest.death import Facts, cause_of_death, obituary, started

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from patchtool.core.process import Running
    from patchtool.guest.channel import Channel
    from patchtool.guest.processors import Stand
    from patchtool.guest.qmp import Qmp
    from patchtool.guest.silence import Stuck

#: After an oops the task that asked is dead; how long an answer is still waited for, in seconds.
GRACE_AFTER_OOPS = 10.0
#: How long QEMU may take to end once its guest is down, in seconds.
QEMU_END = 10.0
#: How long a living guest may take to answer a ping, on a machine with KVM, in seconds.
PING = 2.0
#: And at most, on any machine.
PING_AT_MOST = 8.0
#: After the kernel said that something does not go on, an answer is waited for so long, in seconds.
GRACE_AFTER_STUCK = 15.0
#: Each wait for the guest looks around at least so often, in seconds.
GLANCE = 1.0


class Life:
    """A guest's program, its two connections and its console, watched while others wait.

    Args:
        log: The file its console goes to.
        factor: How much slower than KVM its accelerator is.
        causes: What is known of kernels of its era that do not start.

    Attributes:
        changed: Notified whenever something happened that a waiting call should look at.
        lines: The console so far.
    """

    def __init__(self, log: Path, factor: float, causes: Sequence[str]) -> None:
        self.changed = threading.Condition()
        self.lines: list[str] = []
        self._log = log
        self._factor = factor
        self._causes = tuple(causes)
        self._oops_at: float | None = None
        self._stuck_at: float | None = None
        self._died: PatchtoolError | None = None
        self._running: Running
        self._channel: Channel
        self._qmp: Qmp

    def attach(self, running: Running, channel: Channel, qmp: Qmp) -> None:
        """Give it its program and its two connections, all running."""
        self._running, self._channel, self._qmp = running, channel, qmp

    def hear(self, line: str) -> None:
        """Take one line of the console (called by the thread that reads it)."""
        self.lines.append(line)
        kind = console.kind_of(line)
        if kind in console.STUCK:
            self._stuck_at = time.monotonic()
        if kind in console.FATAL:
            with self.changed:
                self._oops_at = self._oops_at or time.monotonic()
                self.changed.notify_all()

    def complaint(self, since: float) -> bool:
        """Whether the kernel said, long enough ago, that it or something in it does not go on.

        Args:
            since: When what is waited for began: what was stuck before it may go on by now.
        """
        now, seen = time.monotonic(), self._stuck_at
        stuck = seen is not None and seen >= since and now >= seen + GRACE_AFTER_STUCK
        return stuck or (self._oops_at is not None and now >= self._oops_at + GRACE_AFTER_OOPS)

    @property
    def alive(self) -> bool:
        """Whether QEMU still runs and nothing fatal was seen on the console."""
        gone = self._channel.closed or self._running.poll() is not None
        return not gone and self._died is None and self._oops_at is None

    def check(self) -> None:
        """Do nothing for a guest that runs; raise GuestDied or LostGuest for one that is gone."""
        if self._died is not None:
            raise self._died
        if self._channel.closed or self._running.poll() is not None:
            raise self.ended("")

    def wait(self, ready: Callable[[], bool], seconds: float, during: str = "") -> bool:
        """Wait until *ready*, the guest's end (raises), an oops, or the time is up (False)."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not ready():
                left = deadline - time.monotonic()
                if self._oops_at is not None:
                    left = min(left, self._oops_at + GRACE_AFTER_OOPS - time.monotonic())
                if left <= 0:
                    return False
                if self._channel.closed or self._running.poll() is not None:
                    break
                self.changed.wait(min(left, GLANCE))
            else:
                return True
        raise self.ended(during)

    def ended(self, during: str) -> PatchtoolError:
        """QEMU is ending: let it, read the rest of the console, and say why."""
        with contextlib.suppress(CommandTimeout):
            self._running.wait(QEMU_END)
        return self._remember(self._facts(during))

    def _facts(self, during: str, **more: Any) -> Facts:
        reasons = [event["data"].get("reason", "") for event in self._qmp.events("SHUTDOWN")]
        return Facts(
            during=during or "a test",
            console=tuple(self.lines),
            log=self._log,
            status=self._running.poll(),
            shutdown=str(reasons[-1]) if reasons else "",
            agent=int((self._channel.hello or {}).get("pid", 0)),
            causes=self._causes,
            **more,
        )

    def _remember(self, facts: Facts) -> PatchtoolError:
        if self._died is None:
            self._died = obituary(facts)
        return self._died

    def overdue(self, op: str, seconds: float, stands: Sequence[Stand] = ()) -> PatchtoolError:
        """Nothing came in time: find out what the guest does instead.

        *stands* is the last look at its processors.
        """
        facts = self._facts(op, seconds_waited=seconds)
        if cause_of_death(facts.console, facts.agent) is not None:
            return self._remember(facts)
        if self._channel.hello is not None:
            reply = self._channel.request("stacks", {})
            with contextlib.suppress(PatchtoolError):
                if self.wait(lambda: reply.message is not None, self._ping, op):
                    stacks = reply.value()
                    lines = [line for text in stacks.values() for line in str(text).splitlines()]
                    return obituary(
                        self._facts(op, seconds_waited=seconds, answers=True, more=lines[:20])
                    )
        seen = [f"CPU {one.cpu}: {one.mode}, {one.function or one.name}" for one in stands]
        return self._remember(replace(facts, more=(*seen, *self._interrupt(op, self._ping))))

    def stuck(self, op: str, seen: Stuck, panic: float) -> PatchtoolError:
        """It does not go on: tell where it stands, and give it time to say so itself."""
        facts = self._facts(op, stuck=seen, more=seen.lines)
        trace = self._interrupt(op, panic) if panic and seen.culprits else ()
        return self._remember(replace(facts, more=(*facts.more, *trace)))

    @property
    def _ping(self) -> float:
        return min(PING * self._factor, PING_AT_MOST)

    def _interrupt(self, op: str, seconds: float) -> tuple[str, ...]:
        """Make a kernel that answers nothing print where it is.

        A non-maskable interrupt does, and panics it: unknown_nmi_panic is on its command line.
        So what the console says from here on is no cause of its death. What runs before the
        kernel's first line has no words for it.
        """
        if op == "boot" and not started(self.lines):
            return ()
        before = len(self.lines)
        with contextlib.suppress(PatchtoolError):
            status = self._qmp.execute("query-status", {}, PING)["status"]
            if status != "running":
                return (f"(QEMU says: {status})",)
            self._qmp.execute("inject-nmi", {}, PING)
            with contextlib.suppress(CommandTimeout):
                self._running.wait(seconds)
        trace = [line for line in self.lines[before:] if line.strip()][:40]
        return ("(after a non-maskable interrupt:)", *trace) if trace else ()
