# SPDX-License-Identifier: GPL-2.0-or-later
"""Run one program and make sure that it, and all it started, end with patchtool.

Run as a script by :mod:`patchtool.core.process`, never imported by it: it starts before every
program, so it imports little. It makes itself the reaper of its orphaned descendants
(``prctl(2)``, PR_SET_CHILD_SUBREAPER), so nothing a program starts can slip away by a double
fork. The program's end ends the rest; the *lifeline*, a pipe whose other end patchtool
holds, ends all of it when patchtool lets go, even by SIGKILL. It exits only when it has no
descendant left, so its exit is the proof.

psutil finds descendants by asking for the parent of each process, which misses those that were
orphaned, and lives inside the process that may be killed. ``systemd-run`` needs a service
manager, which containers and many CI machines lack. dumb-init does not see that the process
that started it is gone; tini can, but then signals only its own child.

Usage: guard.py LIFELINE-FD[,LOCK-FD...] GRACE-SECONDS [--after WORD ... --] WORD ...

A lock's descriptor is only kept open, until the guard ends, and not handed on: so a lock that
patchtool held when it was killed is free when nothing is left that worked under it.

The words behind ``--after`` are a program that is run when the lifeline was cut, to take
away what a daemon keeps (a container, say).
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def descendants() -> list[int]:
    """Process ids of everything below this process, from /proc/PID/stat."""
    parent_of: dict[int, int] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 (pathlib would double the start-up time)
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123
                    fields = stat.read().rpartition(b")")[2].split()
            except OSError:
                continue
            parent_of[int(name)] = int(fields[1])
    below = {os.getpid()}
    grew = True
    while grew:
        new = {pid for pid, parent in parent_of.items() if parent in below} - below
        below |= new
        grew = bool(new)
    return sorted(below - {os.getpid()})


def send(signum: int) -> None:
    """Signal every descendant."""
    for pid in descendants():
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            continue


def reap(main: int, status: int | None) -> tuple[bool, int | None]:
    """Collect what has ended; whether children are left, and the main program's status."""
    while True:
        try:
            pid, raw = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False, status
        if pid == 0:
            return True, status
        if pid == main:
            status = os.waitstatus_to_exitcode(raw)


def end_all(main: int, status: int | None, grace: float) -> int | None:
    """End every descendant: SIGTERM, then SIGKILL after *grace* seconds."""
    deadline = time.monotonic() + grace
    send(signal.SIGTERM)
    left, status = reap(main, status)
    while left:
        time.sleep(0.01)
        if time.monotonic() > deadline:
            send(signal.SIGKILL)
        left, status = reap(main, status)
    return status


def start(argv: list[str], lifeline: int) -> int:
    """Start the program in a session of its own; its process id."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.close(lifeline)
    for signum in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(signum, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)  # noqa: S606
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127)


def clean_up(argv: list[str], lifeline: int, seconds: float = 30) -> None:
    """Run the program that takes away what a daemon keeps."""
    cleaner = start(argv, os.dup(lifeline))
    end = time.monotonic() + seconds
    while time.monotonic() < end and reap(cleaner, None)[0]:
        time.sleep(0.01)
    end_all(cleaner, None, 0)


def main(words: list[str]) -> int:
    """Run the program; its exit status, or 128 plus the signal that ended it."""
    lifeline, *locks = map(int, words[0].split(","))
    for lock in locks:
        os.set_inheritable(lock, False)
    grace = float(words[1])
    argv, after = words[2:], list[str]()
    if argv[0] == "--after":
        cut = argv.index("--")
        after, argv = argv[1:cut], argv[cut + 1 :]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for signum in (signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child = start(argv, lifeline)
    cut_off = False
    status: int | None = None
    while status is None and not cut_off:
        ready, _, _ = select.select([lifeline, wake_read], [], [])
        if wake_read in ready:
            os.read(wake_read, 512)
        _, status = reap(child, status)
        cut_off = lifeline in ready and status is None
    status = end_all(child, status, grace)
    if cut_off and after:
        clean_up(after, lifeline)
    code = 0 if status is None else status
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
