# SPDX-License-Identifier: GPL-2.0-or-later
"""The commits of a range as git keeps them: what they say, and what they change.

The words come from the commit objects and the diffs from ``git diff-tree``, so nothing that a
message holds can be taken for something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.series import commit_text
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.settings import Settings
    from patchtool.series.commit_text import CommitText
    from patchtool.tree.kernel_tree import KernelTree
    from patchtool.tree.plumbing import Questions

#: Most commits a series is made of; a longer range is a mistake in its base.
LONGEST = 1000
#: What a user's or a repository's configuration could change is said outright.
_DIFF = (
    "--stdin",
    "--root",
    "-r",
    "--patch",
    "--stat=72",
    "--summary",
    "--full-index",
    "--binary",
    "--find-renames",
    "-l1000",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=default",
    "--indent-heuristic",
    "--submodule=short",
    "--no-relative",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-O/dev/null",
)


@dataclass(frozen=True, slots=True)
class RangeCommit:
    """One commit of a range.

    Attributes:
        name: Its hash, in hex.
        tree: Hash of its tree.
        parents: Hashes of the commits before it.
        text: What it says.
    """

    name: str
    tree: str
    parents: tuple[str, ...]
    text: CommitText


def resolved(repo: Questions, name: str, tree: str) -> str:
    """The hash of the commit *name*.

    Raises:
        UsageError: There is none.
    """
    found = repo.find(f"{name}^{{commit}}")
    if not found:
        raise UsageError(
            f"{tree}: no commit {name!r}", hint="the ends of a range are commits, branches or tags"
        )
    return found


def commits(
    tree: KernelTree, first: str, last: str, where: str, settings: Settings
) -> tuple[RangeCommit, ...]:
    """What *last* has and *first* has not, oldest first: a line without merges.

    Args:
        tree: Where they are.
        first: A hash.
        last: As above.
        where: The range, for errors.
        settings: The settings in force.

    Raises:
        UsageError: There is none, there are too many, or one is a merge.
        MailError: A commit object is damaged.
    """
    most = f"--max-count={LONGEST + 1}"
    listed = _ask(tree, settings, "rev-list", "--topo-order", most, last, f"^{first}")
    names = listed.decode("ascii").split()[::-1]
    asked = "".join(f"{name}\n" for name in names).encode()
    objects = plumbing.batch(_ask(tree, settings, "cat-file", "--batch", stdin=asked))
    found = tuple(_commit(name, data, where) for name, _, data in objects)
    merges = [commit for commit in found if len(commit.parents) > 1]
    if merges:
        shown = "; ".join(f'{merge.name[:12]} ("{merge.text.subject}")' for merge in merges[:3])
        raise UsageError(
            f"{where}: {len(merges)} merge{'s' * (len(merges) > 1)} in the range: {shown}. A "
            "merge cannot be mailed as a patch, and what it resolved would be lost",
            hint="rebase the branch, or start the range behind the last merge",
        )
    if not found:
        raise UsageError(
            f"{where}: an empty range: the second commit has nothing that the first has not",
            hint="the older commit stands first: BASE..TOPIC",
        )
    if len(found) > LONGEST:
        raise UsageError(
            f"{where}: more than {LONGEST} commits",
            hint="the first end is what the series is based on",
        )
    return found


def _commit(name: str, data: bytes, where: str) -> RangeCommit:
    lines = data.partition(b"\n\n")[0].decode("latin-1").split("\n")
    heads = [line.partition(" ")[::2] for line in lines]  # a folded value begins with a blank
    return RangeCommit(
        name,
        next((value for key, value in heads if key == "tree"), ""),
        tuple(value for key, value in heads if key == "parent"),
        commit_text.parse(data, f"{where} {name[:12]}"),
    )


def diffs(
    tree: KernelTree, changing: Sequence[RangeCommit], settings: Settings
) -> tuple[bytes, ...]:
    """The diffstat and diff of each commit, the same whatever the configuration says.

    A root commit is a diff against nothing.

    Raises:
        CommandError: git failed, for instance for want of a blob.
    """
    if not changing:
        return ()
    asked = "".join(f"{commit.name}\n" for commit in changing).encode()
    told = _ask(tree, settings, "diff-tree", *_DIFF, stdin=asked)
    found = []
    for commit, following in zip(changing, (*changing[1:], None), strict=True):
        told = told.removeprefix(f"{commit.name}\n".encode())
        end = told.find(f"\n{following.name}\n".encode()) + 1 if following else len(told)
        found.append(told[:end])
        told = told[end:]
    return tuple(found)


def _ask(tree: KernelTree, settings: Settings, *words: str, stdin: bytes | None = None) -> bytes:
    env = {"GIT_DIR": str(tree.git_dir), "GIT_OPTIONAL_LOCKS": "0"}
    done = plumbing.run(words, settings, cwd=tree.git_dir, env=env, stdin=stdin, capture=True)
    return done.stdout
