# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs run, are recorded, and are gone with all they started, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from patchtool.core import process
from patchtool.core.background import Background
from patchtool.core.command_log import CommandLog, recording
from patchtool.core.locks import held
from patchtool.core.progress import Silent
from patchtool.errors import CommandError, CommandTimeout, DiskFull, LostGuest, ToolMissing

HERE = Path(__file__).parent


def sleepers(mark: str) -> list[int]:
    """Process ids whose command line holds the mark."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                words = (folder / "cmdline").read_bytes()
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if mark.encode() in words and state != "Z":
                found.append(int(folder.name))
    return found


def wait_until_gone(mark: str, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while sleepers(mark):
        assert time.monotonic() < end, f"still there: {sleepers(mark)}"
        time.sleep(0.02)


def test_output_and_status_are_returned() -> None:
    done = process.run(
        ["sh", "-c", "echo out; echo err >&2; exit 3"],
        cwd=HERE, timeout=30, check=False, capture=True,
    )  # fmt: skip
    assert (done.status, done.stdout, done.tail) == (3, b"out\n", "err\n")


def test_a_failing_program_is_an_error_with_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(CommandError) as caught:
        process.run(["sh", "-c", "echo bad news; exit 2"], cwd=HERE, timeout=30, log=log)
    assert "bad news" in str(caught.value)
    assert str(log) in str(caught.value)
    assert log.read_text() == "bad news\n"


def test_a_missing_program_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(ToolMissing) as caught:
        process.run(["qemu-system-x86_64"], cwd=HERE, timeout=1)
    assert "apt-get install qemu-system-x86" in caught.value.hint


def test_timeout_ends_everything_that_was_started() -> None:
    mark = "7319.25"
    begin = time.monotonic()
    with pytest.raises(CommandTimeout):
        process.run(
            ["sh", "-c", f"setsid sh -c 'sleep {mark} & sleep {mark}' & sleep {mark}"],
            cwd=HERE, timeout=0.7,
        )  # fmt: skip
    assert not sleepers(mark)
    assert time.monotonic() - begin < 10


def test_a_program_that_ignores_sigterm_is_killed() -> None:
    mark = "7319.26"
    with pytest.raises(CommandTimeout):
        process.run(
            ["sh", "-c", f"trap '' TERM; while :; do sleep {mark}; done"],
            cwd=HERE, timeout=0.5, grace=0.3,
        )  # fmt: skip
    assert not sleepers(mark)


def test_what_a_program_leaves_behind_ends_with_it() -> None:
    mark = "7319.27"
    process.run(["sh", "-c", f"setsid sleep {mark} >/dev/null 2>&1 &"], cwd=HERE, timeout=30)
    assert not sleepers(mark)


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_survives_patchtool(tmp_path: Path, signum: signal.Signals) -> None:
    mark = f"73{signum:d}.28"
    cleaned = tmp_path / "cleaned"
    code = (
        "from pathlib import Path; from patchtool.core import process\n"
        "with process.terminate_is_interrupt():\n"
        f"  process.run(['sh', '-c', 'setsid sleep {mark} & sleep {mark}'], cwd=Path('/'),"
        f" timeout=100, after=['touch', {str(cleaned)!r}])\n"
    )
    top = str(HERE.parents[1])
    parent = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": top},
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while len(sleepers(mark)) < 4:  # guard, sh, and the two that sleep
        assert parent.poll() is None
        time.sleep(0.02)
    parent.send_signal(signum)
    parent.wait(30)
    wait_until_gone(mark)
    end = time.monotonic() + 10
    while not cleaned.exists():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_full_disk_is_told_as_what_it_is() -> None:
    """The thread that wrote the log died of it, and then the program, of a broken pipe."""
    with pytest.raises(DiskFull, match="/dev/full"):
        process.run(
            ["sh", "-c", "while echo line; do :; done"],
            cwd=HERE, timeout=30, log=Path("/dev/full"),
        )  # fmt: skip


def test_a_program_is_ended_when_what_it_prints_cannot_be_taken() -> None:
    """A mistake in what reads the lines was lost; the program was blamed, or never ended."""
    mark = "7319.29"

    def mistaken(_line: str) -> None:
        raise ZeroDivisionError

    begin = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        process.run(
            ["sh", "-c", f"echo line; sleep {mark}"], cwd=HERE, timeout=60, on_line=mistaken
        )
    assert not sleepers(mark)
    assert time.monotonic() - begin < 30


def test_the_cause_comes_before_what_followed_from_it() -> None:
    """A guest whose console filled the disk was lost, and nobody said why."""

    def lost() -> None:
        words = ["sh", "-c", "echo line; sleep 60"]
        with process.start(words, cwd=HERE, log=Path("/dev/full")) as program:
            while program.poll() is None:
                time.sleep(0.01)
            raise LostGuest("it ended, and did not say why")

    with pytest.raises(DiskFull):
        lost()


def test_a_lock_outlives_patchtool_as_long_as_what_it_started(tmp_path: Path) -> None:
    """A killed run's git went on for some milliseconds in a worktree that the next run had."""
    mark, lock = "7319.30", tmp_path / "x.lock"
    code = (
        "from pathlib import Path; from patchtool.core import locks, process\n"
        f"with locks.held(Path({str(lock)!r}), 'x', None):\n"
        f"  process.run(['sh', '-c', \"trap '' TERM; while :; do sleep {mark}; done\"],"
        " cwd=Path('/'), timeout=100, grace=3)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    with subprocess.Popen([sys.executable, "-c", code], env=env) as parent:
        while len(sleepers(mark)) < 3:  # guard, sh, sleep
            assert parent.poll() is None
            time.sleep(0.02)
        parent.kill()
    with pytest.raises(BlockingIOError), held(lock, "x", None):
        pytest.fail(f"nobody holds the lock, and there are {sleepers(mark)}")
    with held(lock, "x", Silent()):  # waits
        assert not sleepers(mark)


def test_a_program_does_not_get_the_locks(tmp_path: Path) -> None:
    with held(tmp_path / "x.lock", "x", None):
        done = process.run(["ls", "-l", "/proc/self/fd"], cwd=HERE, timeout=30, capture=True)
    assert b"x.lock" not in done.stdout


def test_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("MY_TOKEN", "secret")
    done = process.run(["env"], cwd=HERE, timeout=30, capture=True)
    assert b"GIT_DIR" not in done.stdout
    assert b"secret" not in done.stdout
    assert b"LANG=C.UTF-8" in done.stdout


def test_command_lines_are_recorded_ready_to_paste(tmp_path: Path) -> None:
    log = tmp_path / "commands.sh"
    with recording(CommandLog(log)):
        process.run(["echo", "a b"], cwd=tmp_path, timeout=30, env={"X": "1 2"})
    again = subprocess.run(["sh", str(log)], capture_output=True, check=True)
    assert again.stdout == b"a b\n"
    assert "X='1 2'" in log.read_text()


def test_each_run_has_a_command_log_of_its_own_in_all_its_threads(tmp_path: Path) -> None:
    """The log was one list of the process: of two runs, the later got the lines of both."""

    def whole_run(name: str) -> Path:
        log = tmp_path / f"{name}.sh"
        with recording(CommandLog(log)):
            begun = Background(lambda: process.run(["echo", f"{name} ahead"], cwd=HERE, timeout=30))
            process.run(["echo", f"{name} itself"], cwd=HERE, timeout=30)
            begun.result()
        process.run(["echo", f"{name} later"], cwd=HERE, timeout=30)
        return log

    runs = [Background(lambda name=name: whole_run(name)) for name in ("one", "two")]  # type: ignore[misc]
    for name, run in zip(("one", "two"), runs, strict=True):
        lines = run.result().read_text().splitlines()
        assert sorted(line.partition("echo ")[2] for line in lines) == [
            f"'{name} ahead'", f"'{name} itself'",
        ]  # fmt: skip


def test_large_input_and_output_do_not_block() -> None:
    data = b"x" * 3_000_000
    done = process.run(["cat"], cwd=HERE, timeout=60, stdin=data, capture=True)
    assert done.stdout == data
