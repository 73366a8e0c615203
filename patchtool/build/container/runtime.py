# SPDX-License-Identifier: GPL-2.0-or-later
"""A container program's command line: how untrusted programs are run.

What runs inside has no network, no capability, no way to gain one, no writable file system
but the folders it is given and /tmp, sees nothing of the home directory, and is not root.
It is gone when patchtool is, however patchtool ends.
"""

from __future__ import annotations

import os
import resource
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from patchtool.core import process, programs
from patchtool.core.text import command_line
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from patchtool.core.process import Completed

#: User and group inside when patchtool itself runs as root: in Debian's range for people, at
#: its top, where nobody is.
BUILDER = 59000
#: Processes a container may have; what a default kernel lets a process ask for without
#: CAP_SYS_RESOURCE is often less than podman's own default.
PROCESSES = 32768
PREFIX = "patchtool-"
#: Seconds one of the container program's own commands may take, if nothing else is said.
CALL_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Mount:
    """A host folder seen inside.

    Attributes:
        host: The folder; made by the caller.
        inside: Its absolute path in the container.
        writable: Whether the container may change it; see :meth:`Runtime.give`.
    """

    host: Path
    inside: str
    writable: bool = False


class Runtime(BaseModel):
    """A container program that was seen to work on this machine.

    Attributes:
        program: ``podman`` or ``docker``.
        options: Words that go before the subcommand.
        rootless: Containers belong to this user, not to root.
        version: What the program says about itself.
        notes: What was tried first and did not work.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    program: Literal["podman", "docker"]
    options: tuple[str, ...] = ()
    rootless: bool = False
    version: str = ""
    notes: tuple[str, ...] = ()

    def describe(self) -> str:
        """One line: version, how it is called, whether it is rootless."""
        words = command_line((self.program, *self.options))
        return f"{self.version} (`{words}`{', rootless' if self.rootless else ''})"

    def call(
        self,
        *words: str | Path,
        timeout: float = CALL_TIMEOUT,
        network: bool = False,
        check: bool = True,
        log: Path | None = None,
    ) -> Completed:
        """Run one of the program's own commands and capture what it prints.

        Raises:
            CommandError, CommandTimeout, ToolMissing: As :func:`patchtool.core.process.run`.
        """
        return process.run(
            [self.program, *self.options, *words],
            cwd=Path("/"),
            timeout=timeout,
            capture=True,
            network=network,
            check=check,
            log=log,
        )

    def user(self) -> tuple[int, int]:
        """User and group id that programs have inside; never 0."""
        if os.getuid() == 0:
            return BUILDER, BUILDER
        return os.getuid(), os.getgid()

    def give(self, folder: Path) -> None:
        """Make a folder the container's user may write to."""
        folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            if folder.stat().st_uid != BUILDER:
                os.chown(folder, BUILDER, BUILDER)
        elif self.program == "docker" and self.rootless:
            folder.chmod(0o777)  # its user ids are mapped, and which one writes is not ours

    def argv(
        self,
        image: str,
        argv: Sequence[str],
        *,
        name: str,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str] | None = None,
        cwd: str = "/",
    ) -> list[str]:
        """The command line that runs *argv* inside *image*, with every protection."""
        uid, gid = self.user()
        hard_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        hard_processes = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        files = 65536 if hard_files == resource.RLIM_INFINITY else min(hard_files, 65536)
        processes = PROCESSES if hard_processes < 0 else min(hard_processes, PROCESSES)
        words = [self.program, *self.options, "run", "--rm", "--name", name, "--pull", "never"]
        words += ["--entrypoint", ""]  # an image that is not ours may have one
        words += ["--network", "none", "--hostname", "patchtool", "--log-driver", "none"]
        words += ["--stop-timeout", "0"]  # `rm -f` of what outlived patchtool need not be polite
        words += ["--cap-drop", "all", "--security-opt", "no-new-privileges"]
        words += ["--security-opt", "label=disable", "--read-only", "--user", f"{uid}:{gid}"]
        words += ["--ulimit", f"nofile={files}:{files}", "--ulimit", "core=0:0"]
        words += ["--ulimit", f"nproc={processes}:{processes}"]
        words += ["--tmpfs", "/tmp:rw,nosuid,nodev,mode=1777", "--workdir", cwd]  # noqa: S108 (inside)
        if self.program == "podman":
            words += ["--http-proxy=false"]
            if self.rootless:
                words += ["--userns", "keep-id"]
        for mount in mounts:
            if "," in str(mount.host):
                raise UsageError(
                    f"{mount.host}: a path with a comma cannot be given to a container",
                    hint="move it, or set `cache` to a path without one",
                )
            ending = "" if mount.writable else ",readonly"
            words += [
                "--mount",
                f"type=bind,source={mount.host.absolute()},target={mount.inside}{ending}",
            ]
        values = {"HOME": "/tmp", "LANG": "C.UTF-8", **(env or {})}  # noqa: S108 (inside)
        for key, value in values.items():
            words += ["--env", f"{key}={value}"]
        return [*words, image, *argv]

    def run(
        self,
        image: str,
        argv: Sequence[str],
        *,
        timeout: float,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str] | None = None,
        cwd: str = "/",
        log: Path | None = None,
        on_line: Callable[[str], object] | None = None,
        capture: bool = False,
        check: bool = True,
    ) -> Completed:
        """Run *argv* inside *image* to its end.

        Args:
            image: Name or id; it is never pulled.
            argv: The command line inside.
            timeout: Seconds it may take.
            mounts: Host folders it sees.
            env: Variables it gets on top of PATH, HOME and LANG.
            cwd: Its working directory, inside.
            log: Host file to which everything it prints is appended.
            on_line: Called with each line it prints (with *capture*: on standard error).
            capture: Keep its standard output in full.
            check: Raise when its status is not 0.

        Raises:
            CommandError: Its status was not 0.
            CommandTimeout: It did not end in time.
            UsageError: A path cannot be mounted.
        """
        name = _container_name()
        return process.run(
            self.argv(image, argv, name=name, mounts=mounts, env=env, cwd=cwd),
            cwd=Path("/"),
            timeout=timeout,
            check=check,
            log=log,
            on_line=on_line,
            capture=capture,
            after=[str(programs.require(self.program)), *self.options, "rm", "-f", name],
        )

    def sweep(self) -> tuple[str, ...]:
        """Take away containers of patchtool processes that are gone; their names."""
        words = ("ps", "--all", "--filter", f"name={PREFIX}", "--format", "{{.Names}}")
        names = self.call(*words).stdout.decode().split()
        stale = tuple(name for name in names if _is_stale(name))
        for name in stale:
            self.call("rm", "-f", name, check=False)
        return stale

    def has_image(self, name: str) -> str | None:
        """The id of an image, or None when it is not there."""
        done = self.call("image", "inspect", "--format", "{{.Id}}", name, check=False)
        return done.stdout.decode().strip().removeprefix("sha256:") if done.status == 0 else None

    def import_image(self, tar: Path, name: str, timeout: float) -> str:
        """Make an image of a file-system tarball; its id."""
        done = self.call("import", tar, name, timeout=timeout)
        return done.stdout.decode().split()[-1].removeprefix("sha256:")


def _start_time(pid: int) -> str | None:
    """When a process started, in clock ticks since boot: field 22 of /proc/PID/stat."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return stat.rpartition(b")")[2].split()[19].decode()


def _container_name() -> str:
    return f"{PREFIX}{os.getpid()}-{_start_time(os.getpid())}-{secrets.token_hex(4)}"


def _is_stale(name: str) -> bool:
    parts = name.removeprefix(PREFIX).split("-")
    known = name.startswith(PREFIX) and len(parts) == 3 and parts[0].isdigit()
    return known and _start_time(int(parts[0])) != parts[1]
