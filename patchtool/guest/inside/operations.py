# SPDX-License-Identifier: GPL-2.0-or-later
"""What the agent does inside the guest, apart from workloads. Standard library only.

It imports only what is built into Python: without hardware virtualisation each further module
costs the guest tens of milliseconds when it is first used.
"""
# ruff: noqa: PTH110, PTH123, PTH208
# (pathlib is such a module)

from __future__ import annotations

import _thread
import errno
import os
import time

TYPE_CHECKING = False  # as typing has it, whose import takes long in the guest
if TYPE_CHECKING:
    from typing import Any

READ_SIZE = 1 << 16


def read_text(path: str) -> str:
    """A text file; bytes that are no UTF-8 are replaced."""
    with open(path, "rb") as stream:
        return stream.read().decode("utf-8", "replace")


def _numbers(text: str) -> dict[str, int]:
    """``name value`` lines, as /proc/vmstat has them."""
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}


class Sampler:
    """Reads /proc/vmstat at an interval, in a thread, until it is stopped."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._seconds: list[float] = []
        self._texts: list[str] = []
        self._stopping = False
        self._ended = _thread.allocate_lock()
        self._ended.acquire()
        self._take()
        _thread.start_new_thread(self._run, ())

    def _take(self) -> None:
        self._seconds.append(time.monotonic())
        self._texts.append(read_text("/proc/vmstat"))

    def _goes_on(self) -> bool:
        return not self._stopping

    def _run(self) -> None:
        try:
            due = time.monotonic()
            while self._goes_on():
                due = max(due + self._interval, time.monotonic())
                while self._goes_on() and time.monotonic() < due:
                    time.sleep(min(0.05, max(0.0, due - time.monotonic())))
                self._take()
        finally:
            self._ended.release()

    def stop(self) -> dict[str, Any]:
        """End it; the counters that changed, over time."""
        self._stopping = True
        self._ended.acquire()
        rows = [_numbers(text) for text in self._texts]
        names = [name for name in rows[0] if any(row.get(name) != rows[0][name] for row in rows)]
        return {
            "names": names,
            "seconds": self._seconds[: len(rows)],
            "values": [[row.get(name, 0) for name in names] for row in rows],
        }


class Operations:
    """What the host may ask for, apart from workloads."""

    def __init__(self) -> None:
        self._sampler: Sampler | None = None

    def exec(self, argv: list[str], timeout: float = 0, stdin: str = "") -> dict[str, Any]:
        """Run a program; its exit status (negative: signal) and what it printed.

        A *timeout* above 0 ends it after so many seconds.
        """
        inner, outer = os.pipe()
        errors, outer_errors = os.pipe()
        given, giver = os.pipe()
        actions = [
            (os.POSIX_SPAWN_DUP2, given, 0),
            (os.POSIX_SPAWN_DUP2, outer, 1),
            (os.POSIX_SPAWN_DUP2, outer_errors, 2),
        ]
        try:
            pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
        finally:
            for fd in (outer, outer_errors, given):
                os.close(fd)
        try:
            os.set_blocking(giver, False)
            return _finish(pid, giver, inner, errors, stdin.encode(), timeout)
        finally:
            for fd in (inner, errors):
                os.close(fd)

    def read_file(self, path: str) -> str:
        """A text file."""
        return read_text(path)

    def write_file(self, path: str, text: str) -> int:
        """Write with a single write(2), as files of procfs and sysfs want it; bytes written."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            return os.write(fd, text.encode())
        finally:
            os.close(fd)

    def list_dir(self, path: str) -> list[str]:
        """Names in a folder, sorted."""
        return sorted(os.listdir(path))

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return os.path.exists(path)

    def vmstat(self, flush: bool = True) -> dict[str, int]:
        """/proc/vmstat; *flush* adds up the counters of each processor before (4.8 and later)."""
        if flush and os.path.exists("/proc/sys/vm/stat_refresh"):
            try:
                read_text("/proc/sys/vm/stat_refresh")
            except OSError as error:
                if error.errno != errno.EINVAL:  # a counter is below zero: mm/vmstat.c
                    raise
        return _numbers(read_text("/proc/vmstat"))

    def meminfo(self) -> dict[str, int]:
        """/proc/meminfo, in kB (page counts as they are)."""
        lines = (line.split() for line in read_text("/proc/meminfo").splitlines())
        return {words[0].rstrip(":"): int(words[1]) for words in lines if len(words) > 1}

    def dmesg(self, after: int = -1) -> list[list[Any]]:
        """Kernel log records above sequence number *after*: [sequence, seconds, level, text]."""
        found: list[list[Any]] = []
        fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        try:
            while True:
                try:
                    record = os.read(fd, 8192).decode("utf-8", "replace")
                except OSError as error:
                    if error.errno == errno.EPIPE:
                        continue  # records were overwritten; the next read goes on behind them
                    if error.errno == errno.EAGAIN:
                        return found
                    raise
                head, _, text = record.partition(";")
                level, sequence, micros = head.split(",")[:3]
                if int(sequence) > after:
                    line = text.partition("\n")[0]
                    found.append([int(sequence), int(micros) / 1e6, int(level) & 7, line])
        finally:
            os.close(fd)

    def config(self) -> dict[str, str] | None:
        """The kernel's configuration from /proc/config.gz, or None where it has none."""
        if not os.path.exists("/proc/config.gz"):
            return None
        import gzip

        with gzip.open("/proc/config.gz", "rt", encoding="utf-8") as stream:
            lines = [line.strip() for line in stream]
        return dict(line.split("=", 1) for line in lines if line.startswith("CONFIG_"))

    def sample_start(self, interval: float = 0.2) -> None:
        """Begin to sample /proc/vmstat."""
        if self._sampler is not None:
            self._sampler.stop()
        self._sampler = Sampler(interval)

    def sample_stop(self) -> dict[str, Any]:
        """End sampling; see :meth:`Sampler.stop`."""
        if self._sampler is None:
            raise ValueError("no sampling is under way")
        sampler, self._sampler = self._sampler, None
        return sampler.stop()

    def stacks(self) -> dict[str, str]:
        """Where the agent's threads are in the kernel, as far as it says."""
        found = {}
        for task in os.listdir("/proc/self/task"):
            for name in ("stack", "wchan"):
                try:
                    found[task] = read_text("/proc/self/task/" + task + "/" + name)
                    break
                except OSError:
                    continue
        return found


