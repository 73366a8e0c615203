# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages of a Debian suite as a tar file, through this host's own package sources.

Which of those serve the suite is read here; mmdebstrap downloads and unpacks.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import process, programs
from patchtool.errors import CommandError, DiskFull, InfraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Seconds mmdebstrap may take: it downloads some 100 MB.
TIMEOUT = 1800.0
#: Behind a suite's name, the suites that carry its updates.
POCKETS = ("", "-updates", "-security")
_FIELD = re.compile(r"([A-Za-z-]+)[ \t]*:[ \t]*(.*)\Z")
_ONE_LINE = re.compile(r"deb\s+(?:\[[^\]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<rest>.+)\Z")


def from_deb822(text: str, suite: str) -> str:
    """The stanzas of a ``.sources`` file that serve *suite*, each cut down to its pockets."""
    wanted = {suite + pocket for pocket in POCKETS}
    kept = []
    for stanza in re.split(r"\n[ \t]*\n", text):
        lines = [line for line in stanza.splitlines() if line and not line.startswith("#")]
        fields: dict[str, str] = {}
        name = ""
        for line in lines:
            match = _FIELD.match(line)
            if match and not line[0].isspace():
                name = match[1].title()
                fields[name] = match[2]
            elif name:
                fields[name] += "\n" + line
        suites = [word for word in fields.get("Suites", "").split() if word in wanted]
        usable = (
            "deb" in fields.get("Types", "").split()
            and fields.get("Enabled", "yes").strip().lower() != "no"
            and "main" in fields.get("Components", "").split()
        )
        if suites and usable:
            fields |= {"Types": "deb", "Suites": " ".join(suites)}
            kept.append("".join(f"{key}: {value}\n" for key, value in fields.items()))
    return "\n".join(kept)


def from_one_line(text: str, suite: str) -> str:
    """The ``deb`` lines of a ``.list`` file that serve *suite*."""
    wanted = {suite + pocket for pocket in POCKETS}
    kept = []
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        match = _ONE_LINE.match(line)
        if match and match["suite"] in wanted and "main" in match["rest"].split():
            kept.append(line + "\n")
    return "".join(kept)


def host_sources(suite: str, etc: Path = Path("/etc/apt")) -> dict[str, str]:
    """This host's own sources for *suite*: file ending -> content; empty when it has none."""
    found = {".list": "", ".sources": ""}
    folder = etc / "sources.list.d"
    more = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in [etc / "sources.list", *more]:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if path.suffix == ".list":
            found[".list"] += from_one_line(text, suite)
        elif path.suffix == ".sources":
            stanzas = from_deb822(text, suite)
            found[".sources"] += f"\n{stanzas}" if stanzas else ""
    return {ending: text for ending, text in found.items() if text}


def source_files(suite: str, folder: Path) -> list[Path]:
    """:func:`host_sources` as files in *folder*, as mmdebstrap takes them.

    Raises:
        OSError: One cannot be written.
    """
    files = []
    for ending, text in host_sources(suite).items():
        file = folder / f"host{ending}"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    return files


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
