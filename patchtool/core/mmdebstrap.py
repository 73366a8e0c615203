# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages of a Debian suite as a tar file, through this host's own package sources."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from patchtool.core import process, programs
from patchtool.core.apt import source_files
from patchtool.errors import CommandError, DiskFull, InfraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

#: Seconds it may take: it downloads some 100 MB.
TIMEOUT = 1800.0


def download(
    suite: str,
    packages: Sequence[str],
    work: Path,
    say: Callable[[str], None],
    *options: str,
    log: Path | None = None,
    chroot: bool = False,
) -> Path:
    """Have the packages and what they need made into a tar file; its path.

    Args:
        suite: Such as ``bookworm``.
        packages: Their names.
        work: A folder of the caller's for it.
        say: Told what mmdebstrap does.
        options: Of mmdebstrap's, such as ``--variant=extract``.
        log: Where all it says is kept.
        chroot: Packages are configured in a chroot, perhaps as another user, who may not see
            *work*; what they are made in is then where the system has its temporary files.

    Raises:
        CommandError: It failed; :func:`explained` makes a message of that.
        ToolMissing: It is not installed.
    """
    programs.require("mmdebstrap")
    tar = work / "packages.tar"
    argv: list[str | Path] = ["mmdebstrap", "--format=tar", *options]
    argv += [f"--include={','.join(packages)}", suite, tar, *source_files(suite, work)]
    process.run(
        argv,
        cwd=work,
        timeout=TIMEOUT,
        network=True,
        log=log,
        env=None if chroot else {"TMPDIR": str(work)},
        on_line=lambda line: say(line.removeprefix("I: ")),
    )
    return tar


@contextmanager
def explained(what: str, work: Path, hint: str) -> Iterator[None]:
    """Say what could not be done when a program fails, and what to do about it.

    Args:
        what: Such as ``the guest root could not be made``.
        work: The folder that is written to.
        hint: What to do.

    Raises:
        DiskFull: No space is left.
        InfraError: Any other failure.
    """
    try:
        yield
    except CommandError as error:
        if "No space left on device" in error.tail:
            raise DiskFull(str(work)) from error
        raise InfraError(f"{what}: {error}", hint=hint) from error