def _finish(
    pid: int, giver: int, output: int, errors: int, rest: bytes, timeout: float
) -> dict[str, Any]:
    """Feed a program, collect what it prints, and wait for its end."""
    import select

    end = time.monotonic() + timeout if timeout else None
    got: dict[int, list[bytes]] = {output: [], errors: []}
    open_ends = {output, errors}
    expired = False
    while open_ends or rest:
        left = None if end is None else max(0.0, end - time.monotonic())
        writers = [giver] if rest else []
        readable, writable, _ = select.select(list(open_ends), writers, [], left)
        if writable:
            try:
                rest = rest[os.write(giver, rest) :]
            except BrokenPipeError:
                rest = b""
        if giver >= 0 and not rest:
            os.close(giver)
            giver = -1
        for fd in readable:
            data = os.read(fd, READ_SIZE)
            got[fd].append(data)
            if not data:
                open_ends.discard(fd)
        if end is not None and time.monotonic() >= end and open_ends:
            os.kill(pid, 9)
            expired = True
            break
    if giver >= 0:
        os.close(giver)
    _, raw = os.waitpid(pid, 0)
    status = -os.WTERMSIG(raw) if os.WIFSIGNALED(raw) else os.WEXITSTATUS(raw)
    return {
        "status": status,
        "timed_out": expired,
        "stdout": b"".join(got[output]).decode("utf-8", "replace"),
        "stderr": b"".join(got[errors]).decode("utf-8", "replace"),
    }
