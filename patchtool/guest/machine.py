# SPDX-License-Identifier: GPL-2.0-or-later
"""A running guest, as tests see it: ask its agent, talk to its QEMU, learn how it died."""

from __future__ import annotations

import contextlib
import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchtool.build.elf.addresses import Functions, read_functions
from patchtool.errors import BuildError, LostGuest, PatchtoolError
from patchtool.guest import console
from patchtool.guest.life import Life
from patchtool.guest.processors import Processors
from patchtool.guest.silence import PATIENCE, Patience, Silence, scaled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from patchtool.core.process import Running
    from patchtool.guest.channel import Channel, Reply
    from patchtool.guest.qemu import GuestSpec
    from patchtool.guest.qmp import Qmp

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
        life: Whether it lives, and how it died.
        patience: How long it may be silent.
    """

    def __init__(
        self,
        spec: GuestSpec,
        folder: Path,
        call_timeout: float,
        factor: float,
        causes: Sequence[str] = (),
        vmlinux: Path | None = None,
    ) -> None:
        self.spec = spec
        self.folder = folder
        self.release = ""
        self.seconds_to_first_answer = 0.0
        self._call_timeout = call_timeout
        self._factor = factor
        self.life = Life(folder / CONSOLE_LOG, factor, causes)
        self.patience = PATIENCE
        self._vmlinux = vmlinux
        self._functions: Functions | None = None
        self._alone = False
        self._channel: Channel
        self._qmp: Qmp

    def attach(self, running: Running, channel: Channel, qmp: Qmp) -> None:
        """Give it its program and its two connections, all running."""
        self._channel, self._qmp = channel, qmp
        self.life.attach(running, channel, qmp)

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
        self.life.check()
        return self._channel.request(op, arguments)

    def wait_for(self, reply: Reply, timeout: float | None = None) -> Any:
        """Wait for the answer to a request; arguments and errors as :meth:`call`."""
        seconds = (self._call_timeout if timeout is None else timeout) * self._factor
        silence = self._silence(self._channel, scaled(self.patience, self._factor))
        self._wait(lambda: reply.message is not None, reply.op, seconds, silence)
        return reply.value()

    def _silence(self, agent: Channel | None, patience: Patience) -> Silence:
        processors = Processors(self._qmp, self._function_at)
        return Silence(agent, processors, patience, lambda: len(self.life.lines))

    def _wait(self, ready: Callable[[], bool], op: str, seconds: float, silence: Silence) -> None:
        """Wait until *ready*; raise what the guest does instead."""
        boots = op == "boot"
        begin = time.monotonic()
        deadline = begin + seconds
        pause = silence.patience.first
        # What starves while a guest boots may be printed and go on.
        since = math.inf if boots else begin
        while True:
            left = deadline - time.monotonic()
            if self.life.wait(ready, min(left, pause), op if boots else ""):
                return
            late, complained = left <= pause, self.life.complaint(since)
            with contextlib.suppress(PatchtoolError):  # a QEMU that is silent is told in the end
                stuck = None if late or self._alone else silence.look(complained=complained)
                if stuck is not None and not ready():
                    error = self.life.stuck(op, stuck, silence.patience.panic)
                    break
            if late or complained:
                raise self.life.overdue(op, seconds, silence.stands)
            pause = silence.patience.every
        raise error

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """While the block runs, a guest that does not answer is asked nothing else."""
        self._alone = True
        try:
            yield
        finally:
            self._alone = False

    def _function_at(self, address: int) -> str:
        if self._functions is None:
            try:
                self._functions = read_functions(self._vmlinux) if self._vmlinux else Functions(())
            except BuildError:
                self._functions = Functions(())  # without names there are the addresses
        return self._functions.at(address)

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
        return tuple(self.life.lines)

    def console_tail(self, lines: int = 30) -> tuple[str, ...]:
        """The last lines of the console."""
        return tuple(self.life.lines[-lines:])

    # --- QEMU

    def qmp(self, command: str, **arguments: Any) -> Any:
        """A QMP command, ``query-balloon`` say; ``_`` in argument names stands for ``-``.

        Raises:
            InfraError: QEMU refused it.
            GuestDied: The guest went down and it is known why.
            LostGuest: QEMU is gone, or did not answer in time.
        """
        self.life.check()
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        try:
            return self._qmp.execute(command, named, self._call_timeout)
        except LostGuest:
            if self.life.alive:
                raise
            raise self.life.ended(command) from None

    def qmp_events(self, name: str = "") -> tuple[dict[str, Any], ...]:
        """What QEMU has announced so far, oldest first; of that *name* only, if given."""
        return self._qmp.events(name)

    def first_answer(self, begin: float, seconds: float, patience: Patience) -> None:
        """Wait for the agent's hello and its first answer; *begin* is when QEMU was started."""
        silence = self._silence(None, patience)
        self._wait(lambda: self._channel.hello is not None, "boot", seconds, silence)
        assert self._channel.hello is not None
        self.release = str(self._channel.hello.get("release", ""))
        self.call("ping")
        self.seconds_to_first_answer = time.monotonic() - begin

    @property
    def alive(self) -> bool:
        """Whether QEMU still runs and nothing fatal was seen on the console."""
        return self.life.alive

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
