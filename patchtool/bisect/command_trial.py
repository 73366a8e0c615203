# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries of a command in a worktree of the commit, by git's exit codes (``git bisect run``)."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.bisect.tries import NO_IMAGES, Images, Seen, of_status
from patchtool.core import process
from patchtool.core.store import file_digest
from patchtool.errors import ApplyConflict, CommandTimeout, UsageError

if TYPE_CHECKING:
    from patchtool.bisect.scratch import Scratch

#: What each command finds in its environment.
COMMIT, ATTEMPT = "PATCHTOOL_COMMIT", "PATCHTOOL_ATTEMPT"
OUTPUT = "output.log"


@dataclass(frozen=True, slots=True)
class Command:
    """A shell command that says of the worktree it stands in whether it shows the symptom.

    Attributes:
        text: As the shell gets it.
        program: The file its first word names, which lies outside the tree; None for any other.
    """

    text: str
    program: Path | None = None

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the program's content; empty where it has none of its own."""
        return file_digest(self.program) if self.program else ""


def command_of(text: str, here: Path) -> Command:
    """The command a user typed in the folder *here*.

    A first word with a slash that names a file there is that file, also when the commits have one
    of that name: as ``git bisect run ./my-test`` finds it beside them.

    Raises:
        UsageError: It is empty, or its quotes do not match.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--run {text!r}: {error}") from None
    if not words:
        raise UsageError("--run: no command")
    program = here / Path(words[0]).expanduser()
    if "/" not in words[0] or not program.is_file():
        return Command(text)
    rest = text.lstrip()
    if not rest.startswith(words[0]):
        return Command(text, program.resolve())  # it was quoted, and the shell finds it
    path = shlex.quote(str(program.absolute()))
    return Command(path + rest[len(words[0]) :], program.resolve())


@dataclass(frozen=True, slots=True)
class CommandTrials:
    """Tries of a command.

    Attributes:
        scratch: The worktree.
        command: What is run.
        timeout: Seconds it may take.
    """

    scratch: Scratch
    command: Command
    timeout: float

    def attempt(
        self,
        commit: str,
        attempt: int,
        folder: Path,
        *,
        era: str = "",  # noqa: ARG002 (kernels have one)
        images: Images = NO_IMAGES,  # noqa: ARG002 (as above)
    ) -> Seen:
        """Run the command on a commit; see :class:`patchtool.bisect.attempts.Trying`.

        Raises:
            InfraError: It ended with 128 or more, or did not end in time.
        """
        tip = commit
        if self.scratch.patches:
            try:
                tip = self.scratch.patched(self.scratch.base(commit)).commit
            except ApplyConflict as error:
                return Seen(state="cannot", reason=error.message.partition("\n")[0])
        work = self.scratch.check_out(tip)
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / OUTPUT
        log.unlink(missing_ok=True)  # of a try that was cut off
        begin = time.monotonic()
        try:
            done = process.run(
                ["sh", "-c", self.command.text],
                cwd=work.path,
                timeout=self.timeout,
                check=False,
                env={COMMIT: commit, ATTEMPT: str(attempt)},
                log=log,
            )
        except CommandTimeout as error:
            error.hint = "give it more time with --timeout, or let it say what a hang means: "
            error.hint += "`timeout 60 COMMAND || exit 1`"
            raise
        seen = of_status(done.status, done.tail)
        return seen.model_copy(update={"run_seconds": time.monotonic() - begin})
