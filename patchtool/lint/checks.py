# SPDX-License-Identifier: GPL-2.0-or-later
"""All checks, and which of them are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.lint import (
    checkpatch,
    cuts,
    diffstat,
    fixes,
    given,
    posting,
    prefix,
    recipients,
    sign_off,
    subject,
    whitespace,
)
from patchtool.lint.findings import Finding, in_order, unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchtool.lint.kernel import Kernel
    from patchtool.series.model import Series

#: What the mails alone tell.
ALONE: dict[str, tuple[Callable[[Series], tuple[Finding, ...]], ...]] = {
    "signoff": (sign_off.check,),
    "fixes": (fixes.form,),
    "subject": (subject.check,),
    "diffstat": (diffstat.check,),
    "whitespace": (whitespace.check,),
    "message": (cuts.check,),
    "links": (posting.links,),
    "cover": (posting.cover,),
    "changelog": (posting.changelog,),
    "duplicates": (posting.duplicates,),
    "given": (given.check,),
}
#: What only a tree tells.
WITH_TREE: dict[str, Callable[[Series, Kernel], tuple[Finding, ...]]] = {
    "base": posting.base,
    "fixes": fixes.check,
    "prefix": prefix.check,
    "recipients": recipients.check,
    "checkpatch": checkpatch.check,
}
CHECKS = tuple(dict.fromkeys([*ALONE, *WITH_TREE]))
#: Of these, what says nothing about one patch that comes without the others.
OF_THE_WHOLE = frozenset({"cover", "changelog", "duplicates", "base"})


def choose(only: Sequence[str], skip: Sequence[str]) -> frozenset[str]:
    """The checks to make.

    Args:
        only: Names of checks, or ids of findings; all checks if it is empty.
        skip: As above, to leave out.

    Raises:
        UsageError: There is no such check.
    """
    unknown = [name for name in (*only, *skip) if name.partition("-")[0] not in CHECKS]
    if unknown:
        raise UsageError(f"no check {unknown[0]!r}", hint=f"checks: {', '.join(CHECKS)}")
    wanted = {name.partition("-")[0] for name in only} or set(CHECKS)
    return frozenset(wanted - {name for name in skip if "-" not in name})


def lint(
    series: Series, kernel: Kernel | None, only: Sequence[str] = (), skip: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Every finding, by patch, the worst first.

    A check that needs a tree is a note where there is none.

    Args:
        series: The series.
        kernel: The tree at its base, or None.
        only: See :func:`choose`.
        skip: As above.

    Raises:
        UsageError: There is no such check.
        ToolMissing: perl, which the tree's scripts need, is not installed.
        InfraError: git or a script failed.
    """
    wanted = choose(only, skip)
    found: list[Finding] = []
    for name in [name for name in CHECKS if name in wanted]:
        for function in ALONE.get(name, ()):
            found += function(series)
        if name not in WITH_TREE:
            continue
        if kernel is None:
            found.append(unchecked(name, "needs --tree"))
        else:
            kernel.progress.update(name)
            found += WITH_TREE[name](series, kernel)
    kept = checkpatch.without_ours(found, wanted)
    return in_order([each for each in kept if _asked(each, only, skip)])


def _asked(finding: Finding, only: Sequence[str], skip: Sequence[str]) -> bool:
    names = (finding.check, finding.id)
    return finding.id not in skip and (not only or any(name in only for name in names))
