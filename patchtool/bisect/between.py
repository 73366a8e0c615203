# SPDX-License-Identifier: GPL-2.0-or-later
"""The commits between a good and a bad end of a user's tree, which is only read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.bisect.values import History, Verdict
from patchtool.core.text import one_line
from patchtool.errors import CommandError, UsageError
from patchtool.tree import plumbing
from patchtool.tree.commit_range import resolved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree

#: A range of so many commits is a mistake in one of its ends: all of Linux has 1.4 million.
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Between:
    """What the bad end has and the good end has not.

    Attributes:
        good: Hash of the good end.
        bad: Hash of the bad end.
        names: The hashes of the commits, parents before their children. The last one is the bad
            end; where the search is limited to paths, the last commit that changed one of them.
        subjects: Subject of each commit, and of the ends and bases, by hash.
        bases: Hashes of the merge bases, where the good end did not lead to the bad one; the
            search is for a commit behind these, and they have to be good.
        history: The same commits as a graph.
        places: The number of each commit in it, by hash.
    """

    good: str
    bad: str
    names: tuple[str, ...]
    subjects: Mapping[str, str]
    bases: tuple[str, ...]
    history: History
    places: Mapping[str, int]

    @property
    def last(self) -> str:
        """Hash of the commit that the search takes for the bad end."""
        return self.names[-1]

    def number(self, name: str) -> int | None:
        """The number of a commit in the history; -1 for the good end, None for no such commit."""
        if name == self.good:
            return -1
        return self.places.get(name)

    def parents(self, at: int) -> tuple[str, ...]:
        """The commits before one, of those that change the image; else the good end, or the bases.

        Args:
            at: The number of the commit.
        """
        found: list[str] = []
        above = list(self.history.parents[at])
        while above:
            parent = above.pop(0)
            if parent in self.history.same_as_parent:
                above += self.history.parents[parent]
            else:
                found.append(self.names[parent])
        return tuple(dict.fromkeys(found)) or self.bases or (self.good,)


@dataclass(frozen=True, slots=True)
class Words:
    """How the two ends are called to the user.

    Attributes:
        good: Of a commit without the symptom: ``good``, or what ``--term-old`` says.
        bad: Of one with it: ``bad``, or what ``--term-new`` says.
    """

    good: str = "good"
    bad: str = "bad"

    def of(self, verdict: Verdict | None) -> str:
        """A verdict in the user's words; None is that an image is that of another commit."""
        if verdict is None:
            return "same"
        return {Verdict.GOOD: self.good, Verdict.BAD: self.bad}.get(verdict, "skip")


def between(
    tree: KernelTree,
    good: str,
    bad: str,
    settings: Settings,
    *,
    first_parent: bool = False,
    paths: Sequence[str] = (),
    words: Words = Words(),
) -> Between:
    """The commits from which *bad* got what *good* has not.

    Args:
        tree: Where they are.
        good: A commit without the symptom, by any name.
        bad: A commit with it.
        settings: The settings in force.
        first_parent: Of merges, follow the first parent alone.
        paths: Only commits that change one of these files or folders.
        words: How the ends are called to the user.

    Raises:
        UsageError: There is no such commit, or there is nothing between them to search.
        CommandError, CommandTimeout: git failed.
    """
    with plumbing.open_repository(tree.git_dir, settings) as repo:
        first, last = resolved(repo, good, tree.name), resolved(repo, bad, tree.name)
        shallow = repo.ask("rev-parse", "--is-shallow-repository") == "true"
    if first == last:
        raise UsageError(
            f"{good} and {bad} are the same commit, {first[:12]}: it cannot be {words.good} and "
            f"{words.bad}",
            hint="name a commit that came before the symptom, and one that shows it",
        )
    bases = _bases(tree, first, last, settings)
    if not bases:
        raise _never_met(tree, good, bad, shallow=shallow)
    if last in bases:
        raise UsageError(
            f"{bad} ({words.bad}) came before {good} ({words.good}): nothing is between them in "
            "this direction",
            hint="to find the commit that brought a regression, exchange the two; to find the "
            "one that fixed it, say --term-old broken --term-new fixed, and name the older one "
            f"--{'good' if words.good == 'good' else words.good}",
        )
    listed = _list(tree, first, last, settings, first_parent=first_parent, paths=paths)
    if not listed:
        raise UsageError(
            f"no commit between {good} and {bad} changes {', '.join(paths) or 'anything'}",
            hint="name other paths, or none" if paths else "",
        )
    if len(listed) > LONGEST:
        raise UsageError(f"{good}..{bad}: more than {LONGEST} commits", hint="name a later one")
    if shallow:
        _refuse_cut(tree, [name for name, _, _ in listed])
    places = {name: at for at, (name, _, _) in enumerate(listed)}
    parents = tuple(
        tuple(places[parent] for parent in above if parent in places) for _, above, _ in listed
    )
    subjects = {name: subject for name, _, subject in listed}
    subjects |= _subjects(tree, (first, last, *bases), settings)
    return Between(
        good=first,
        bad=last,
        names=tuple(places),
        subjects=subjects,
        bases=() if bases == (first,) else bases,
        history=History(parents),
        places=places,
    )


