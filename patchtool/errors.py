# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that can end a stage, and the exit code each earns.

::

    PatchtoolError
      UsageError              the command line is wrong                       exit 2
      ManifestError           a manifest or settings file: all its problems   exit 2
      SeriesError             the series is at fault                          exit 1
        MailError             a mail or diff cannot be read
        ApplyConflict         a patch does not apply
        ConfigMissing         a requested Kconfig symbol did not survive
        BuildError            the kernel does not compile
        BootError             the kernel does not come up
          GuestDied           it went down later (guest/death.py)
      InfraError              this machine is at fault                        exit 3
        ToolMissing           a program or package is absent
        CommandError          a program ended with an unexpected status
          MissingObjects      git needs what a partial clone has not fetched
        GuestError            an operation failed inside a guest that lives on
        CommandTimeout        a program did not end in time
        DiskFull              no space is left where patchtool writes
        LostGuest             a guest went silent without saying why
        NetworkError          a server could not be reached

Expected bad news (a failing test, a new warning) is data, not an exception.
"""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Exit(IntEnum):
    """The exit codes of ``patchtool``."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INFRA = 3
    BUG = 4
    INTERRUPTED = 130


class PatchtoolError(Exception):
    """Base of all expected failures.

    Args:
        message: What is wrong, with the file, line or key.
        hint: What the user can do about it; may be empty.
    """

    exit_code = Exit.INFRA

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        #: Name of the stage that ended; set by the stage runner.
        self.stage: str | None = None

    def __str__(self) -> str:
        return self.message


class UsageError(PatchtoolError):
    """The command line asks for something that cannot be."""

    exit_code = Exit.USAGE


class ManifestError(PatchtoolError):
    """A TOML file has mistakes.

    Args:
        path: The file.
        problems: One line each, starting with the key path.
    """

    exit_code = Exit.USAGE

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        self.path = path
        self.problems = tuple(problems)
        noun = "problem" if len(self.problems) == 1 else "problems"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{path}: {len(self.problems)} {noun}{lines}")


class SeriesError(PatchtoolError):
    """The series is at fault."""

    exit_code = Exit.FAILED


class MailError(SeriesError):
    """A mail or the diff in it cannot be read."""


class ApplyConflict(SeriesError):
    """A patch does not apply."""


class ConfigMissing(SeriesError):
    """A requested Kconfig symbol did not survive."""


class BuildError(SeriesError):
    """The kernel does not compile."""


class BootError(SeriesError):
    """The kernel does not come up, or goes down during a test."""


class InfraError(PatchtoolError):
    """This machine, or patchtool's surroundings, are at fault."""


class ToolMissing(InfraError):
    """A program or package is absent.

    Args:
        name: The program.
        hint: How to get it.
    """

    def __init__(self, name: str, *, hint: str) -> None:
        super().__init__(f"{name} is not installed", hint=hint)
        self.name = name


class CommandError(InfraError):
    """A program ended with an unexpected status.

    Args:
        argv: The command line.
        status: Its exit status; negative numbers are signals.
        tail: The end of its output.
        log: Where all of its output is, when it was kept.
    """

    def __init__(
        self, argv: Sequence[str], status: int, tail: str, log: Path | None = None
    ) -> None:
        self.argv = tuple(argv)
        self.status = status
        self.tail = tail
        self.log = log
        last = "".join(f"\n  | {line}" for line in tail.splitlines()[-15:])
        where = f" (all of it: {log})" if log else ""
        super().__init__(f"{argv[0]} ended with status {status}{where}{last}")


class MissingObjects(CommandError):
    """git needs objects that a partial clone (``git clone --filter``) has not fetched."""

    def __init__(self, argv: Sequence[str], status: int, tail: str) -> None:
        super().__init__(argv, status, tail)
        said = "".join(f"\n  | {line}" for line in tail.strip().splitlines()[-3:])
        self.message = f"the tree is a partial clone, and objects are missing in it{said}"
        self.hint = (
            "patchtool never fetches into a tree; get all of it there with `git fetch --refetch "
            "--no-filter` (git 2.36 or later; from 2.49 on, `git backfill` gets the blobs)"
        )


class CommandTimeout(InfraError):
    """A program did not end in time, and was ended."""

    def __init__(self, argv: Sequence[str], seconds: float, tail: str) -> None:
        self.argv = tuple(argv)
        self.seconds = seconds
        self.tail = tail
        last = "".join(f"\n  | {line}" for line in tail.splitlines()[-15:])
        super().__init__(f"{argv[0]} did not end within {seconds:.0f} s{last}")


class DiskFull(InfraError):
    """No space is left where patchtool writes."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"no space left on the disk that holds {path}",
            hint="free some space, or point `cache` in the settings at another disk; "
            "the same command then continues where it stopped",
        )


class LostGuest(InfraError):
    """A guest ended, or went silent, and its console does not say why.

    Args:
        message: What was seen.
        hint: Where there is more to see.
        explained: QEMU says why, so that another try would end like this one.
    """

    def __init__(self, message: str, *, hint: str = "", explained: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.explained = explained


class NetworkError(InfraError):
    """A server could not be reached, or gave nonsense."""


def from_os_error(error: OSError) -> PatchtoolError:
    """Turn an :class:`OSError` that nobody handled into an error a user understands."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(str(error.filename or "the cache and run directories"))
    return InfraError(str(error), hint="check that the path exists and may be read and written")
