# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree's own ``scripts/checkpatch.pl``, as the base commit has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.lint.findings import Finding, Severity, unchecked
from patchtool.lint.kernel import CHECKPATCH, EXPLANATIONS
from patchtool.lint.scripts import broken, on_each
from patchtool.series.message_end import FIRST_LINE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from patchtool.lint.kernel import Kernel
    from patchtool.series.model import Patch, Series

#: Its type -> the check of ours that finds the same, and says more.
OURS = {
    "BAD_FIXES_TAG": "fixes",
    "MISSING_SIGN_OFF": "signoff",
    "NO_AUTHOR_SIGN_OFF": "signoff",
    "FROM_SIGN_OFF_MISMATCH": "signoff",
    "TRAILING_WHITESPACE": "whitespace",
    "SPACE_BEFORE_TAB": "whitespace",
}
_SEVERITY = {"ERROR": Severity.ERROR, "WARNING": Severity.WARNING, "CHECK": Severity.NOTE}
_HEAD = re.compile(r"(ERROR|WARNING|CHECK):\s?(?:([A-Z][A-Z0-9_]*):)?\s*(.*)\Z")
_PLACE = re.compile(r"#([0-9]+):(?: FILE: (.+):([0-9]+):)?\s*\Z")
_EXPLAINED = re.compile(r"^[ \t]*\*\*([A-Z][A-Z0-9_]+)\*\*", re.MULTILINE)
_NO_GIT = "UNKNOWN_COMMIT_ID"  # which it says of every commit where it has no git to ask


def check(series: Series, kernel: Kernel) -> tuple[Finding, ...]:
    """What checkpatch has to say of each patch.

    Raises:
        ToolMissing: perl is not installed.
        CommandTimeout: checkpatch does not end.
    """
    if reason := kernel.lacks(CHECKPATCH):
        return (unchecked("checkpatch", reason),)
    script = (kernel.scripts / CHECKPATCH).read_text(encoding="utf-8", errors="replace")
    options = ["-q", "--no-summary"]
    if "'show-types!'" in script:  # since v3.13
        options.append("--show-types")
    if not kernel.history and f'"{_NO_GIT}"' in script:
        options.append(f"--ignore={_NO_GIT}")
    options.append("-")  # standard input
    explained: set[str] = set()
    if kernel.has(EXPLANATIONS):
        text = (kernel.scripts / EXPLANATIONS).read_text(encoding="utf-8", errors="replace")
        explained = set(_EXPLAINED.findall(text))
    found: list[Finding] = []
    runs = on_each(series.patches, kernel, CHECKPATCH, options)
    for patch, done in zip(series.patches, runs, strict=True):
        told = parse(done.stdout.decode("utf-8", "replace"), patch, explained)
        if not told and done.status not in (0, 1):
            reason = f"{CHECKPATCH} of {kernel.at} does not run here: {broken(done)}"
            return (unchecked("checkpatch", reason),)
        found += told
    return tuple(found)


def parse(output: str, patch: Patch, explained: set[str]) -> tuple[Finding, ...]:
    """The findings in what checkpatch printed about a patch.

    Args:
        output: In its default format, one paragraph each, with or without types.
        patch: The patch.
        explained: The types that the tree's documentation explains.
    """
    start = _message_line(patch)
    paragraphs = re.split(r"\n(?=(?:ERROR|WARNING|CHECK):)", output)
    found = []
    for paragraph in paragraphs:
        lines = paragraph.rstrip("\n").split("\n")
        head = _HEAD.match(lines[0])
        if head is None:
            continue
        kind = head[2] or ""
        place, source = _place(lines[1:], start, patch)
        todo = f"{EXPLANATIONS} explains {kind}" if kind in explained else ""
        name = f"checkpatch-{kind}" if kind else "checkpatch-untyped"
        text = head[3].strip()
        found.append(
            Finding(_SEVERITY[head[1]], name, patch.number, text, todo, place, source)
        )  # fmt: skip
    return tuple(found)


def without_ours(findings: Sequence[Finding], made: Collection[str]) -> Iterator[Finding]:
    """The findings less those of checkpatch that a check of ours, among *made*, makes as well.

    Of a line of a message, what ours say is enough.
    """
    told = {
        (each.patch, each.place)
        for each in findings
        if each.check != "checkpatch" and each.place.startswith("message:")
    }
    for each in findings:
        ours = OURS.get(each.id.removeprefix("checkpatch-")) in made
        if each.check != "checkpatch" or not (ours or (each.patch, each.place) in told):
            yield each


def _message_line(patch: Patch) -> int:
    """The line of the raw mail on which its message starts, from 1; 0 where there is none."""
    message = patch.message.encode("utf-8", "replace")
    at = patch.raw.find(b"\n\n" + message) if message else -1
    return patch.raw.count(b"\n", 0, at) + 3 if at >= 0 else 0


def _place(lines: list[str], start: int, patch: Patch) -> tuple[str, str]:
    """Where a paragraph points to, and the line it shows there."""
    for at, line in enumerate(lines):
        match = _PLACE.match(line)
        if match is None:
            continue
        source = lines[at + 1].rstrip() if at + 1 < len(lines) else ""
        if match[2]:
            return f"{match[2]}:{match[3]}", source
        inside = int(match[1]) - start
        if start and 0 <= inside <= patch.message.count("\n"):
            return f"message:{inside + FIRST_LINE}", source
        return "", source
    return "", ""
