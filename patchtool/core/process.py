# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs programs. The only module that imports :mod:`subprocess`.

Every program is started below :mod:`patchtool.core.guard`, in an environment made here, with no
standard input unless it is given some, and is gone with all it started when it ends, when
its time is up, on ^C, and when patchtool itself is killed. A lock that patchtool holds
(:mod:`patchtool.core.locks`) stays taken until then.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from patchtool.core import command_log
from patchtool.core.locks import held_locks
from patchtool.core.programs import environment, require
from patchtool.core.streams import Streams, append_to
from patchtool.errors import CommandError, CommandTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

GUARD = Path(__file__).with_name("guard.py")
#: Time between the polite and the impolite end of a program, in seconds.
GRACE = 2.0
#: How much of a program's output is kept in memory, in lines.
TAIL_LINES = 400


@dataclass(frozen=True, slots=True)
class Completed:
    """A program that has ended.

    Attributes:
        argv: Its command line.
        status: Exit status; 128 plus the number of the signal that ended it.
        stdout: Standard output in full, when it was captured; else empty.
        tail: The last lines of what it printed on both outputs (with a captured standard
            output: on standard error only).
        seconds: Wall-clock time it took.
    """

    argv: tuple[str, ...]
    status: int
    stdout: bytes
    tail: str
    seconds: float


@dataclass(slots=True)
class Running:
    """A program that was started; ended at the latest by leaving its ``with`` block.

    Attributes:
        argv: Its command line.
        tail: The last lines it printed.
    """

    argv: tuple[str, ...]
    _popen: subprocess.Popen[bytes]
    _lifeline: IO[bytes]
    tail: deque[str]
    _stdout: list[bytes] = field(default_factory=list)
    _streams: Streams = field(init=False)

    def __post_init__(self) -> None:
        """Let an error with one of its streams end it."""
        self._streams = Streams(self._lifeline.close)

    @property
    def pid(self) -> int:
        """Process id of the guard above the program."""
        return self._popen.pid

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._popen.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end.

        Raises:
            CommandTimeout: It still runs after *timeout* seconds. It is not ended by this.
            DiskFull, InfraError: It was ended because its log could not be written.
        """
        try:
            status = self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise CommandTimeout(self.argv, timeout or 0, self.text()) from None
        self._streams.join()
        self._streams.raise_error()
        return status

    def end(self) -> None:
        """End the program and all it started, and wait until all of them are gone."""
        self._lifeline.close()
        self._popen.wait()
        self._streams.join()

    def text(self) -> str:
        """The last lines it printed, as one string."""
        return "".join(list(self.tail))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        if error is None or isinstance(error, Exception):
            self._streams.raise_error()


def start(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    network: bool = False,
    log: Path | None = None,
    stdin: bytes | None = None,
    capture: bool = False,
    on_line: Callable[[str], object] | None = None,
    after: Sequence[str] = (),
    grace: float = GRACE,
    record: bool = True,
) -> Running:
    """Start a program.

    Args:
        argv: The command line; the program must exist.
        cwd: Where it runs.
        env: Variables it gets on top of :func:`patchtool.core.programs.environment`.
        network: Pass proxy settings on.
        log: File to which everything it prints is appended.
        stdin: What it reads; nothing by default.
        capture: Keep standard output in full, apart from standard error.
        on_line: Called with each line of output (with *capture*: of standard error).
        after: A program that takes away what a daemon keeps, run if patchtool dies or
            ends the program early.
        grace: Seconds between SIGTERM and SIGKILL.
        record: Write the command line to the run's command log.

    Raises:
        ToolMissing: The program is not installed.
    """
    words = [str(require(str(argv[0]))), *map(str, argv[1:])]
    if record:
        command_log.record(words, cwd, env or {})
    lifeline_read, lifeline_write = os.pipe()
    cleaner = ["--after", *after, "--"] if after else []
    locks = held_locks()
    kept = ",".join(map(str, (lifeline_read, *locks)))
    guard = [sys.executable, "-I", "-S", str(GUARD), kept, str(grace), *cleaner]
    try:
        popen = subprocess.Popen(
            [*guard, *words],
            cwd=cwd,
            env=environment(env, network=network),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if capture else subprocess.STDOUT,
            pass_fds=[lifeline_read, *locks],
            start_new_session=True,
        )
    except BaseException:
        os.close(lifeline_write)
        raise
    finally:
        os.close(lifeline_read)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    running = Running(tuple(words), popen, os.fdopen(lifeline_write, "wb"), tail)
    sinks: list[Callable[[bytes], object]] = [
        lambda line: tail.append(line.decode("utf-8", "replace"))
    ]
    if log is not None:
        sinks.append(append_to(log))
    if on_line is not None:
        sinks.append(lambda line: on_line(line.decode("utf-8", "replace").rstrip("\n")))
    streams = running._streams  # noqa: SLF001
    assert popen.stdout is not None
    if capture:
        assert popen.stderr is not None
        streams.read(popen.stdout, [running._stdout.append])  # noqa: SLF001
        streams.read(popen.stderr, sinks)
    else:
        streams.read(popen.stdout, sinks)
    if stdin is not None:
        assert popen.stdin is not None
        streams.write(popen.stdin, stdin)
    return running


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    timeout: float,
    check: bool = True,
    env: Mapping[str, str] | None = None,
    network: bool = False,
    log: Path | None = None,
    stdin: bytes | None = None,
    capture: bool = False,
    on_line: Callable[[str], object] | None = None,
    after: Sequence[str] = (),
    grace: float = GRACE,
    record: bool = True,
) -> Completed:
    """Run a program to its end; see :func:`start` for the arguments.

    Args:
        timeout: Seconds it may take; then it is ended with all it started.
        check: Raise when its status is not 0.

    Raises:
        ToolMissing: The program is not installed.
        CommandError: Its status was not 0.
        CommandTimeout: It did not end in time.
        DiskFull, InfraError: Its log could not be written.
    """
    begin = time.monotonic()
    running = start(
        argv,
        cwd=cwd,
        env=env,
        network=network,
        log=log,
        stdin=stdin,
        capture=capture,
        on_line=on_line,
        after=after,
        grace=grace,
        record=record,
    )
    with running:
        status = running.wait(timeout)
    done = Completed(
        running.argv,
        status,
        b"".join(running._stdout),  # noqa: SLF001
        running.text(),
        time.monotonic() - begin,
    )
    if check and status != 0:
        raise CommandError(
            done.argv, status, done.tail or done.stdout.decode("utf-8", "replace"), log
        )
    return done


@contextmanager
def terminate_is_interrupt() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end patchtool the way ^C does, so that ``finally`` runs."""

    def interrupt(_signum: int, _frame: object) -> None:
        raise KeyboardInterrupt

    old = {signum: signal.signal(signum, interrupt) for signum in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for signum, handler in old.items():
            signal.signal(signum, handler)
