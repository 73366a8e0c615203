# SPDX-License-Identifier: GPL-2.0-or-later
"""A running guest, as tests see it: ask its agent, talk to its QEMU, learn how it died."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from patchtool.errors import CommandTimeout, LostGuest, PatchtoolError
from patchtool.guest import console
from patchtool.guest.death import Facts, cause_of_death, obituary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from patchtool.core.process import Running
    from patchtool.guest.channel import Channel, Reply
    from patchtool.guest.qemu import GuestSpec
    from patchtool.guest.qmp import Qmp

#: After an oops the task that asked is dead; how long an answer is still waited for, in seconds.
GRACE_AFTER_OOPS = 10.0
#: How long QEMU may take to end once its guest is down, in seconds.
QEMU_END = 10.0
#: How long a living guest may take to answer a ping, on a machine with KVM, in seconds.
PING = 2.0
#: Each wait for the guest looks around at least so often, in seconds.
GLANCE = 1.0
CONSOLE_LOG = "console.log"


@dataclass(frozen=True, slots=True)
class KernelLine:
    """A record of the kernel's log (/dev/kmsg).

    Attributes:
        sequence: Its number; rises by 1 from record to record since boot.
        seconds: Time since boot.
        level: 0 (emergency) to 7 (debug).
        text: What it says, without time stamp.
    """

    sequence: int
    seconds: float
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Samples:
    """Counters over time: ``values[i]`` of all ``names`` at ``seconds[i]`` (since boot).

    Only counters that changed are there.
    """

    names: tuple[str, ...]
    seconds: tuple[float, ...]
    values: tuple[tuple[int, ...], ...]


class Pending:
    """An operation that was started; see :meth:`Guest.start`."""

    def __init__(self, guest: Guest, reply: Reply) -> None:
        self._guest = guest
        self._reply = reply

    def result(self, timeout: float | None = None) -> Any:
        """Wait for its answer; arguments and errors as :meth:`Guest.call`."""
        return self._guest.wait_for(self._reply, timeout)

    @property
    def done(self) -> bool:
        """Whether the answer is there."""
        return self._reply.message is not None


class Remote:
    """An object of :mod:`patchtool.guest.inside.workload` that lives in the guest."""

    def __init__(self, guest: Guest, handle: str) -> None:
        self._guest = guest
        self.handle = handle

    def call(self, method: str, /, *, timeout: float | None = None, **arguments: Any) -> Any:
        """Call a method; arguments and errors as :meth:`Guest.call`."""
        return self._guest.call(f"{self.handle}.{method}", timeout=timeout, **arguments)

    def start(self, method: str, /, **arguments: Any) -> Pending:
        """Call a method without waiting."""
        return self._guest.start(f"{self.handle}.{method}", **arguments)

    def get(self, name: str) -> Any:
        """Read an attribute or property."""
        return self._guest.call("get", handle=self.handle, name=name)

    def drop(self) -> None:
        """Forget the object; what it holds is freed."""
        self._guest.call("drop", handle=self.handle)


class Guest:
    """A booted guest. All methods may be called from any thread.

    Attributes:
        spec: What was booted.
        folder: Where its files are: console.log, agent.log.
        release: ``uname -r``.
        seconds_to_first_answer: From the start of virtme-ng to the agent's first answer.
        changed: Notified whenever something happened that a waiting call should look at.
    """

    def __init__(
        self,
        spec: GuestSpec,
        folder: Path,
        call_timeout: float,
        factor: float,
        causes: Sequence[str] = (),
    ) -> None:
        self.spec = spec
        self.folder = folder
        self.release = ""
        self.seconds_to_first_answer = 0.0
        self._call_timeout = call_timeout
        self._factor = factor
        self._causes = tuple(causes)
        self.changed = threading.Condition()
        self._lines: list[str] = []
        self._oops_at: float | None = None
        self._died: PatchtoolError | None = None
        self._running: Running
        self._channel: Channel
        self._qmp: Qmp

    def attach(self, running: Running, channel: Channel, qmp: Qmp) -> None:
        """Give it its program and its two connections, all running."""
        self._running, self._channel, self._qmp = running, channel, qmp

    # --- asking the agent

    def call(self, op: str, /, *, timeout: float | None = None, **arguments: Any) -> Any:
        """Run an operation in the guest and wait for its result.

        Operations are the public methods of :class:`patchtool.guest.inside.agent.Operations`, and
        ``workload.NAME`` for each public function of :mod:`patchtool.guest.inside.workload`.

        Args:
            op: The operation.
            timeout: Seconds on a machine with KVM; multiplied by the accelerator's factor.
                Default: the setting ``call_timeout``.
            arguments: What it is called with; JSON values.

        Raises:
            GuestError: It raised an exception in the guest, which lives on.
            GuestDied: The guest went down and it is known why (a BootError).
            LostGuest: The guest went down silently, or did not answer in time.
        """
        return self.wait_for(self._request(op, arguments), timeout)

    def start(self, op: str, /, **arguments: Any) -> Pending:
        """As :meth:`call`, without waiting: several may run at once."""
        return Pending(self, self._request(op, arguments))

    def new(self, name: str, /, *, timeout: float | None = None, **arguments: Any) -> Remote:
        """Make an object of class *name* of :mod:`patchtool.guest.inside.workload` in the guest."""
        made = self.call("new", timeout=timeout, name=name, args=arguments)
        return Remote(self, str(made["handle"]))

    def _request(self, op: str, arguments: dict[str, Any]) -> Reply:
        self.check()
        return self._channel.request(op, arguments)

    def wait_for(self, reply: Reply, timeout: float | None = None) -> Any:
        """Wait for the answer to a request; arguments and errors as :meth:`call`."""
        seconds = (self._call_timeout if timeout is None else timeout) * self._factor
        if not self._wait(lambda: reply.message is not None, seconds):
            raise self._overdue(reply.op, seconds)
        return reply.value()

    def _wait(self, ready: Callable[[], bool], seconds: float, during: str = "") -> bool:
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
        raise self._ended(during)

    def _ended(self, during: str) -> PatchtoolError:
        """QEMU is ending: let it, read the rest of the console, and say why."""
        with contextlib.suppress(CommandTimeout):
            self._running.wait(QEMU_END)
        return self._remember(self._facts(during))

    def _facts(self, during: str, **more: Any) -> Facts:
        reasons = [event["data"].get("reason", "") for event in self.qmp_events("SHUTDOWN")]
        return Facts(
            during=during or "a test",
            console=tuple(self._lines),
            log=self.folder / CONSOLE_LOG,
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

    def _overdue(self, op: str, seconds: float) -> PatchtoolError:
        """Nothing came in time: find out what the guest does instead."""
        facts = self._facts(op, waited=seconds)
        if cause_of_death(facts.console, facts.agent) is not None:
            return self._remember(facts)
        if self._channel.hello is not None:
            reply = self._channel.request("stacks", {})
            with contextlib.suppress(PatchtoolError):
                if self._wait(lambda: reply.message is not None, PING * self._factor, op):
                    stacks = reply.value()
                    lines = [line for text in stacks.values() for line in str(text).splitlines()]
                    return obituary(self._facts(op, waited=seconds, answers=True, more=lines[:20]))
        return self._remember(replace(facts, more=self._interrupt()))

    def _interrupt(self) -> tuple[str, ...]:
        """Make a kernel that answers nothing print where it is.

        A non-maskable interrupt does, and panics it: unknown_nmi_panic is on its command line.
        So what the console says from here on is no cause of its death.
        """
        before = len(self._lines)
        with contextlib.suppress(PatchtoolError):
            status = self._qmp.execute("query-status", {}, PING)["status"]
            if status != "running":
                return (f"(QEMU says: {status})",)
            self._qmp.execute("inject-nmi", {}, PING)
            with contextlib.suppress(CommandTimeout):
                self._running.wait(PING * self._factor)
        trace = [line for line in self._lines[before:] if line.strip()][:40]
        return ("(after a non-maskable interrupt:)", *trace) if trace else ()

    # --- the kernel's log and the console

    def dmesg(self, after: int = -1) -> tuple[KernelLine, ...]:
        """Kernel log records with a sequence number above *after*, oldest first."""
        return tuple(KernelLine(*record) for record in self.call("dmesg", after=after))

    def cursor(self) -> int:
        """Sequence number of the newest kernel log record; -1 when there is none."""
        records = self.dmesg()
        return records[-1].sequence if records else -1

    def splats(self, after: int = -1) -> tuple[console.Splat, ...]:
        """Complaints in the kernel's log after record *after*."""
        return console.splats(f"[{line.seconds:.6f}] {line.text}" for line in self.dmesg(after))

    def console_lines(self) -> tuple[str, ...]:
        """All lines of the console so far; also of a guest that is gone."""
        return tuple(self._lines)

    def console_tail(self, lines: int = 30) -> tuple[str, ...]:
        """The last lines of the console."""
        return tuple(self._lines[-lines:])

    def hear(self, line: str) -> None:
        """Take one line of the console (called by the thread that reads it)."""
        self._lines.append(line)
        if console.kind_of(line) in console.FATAL:
            with self.changed:
                self._oops_at = self._oops_at or time.monotonic()
                self.changed.notify_all()

    # --- QEMU

    def qmp(self, command: str, **arguments: Any) -> Any:
        """A QMP command, ``query-balloon`` say; ``_`` in argument names stands for ``-``.

        Raises:
            InfraError: QEMU refused it.
            GuestDied: The guest went down and it is known why.
            LostGuest: QEMU is gone, or did not answer in time.
        """
        self.check()
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        try:
            return self._qmp.execute(command, named, self._call_timeout)
        except LostGuest:
            if self.alive:
                raise
            raise self._ended(command) from None

    def qmp_events(self, name: str = "") -> tuple[dict[str, Any], ...]:
        """What QEMU has announced so far, oldest first; of that *name* only, if given."""
        return self._qmp.events(name)

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
            raise self._ended("")

    def first_answer(self, begin: float, seconds: float) -> None:
        """Wait for the agent's hello and its first answer; *begin* is when QEMU was started."""
        if not self._wait(lambda: self._channel.hello is not None, seconds, "boot"):
            raise self._overdue("boot", seconds)
        assert self._channel.hello is not None
        self.release = str(self._channel.hello.get("release", ""))
        self.call("ping")
        self.seconds_to_first_answer = time.monotonic() - begin

    # --- counters over time

    def sample_start(self, interval: float = 0.2) -> None:
        """Begin sampling /proc/vmstat inside the guest, each *interval* seconds."""
        self.call("sample_start", interval=interval)

    def sample_stop(self) -> Samples:
        """End sampling; what was seen."""
        seen = self.call("sample_stop")
        return Samples(
            tuple(seen["names"]), tuple(seen["seconds"]), tuple(map(tuple, seen["values"]))
        )
