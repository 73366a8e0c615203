# SPDX-License-Identifier: GPL-2.0-or-later
"""A series onto a tree, patch by patch, as ``git am --3way`` does it.

A patch that the tree has is skipped. Each other one is tried, until it fits:
plainly; by a 3-way merge on the blobs its index lines name, where the tree has them; and, where
it has not, with less context (``git am -C2``, then ``-C1``; never less, and never where a 3-way
merge was tried and found a conflict). How it fitted is part of the result. The same patches on
the same base give the same commits: the committer is patchtool, the committer date the author
date. A patch that was made of a commit whose words no mail gives back gets these words again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from patchtool.errors import CommandError, MailError
from patchtool.series import commit_text
from patchtool.series.compose import escaped
from patchtool.series.paths import BadPathError, check_link
from patchtool.tree import partial_clone, plumbing
from patchtool.tree.base.choose import Base  # noqa: TC001 (pydantic reads AppliedSeries)
from patchtool.tree.conflict import Conflict, file_conflicts
from patchtool.tree.history import History
from patchtool.tree.kernel_tree import KernelTree, common_dir
from patchtool.tree.presence import Index, Presence, presence

if TYPE_CHECKING:
    from patchtool.core.progress import Progress
    from patchtool.series.commit_text import CommitText
    from patchtool.series.model import Patch, Series
    from patchtool.tree.workspace import Worktree

__all__ = [
    "AppliedPatch",
    "AppliedSeries",
    "Conflict",
    "Outcome",
    "apply_series",
]

#: The lines kept are kept as they are: mail.py has decided about CRs. Mboxrd, so that no line
#: of a message can be taken for the start of another mail.
_AM = (
    "am",
    "--keep-cr",
    "--whitespace=nowarn",
    "--no-scissors",
    "--committer-date-is-author-date",
    "--patch-format=mboxrd",
)
_ERROR = re.compile(r"^(?:error|fatal|CONFLICT)\b.*$", re.MULTILINE)
_NO_BLOB = re.compile(r"lacks (?:the )?necessary blob|lacking or useless")
_LEAST_CONTEXT = (2, 1)


class Outcome(StrEnum):
    """What became of a patch."""

    CLEAN = "applied"
    THREE_WAY = "3-way"
    FUZZ = "fuzz"
    PRESENT = "already there"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class AppliedPatch:
    """What became of one patch.

    Attributes:
        number: Its place in the series.
        subject: Its subject.
        outcome: How it went.
        commit: The commit with it; the one before it when it was there already; None after
            a conflict.
        tree: The hash of that commit's tree, or None.
        detail: One line for people; may be empty.
        conflicts: Where it does not fit.
    """

    number: int
    subject: str
    outcome: Outcome
    commit: str | None
    tree: str | None
    detail: str = ""
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class AppliedSeries:
    """What became of a series. After a conflict the patches behind it were not tried.

    Attributes:
        base: What it was applied to.
        base_tree: The hash of the base's tree.
        patches: In order, up to the first conflict.
    """

    base: Base
    base_tree: str
    patches: tuple[AppliedPatch, ...]

    @property
    def conflict(self) -> AppliedPatch | None:
        """The patch that did not apply, if one did not."""
        return next((patch for patch in self.patches if patch.outcome is Outcome.CONFLICT), None)

    @property
    def tip(self) -> str:
        """The commit with all patches that applied."""
        return next((p.commit for p in reversed(self.patches) if p.commit), self.base.commit)


def apply_series(
    series: Series, base: Base, worktree: Worktree, progress: Progress
) -> AppliedSeries:
    """Apply a series; the worktree is left at the last patch that applied.

    A patch that does not apply is part of the result, not an error.

    Raises:
        MailError: A patch makes a symbolic link out of the tree, or changes a file that
            patchtool did not see in it.
        CommandError: git failed for another reason than the patch.
    """
    worktree.abandon()
    worktree.checkout(base.commit)
    done: list[AppliedPatch] = []
    head, tree = base.commit, base.tree
    git_dir = worktree.git_dir
    clone = KernelTree("patchtool's clone", git_dir, common_dir(git_dir) / "objects")
    with plumbing.open_repository(git_dir, worktree.settings) as repo:
        there = presence(series, History(clone, worktree.settings, repo), base.commit)
        for patch in series.patches:
            progress.update(patch.subject, patch.number, len(series.patches))
            result = _apply(patch, head, tree, worktree, there)
            done.append(result)
            if result.commit is None or result.tree is None:
                break
            head, tree = result.commit, result.tree
    return AppliedSeries(base, base.tree, tuple(done))


def _apply(patch: Patch, head: str, tree: str, worktree: Worktree, there: Presence) -> AppliedPatch:
    def present(detail: str) -> AppliedPatch:
        return AppliedPatch(patch.number, patch.subject, Outcome.PRESENT, head, tree, detail)

    if same := there.by_patch_id(patch):
        return present(same)
    files = Index(worktree.path, worktree.settings, {}).files(patch.paths)
    if there.by_content(patch, files):
        return present("the tree has all of it")  # git might put it on a twin of its place
    plain = _am(patch, worktree, "--no-3way")
    if plain is None:
        return _committed(patch, Outcome.CLEAN, "", worktree)
    merged = _am(patch, worktree, "--3way")
    if merged is None:
        outcome = Outcome.THREE_WAY
        with plumbing.open_repository(worktree.git_dir, worktree.settings) as repo:
            if repo.find("HEAD") == head:
                return present("a 3-way merge finds nothing left of it to do")
        return _committed(patch, outcome, "merged with the blobs its index lines name", worktree)
    if "CONFLICT" not in merged:
        for lines in _LEAST_CONTEXT:
            if _am(patch, worktree, "--no-3way", f"-C{lines}") is None:
                detail = f"fits with {lines} of its lines of context only; look at the result"
                return _committed(patch, Outcome.FUZZ, detail, worktree)
    said = _complaint(merged or plain, worktree)
    return AppliedPatch(
        patch.number,
        patch.subject,
        Outcome.CONFLICT,
        None,
        None,
        said,
        _conflicts(patch, head, worktree),
    )


def _complaint(text: str, worktree: Worktree) -> str:
    """What git said of a patch that does not apply, in one line."""
    said = " ".join(line.group() for line in list(_ERROR.finditer(text))[:3])
    if _NO_BLOB.search(text) and partial_clone.is_partial(worktree.clone / "objects"):
        said += " (a 3-way merge was not tried: this partial clone may lack its blobs)"
    return said


def _am(patch: Patch, worktree: Worktree, *options: str) -> str | None:
    """Try a patch; None when it applied, else what git said, with the worktree as before."""
    first, newline, rest = patch.raw.partition(b"\n")
    mail = first + newline + escaped(rest)
    done = plumbing.run(
        [*_AM, *options], worktree.settings, cwd=worktree.path, stdin=mail, check=False
    )
    if done.status == 0:
        return None
    if not (worktree.git_dir / "rebase-apply").is_dir():
        raise CommandError(done.argv, done.status, done.tail)  # git did not get to the patch
    worktree.git("reset", "--quiet", "--hard")
    worktree.abandon()
    return done.tail


def _committed(patch: Patch, outcome: Outcome, detail: str, worktree: Worktree) -> AppliedPatch:
    """The commit just made, checked against what was read in the patch."""
    with plumbing.open_repository(worktree.git_dir, worktree.settings) as repo:
        commit, tree = repo.find("HEAD"), repo.find("HEAD^{tree}")
        if patch.commit is not None:
            commit = _reworded(patch.commit, tree, repo.find("HEAD^"), worktree)
        words = ("-r", "-z", "--no-renames", "HEAD^", "HEAD", "--")
        fields = repo.ask("diff-tree", *words).split("\0")
        for entry, path in zip(fields[::2], fields[1::2], strict=False):
            mode, blob = entry.split()[1], entry.split()[3]
            if outcome is not Outcome.THREE_WAY and path not in patch.paths:
                raise MailError(
                    f"patch {patch.number}: changes {path}, which its diff did not show"
                )
            if mode == "120000":
                try:
                    check_link(path, repo.blob(blob))
                except BadPathError as error:
                    raise MailError(f"patch {patch.number}: {error}") from None
    return AppliedPatch(patch.number, patch.subject, outcome, commit, tree, detail)


def _reworded(text: CommitText, tree: str, parent: str, worktree: Worktree) -> str:
    """Make the commit just made say what the one says that the patch was made of; its hash."""
    head = f"tree {tree}\nparent {parent}\n".encode()
    whole = head + commit_text.object_of(text, " <".join(plumbing.IDENTITY) + ">")
    made = plumbing.run(
        ["hash-object", "-t", "commit", "-w", "--stdin"],
        worktree.settings,
        cwd=worktree.path,
        stdin=whole,
        capture=True,
    )
    commit = made.stdout.decode("ascii").strip()
    worktree.git("update-ref", "HEAD", commit)
    return commit


def _conflicts(patch: Patch, head: str, worktree: Worktree) -> tuple[Conflict, ...]:
    found: list[Conflict] = []
    with plumbing.open_repository(worktree.git_dir, worktree.settings) as repo:
        for diff in patch.files:
            name = diff.old_path or diff.path
            blob = repo.find(f"{head}:{name}")
            content = repo.blob(blob) if blob else None
            found += file_conflicts(diff, content)
    return tuple(found)
