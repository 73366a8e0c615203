# SPDX-License-Identifier: GPL-2.0-or-later
"""The first bad commit, as git has it in the user's tree, which is only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.bisect.record import CommitFacts
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree

#: Most characters of a diff that are kept.
LONGEST = 20_000
_FORM = "--format=%an <%ae>%n%ad%n%P"
_SHOW = ("--first-parent", "-m", "--no-show-signature", "--no-color", "--no-ext-diff")


def facts(tree: KernelTree, commit: str, settings: Settings) -> CommitFacts:
    """Author, date, parents and diff of a commit; of a merge, what it brought to its first parent.

    Raises:
        CommandError: git failed, for instance for want of a blob in a partial clone.
    """
    author, date, parents = _show(tree, settings, "-s", _FORM, commit).split("\n")[:3]
    diff = _show(tree, settings, "--no-textconv", "--format=", "-p", commit)
    return CommitFacts(
        author=author,
        date=date,
        parents=tuple(parents.split()),
        files=_show(tree, settings, "--format=", "--stat=72", "--summary", commit),
        diff=diff if len(diff) <= LONGEST else diff[:LONGEST].rpartition("\n")[0],
    )


def _show(tree: KernelTree, settings: Settings, *words: str) -> str:
    env = {"GIT_DIR": str(tree.git_dir), "GIT_OPTIONAL_LOCKS": "0"}
    done = plumbing.run(("show", *_SHOW, *words), settings, cwd=tree.git_dir, env=env, capture=True)
    return done.stdout.decode("utf-8", "replace").strip("\n")
