# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether those whom the tree's ``scripts/get_maintainer.pl`` names get the patches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity, unchecked
from patchtool.lint.kernel import GET_MAINTAINER
from patchtool.lint.message import address
from patchtool.lint.scripts import broken, on_each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchtool.lint.kernel import Kernel
    from patchtool.series.model import Series

#: Only what MAINTAINERS says: who happened to sign a file's last commits must not be asked.
_OPTIONS = ("--nogit", "--nogit-fallback", "--nofixes", "--roles", "--norolestats")
_ROLE = re.compile(r"(.*?)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*\Z")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone who ought to get a patch.

    Attributes:
        address: Mail address, lower case.
        role: Such as ``maintainer:VIRTIO BALLOON`` or ``open list``.
    """

    address: str
    role: str

    @property
    def is_list(self) -> bool:
        """Whether it is a mailing list."""
        return " list" in f" {self.role.partition(':')[0]}"

    @property
    def is_maintainer(self) -> bool:
        """Whether patches go through them."""
        return self.role.partition(":")[0] in ("maintainer", "supporter", "odd fixer")

    def __str__(self) -> str:
        return f"{self.address} ({self.role})"


def check(series: Series, kernel: Kernel) -> tuple[Finding, ...]:
    """Whether each patch goes to its maintainers, reviewers and lists.

    Raises:
        ToolMissing: perl is not installed.
        CommandTimeout: get_maintainer does not end.
    """
    if not series.recipients and not any(patch.recipients for patch in series.patches):
        reason = "the mails have no To or Cc yet"
        return (unchecked("recipients", reason, f"{GET_MAINTAINER} says who should get them"),)
    if reason := kernel.lacks(GET_MAINTAINER):
        return (unchecked("recipients", reason),)
    runs = on_each(series.patches, kernel, GET_MAINTAINER, _options(kernel))
    wanted: dict[int, tuple[Recipient, ...]] = {}
    for patch, done in zip(series.patches, runs, strict=True):
        if done.status != 0:
            reason = f"{GET_MAINTAINER} of {kernel.at} does not run here: {broken(done)}"
            return (unchecked("recipients", reason),)
        wanted[patch.number] = parse(done.stdout.decode("utf-8", "replace"))
    return missing(series, wanted)


def _options(kernel: Kernel) -> tuple[str, ...]:
    """The options that this version of the script knows."""
    script = (kernel.scripts / GET_MAINTAINER).read_text(encoding="utf-8", errors="replace")
    return tuple(
        option
        for option in _OPTIONS
        if f"'{option.removeprefix('--').removeprefix('no')}!'" in script
    )


def parse(output: str) -> tuple[Recipient, ...]:
    """Who stands in what get_maintainer printed, one to a line."""
    found = []
    for line in output.splitlines():
        match = _ROLE.match(line.strip())
        who = address(match[1]) if match else ""
        if match and who:
            found.append(Recipient(who, match[2]))
    return tuple(found)


def missing(series: Series, wanted: Mapping[int, Sequence[Recipient]]) -> tuple[Finding, ...]:
    """Who does not get what they ought to; one finding for each of them.

    Args:
        series: The series.
        wanted: Who ought to get each patch, by its number.
    """
    found: list[Finding] = []
    lacking: dict[Recipient, list[int]] = {}
    for patch in series.patches:
        has = {
            *(patch.recipients or series.recipients),
            *map(address, (patch.author, series.author)),
        }
        without = [who for who in wanted[patch.number] if who.address not in has]
        maintainers = [who for who in wanted[patch.number] if who.is_maintainer]
        if maintainers and all(who in without for who in maintainers):
            named = ", ".join(map(str, maintainers))
            found.append(
                Finding(
                    Severity.ERROR, "recipients-maintainer", patch.number,
                    f"it goes to none of its maintainers: {named}",
                    "nobody can take a patch they do not get: add them to To or Cc",
                )
            )  # fmt: skip
            without = [who for who in without if not who.is_maintainer]
        for who in without:
            same = next((known for known in lacking if known.address == who.address), who)
            lacking.setdefault(same, []).append(patch.number)
    total = len(series.patches)
    return (*found, *(_lacking(who, numbers, total) for who, numbers in lacking.items()))


def _lacking(who: Recipient, numbers: list[int], total: int) -> Finding:
    every = len(numbers) == total > 1
    what = "any patch" if every else f"patch {', '.join(map(str, numbers))}"
    return Finding(
        Severity.WARNING, f"recipients-{'list' if who.is_list else 'person'}",
        None if every else numbers[0], f"{who} does not get {what}", "add the address to Cc",
    )  # fmt: skip