def _never_met(tree: KernelTree, good: str, bad: str, *, shallow: bool) -> UsageError:
    if shallow:
        return UsageError(
            f"{tree.name}: a shallow clone, which does not reach back to where {good} and {bad} "
            "met",
            hint="`git fetch --unshallow` gets the rest of its history; patchtool never fetches "
            "into a tree",
        )
    return UsageError(
        f"{tree.name}: {good} and {bad} have no commit in common, so that no commit between them "
        "can be the first",
        hint="name two commits of one history",
    )


def _refuse_cut(tree: KernelTree, names: Sequence[str]) -> None:
    """Refuse a range of which a shallow clone lacks a part."""
    cut = set(tree.shallow.read_text(encoding="ascii").split())
    missing = [name for name in names if name in cut]
    if missing:
        raise UsageError(
            f"{tree.name}: a shallow clone: what came before {missing[0][:12]} belongs to the "
            "range, and is not there",
            hint="`git fetch --unshallow` gets it; patchtool never fetches into a tree",
        )


def _bases(tree: KernelTree, good: str, bad: str, settings: Settings) -> tuple[str, ...]:
    words = ("merge-base", "--all", good, bad)
    return tuple(_ask(tree, settings, *words, may_fail=True).split())


def _list(
    tree: KernelTree,
    good: str,
    bad: str,
    settings: Settings,
    *,
    first_parent: bool,
    paths: Sequence[str],
) -> list[tuple[str, list[str], str]]:
    """Hash, parents and subject of each commit, parents first."""
    form = ["--topo-order", "--reverse", "--parents", "--format=%s"]
    if first_parent:
        form.append("--first-parent")
    literal = [f":(literal){path}" for path in paths]
    told = _ask(tree, settings, "rev-list", *form, bad, f"^{good}", "--", *literal)
    lines = told.split("\n")
    rows = zip(lines[::2], lines[1::2], strict=False)
    found = []
    for head, subject in rows:
        _, name, *parents = head.split()
        found.append((name, parents[:1] if first_parent else parents, one_line(subject)))
    return found


def _subjects(tree: KernelTree, names: Sequence[str], settings: Settings) -> dict[str, str]:
    told = _ask(tree, settings, "rev-list", "--no-walk=unsorted", "--format=%s", *names)
    lines = told.split("\n")
    rows = zip(lines[::2], lines[1::2], strict=False)
    return {head.split()[1]: one_line(subject) for head, subject in rows}


def _ask(tree: KernelTree, settings: Settings, *words: str, may_fail: bool = False) -> str:
    """What git prints; nothing where it *may_fail* with status 1 and did."""
    env = {"GIT_DIR": str(tree.git_dir), "GIT_OPTIONAL_LOCKS": "0"}
    done = plumbing.run(
        words, settings, cwd=tree.git_dir, env=env, capture=True, check=not may_fail
    )
    if done.status not in (0, 1):
        raise CommandError(done.argv, done.status, done.tail)
    return done.stdout.decode("utf-8", "replace")
