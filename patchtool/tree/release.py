# SPDX-License-Identifier: GPL-2.0-or-later
"""Which kernel release a tree is, read from its Makefile; and whether it is a kernel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from patchtool.tree.plumbing import Questions

#: How releases are tagged: ``v6.12``, ``v6.12.117``, ``v6.13-rc1``.
RELEASE_TAG = re.compile(r"v([0-9]+(?:\.[0-9]+)+)(?:-rc([0-9]+))?\Z")
#: Files without which a tree is no kernel that Kconfig and kbuild can work with.
NEEDED = ("Makefile", "Kconfig")
#: What kbuild leaves in a tree that was built in place; it then refuses to build elsewhere.
BUILD_OUTPUT = (".config", "include/config", "vmlinux", "vmlinux.o")
_VARIABLE = re.compile(
    r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(\S*)", re.MULTILINE
)
_SAFE = re.compile(r"[-+.\w]*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class KernelRelease:
    """A kernel release.

    Attributes:
        version: As ``make kernelversion`` prints it, such as ``6.12.117`` or ``6.13.0-rc1``.
    """

    version: str

    @property
    def tag(self) -> str:
        """As releases are tagged: ``v6.12.117``, ``v6.13-rc1``, ``v6.12``."""
        return "v" + re.sub(r"\A(\d{1,4}\.\d{1,4})\.0(?=-|\Z)", r"\1", self.version)

    @property
    def short(self) -> str:
        """The tag without its ``v``."""
        return self.tag[1:]


def read_release(makefile_text: str, where: str) -> KernelRelease:
    """The release that a kernel's Makefile states.

    Args:
        makefile_text: The top Makefile.
        where: Its place, for errors.

    Raises:
        UsageError: It is not a kernel's Makefile; says what is missing in it.
    """
    found: dict[str, str] = {}
    for name, value in _VARIABLE.findall(makefile_text):
        found.setdefault(name, value)
    missing = [
        name for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL") if not found.get(name, "").isdigit()
    ]
    extra = found.get("EXTRAVERSION", "")
    if missing or not _SAFE.match(extra):
        lacking = ", ".join(missing) or "a usable EXTRAVERSION"
        raise UsageError(f"{where}: not a kernel tree: its Makefile has no {lacking}")
    numbers = ".".join(found[name] for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL"))
    return KernelRelease(numbers + extra)


def check_kernel(names: Collection[str], where: str) -> None:
    """Check that a tree's top folder has what a kernel's has.

    Args:
        names: The names in the top folder.
        where: The tree, for errors.

    Raises:
        UsageError: Something is missing; all of it is named.
    """
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise UsageError(f"{where}: not a kernel tree: it has no {' and no '.join(missing)}")


def release_of(repo: Questions, revision: str, where: str) -> KernelRelease:
    """The release of a commit or tree.

    Raises:
        UsageError: It is not a kernel's.
    """
    names = repo.ask("ls-tree", "--name-only", revision).splitlines()
    check_kernel(names, where)
    makefile = repo.blob(f"{revision}:Makefile")
    return read_release(makefile.decode("utf-8", "replace"), where)


def tag_age(tag: str) -> tuple[tuple[int, ...], float]:
    """What release tags are sorted by: larger for a newer release."""
    found = RELEASE_TAG.match(tag)
    assert found is not None
    numbers = tuple(int(part[:9]) for part in found[1].split("."))
    return numbers, float(found[2][:9]) if found[2] else float("inf")
