# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree's history, as it is asked when the place of a series is looked for. Only reads."""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.errors import CommandTimeout, UsageError
from patchtool.tree import plumbing
from patchtool.tree.partial_clone import is_partial, missing
from patchtool.tree.release import RELEASE_TAG, tag_age

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree

#: What a repository's own configuration may say, and what is read here does not bear.
_PLAIN = (
    *("-c", "core.quotePath=false"),
    *("-c", "log.showSignature=false"),
    *("-c", "log.follow=false"),
    *("-c", "diff.noprefix=false"),
    *("-c", "diff.mnemonicPrefix=false"),
)
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1"}
_START = "\x01"  # in front of each commit that `git log` lists for us


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, as people are told of it.

    Attributes:
        hash: In full.
        date: Of the committer, ``YYYY-MM-DD``.
        subject: The first line of its message.
        time: Of the committer, seconds since 1970; what `date` is of.
        parents: How many it has.
    """

    hash: str
    date: str
    subject: str
    time: int
    parents: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A release tag: its name, its commit's hash, the commit's time (seconds since 1970)."""

    name: str
    commit: str
    time: int


@dataclass(frozen=True, slots=True)
class Transition:
    """A commit that gives a path a blob that none of its parents has there.

    Attributes:
        commit: Its hash.
        path: The path.
        olds: The blob each parent has; empty where there is no file.
        new: The blob it has; empty when it removes the file.
    """

    commit: str
    path: str
    olds: tuple[str, ...]
    new: str


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk through the history found, newest first.

    Attributes:
        merges: The merges at which the given paths, taken together, differ from each parent.
        transitions: The changes of single paths.
    """

    merges: tuple[str, ...]
    transitions: tuple[Transition, ...]


def parse_walk(text: str) -> Walk:
    """Read ``git log -c -z --raw --no-abbrev --format=%x01%H %P``."""
    merges: list[str] = []
    found: list[Transition] = []
    commit, tokens = "", iter(text.split("\0"))
    for token in tokens:
        line = token.lstrip("\n")
        if line.startswith(_START):
            commit, *parents = line[1:].split()
            if len(parents) > 1:
                merges.append(commit)
        elif line.startswith(":"):
            count = len(line) - len(line.lstrip(":"))
            words = line[count:].split()
            blobs = [blob if blob.strip("0") else "" for blob in words[count + 1 : -1]]
            found.append(Transition(commit, next(tokens, ""), tuple(blobs[:count]), blobs[-1]))
    return Walk(tuple(merges), tuple(found))


@dataclass(frozen=True, slots=True)
class History:
    """Questions to a tree's history; see :func:`patchtool.tree.plumbing.run` for errors.

    Attributes:
        tree: The tree.
        settings: The settings in force.
        repo: The tree, opened.
        deadline: When the time for all questions is up, as :func:`time.monotonic` counts; what
            is asked then, or takes longer, raises CommandTimeout.
    """

    tree: KernelTree
    settings: Settings
    repo: plumbing.Questions
    deadline: float = math.inf
    _tags: list[tuple[Tag, ...]] = field(default_factory=list)

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.deadline

    def _seconds(self, verb: str) -> float:
        """How long the next command may take."""
        if self.late:
            raise CommandTimeout(["git", verb], 0.0, "no time was left for it")
        return min(self.settings.git_timeout, self.deadline - time.monotonic())

    def ask(self, verb: str, *words: str, env: Mapping[str, str] | None = None) -> str:
        """What a git command that ends at once prints, without the last line end."""
        return self.try_(verb, *words, env=env)[1]

    def try_(
        self, verb: str, *words: str, env: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """The status of a git command that ends at once, and what it printed on both outputs.

        Raises:
            CommandTimeout: It did not end in time.
            MissingObjects: It needs what a partial clone lacks.
        """
        seconds = self._seconds(verb)
        git = self.repo.git
        with git.custom_environment(**{**_ENVIRONMENT, **(env or {})}):
            status, out, said = getattr(git, verb.replace("-", "_"))(
                *words,
                with_extended_output=True,
                with_exceptions=False,
                kill_after_timeout=seconds,
            )
        if plumbing.TIMED_OUT.match(str(said)):
            raise CommandTimeout(["git", verb, *words], seconds, str(said))
        if lacking := missing(["git", verb, *words], status, str(said), self.tree.git_dir):
            raise lacking
        return status, str(out), str(said)

    def walk_output(self, *words: str, stdin: str | None = None) -> str:
        """What a git command prints that walks the history.

        Raises:
            CommandError, CommandTimeout: As :func:`patchtool.tree.plumbing.run`.
        """
        done = plumbing.run(
            [*_PLAIN, *words],
            self.settings,
            cwd=self.tree.git_dir,
            env={**_ENVIRONMENT, "GIT_DIR": str(self.tree.git_dir)},
            stdin=None if stdin is None else stdin.encode(errors="surrogateescape"),
            capture=True,
            timeout=self._seconds(words[0]),
        )
        return done.stdout.decode(errors="surrogateescape").rstrip("\n")

    def find(self, name: str) -> str:
        """The full hash of the commit *name*, or an empty string."""
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return self.ask(*words)

    def tip(self, rev: str | None) -> tuple[str, str]:
        """The name and hash of *rev*; of HEAD, or the newest release, if it is None.

        Raises:
            UsageError: There is no such commit.
        """
        tags = sorted(self.tags(), key=lambda tag: tag_age(tag.name), reverse=True)
        names = [rev] if rev is not None else ["HEAD", *(tag.name for tag in tags[:1])]
        for name in names:
            commit = self.find(name)
            if commit:
                return name, commit
        newest = ", ".join(tag.name for tag in tags[:5]) or "none"
        what = f"tip {rev!r} does not exist" if rev is not None else "it has no commit"
        raise UsageError(f"{self.tree.name}: {what}", hint=f"its newest release tags: {newest}")

    def tags(self) -> tuple[Tag, ...]:
        """The release tags, oldest release first; asked once."""
        if not self._tags:
            self._tags.append(self._read_tags())
        return self._tags[0]

    def _read_tags(self) -> tuple[Tag, ...]:
        form = "%(objecttype) %(objectname) %(*objectname) %(refname:lstrip=2)"
        times = "%(committerdate:unix)%(*committerdate:unix)"
        listed = self.ask("for-each-ref", f"--format={times} {form}", "refs/tags")
        found = []
        for line in listed.splitlines():
            words = line.split()
            if len(words) < 4 or not words[0].isdigit() or not RELEASE_TAG.match(words[-1]):
                continue
            found.append(Tag(words[-1], words[-2], int(words[0])))
        return tuple(sorted(found, key=lambda tag: tag_age(tag.name)))

    def name_of(self, commit: str) -> str:
        """The release tag of a commit; else its hash, shortened."""
        return next((tag.name for tag in self.tags() if tag.commit == commit), commit[:12])

    def heads(self) -> tuple[tuple[str, str, int], ...]:
        """The branches, the user's and those fetched: full name, hash, time."""
        form = "--format=%(refname) %(objectname) %(committerdate:unix)"
        listed = self.ask("for-each-ref", form, "refs/heads", "refs/remotes").splitlines()
        rows = [line.split() for line in listed]
        return tuple((row[0], row[1], int(row[2])) for row in rows if len(row) == 3)

    def walk(self, revs: Sequence[str], paths: Sequence[str], *options: str) -> Walk:
        """How *paths* changed in the history of *revs*.

        As git simplifies it: where a merge has taken all of *paths* from one parent, the
        others are not looked at.
        """
        form = ("-c", "-z", "--raw", "--no-abbrev", "--no-renames", "--root", "--date-order")
        words = ("log", *form, f"--format={_START}%H %P", *options, *revs, "--", *paths)
        return parse_walk(self.walk_output(*words))

    def states(self, commits: Sequence[str], paths: Sequence[str]) -> list[dict[str, str]]:
        """For each commit its blobs: path to hash; a path that is no file there is left out."""
        asked = "".join(f"{commit}:{path}\n" for commit in commits for path in paths)
        form = "--batch-check=%(objecttype) %(objectname)"
        lines = iter(self.walk_output("cat-file", form, stdin=asked).splitlines())
        found = []
        partial = is_partial(self.tree.objects)
        for commit in commits:
            rows = [(path, next(lines, "").split(" ")) for path in paths]
            there = {path: row[1] for path, row in rows if row[0] == "blob"}
            if partial and len(there) < len(paths):
                there = self._listed(commit, paths)
            found.append(there)
        return found

    def _listed(self, commit: str, paths: Sequence[str]) -> dict[str, str]:
        """The blobs of *paths* at a commit by its trees alone, also blobs that are missing."""
        listed = self.walk_output("ls-tree", "-z", "--full-tree", commit, "--", *paths)
        rows = (entry.partition("\t") for entry in listed.split("\0") if entry)
        blobs = ((head.split(), path) for head, _, path in rows)
        return {path: head[2] for head, path in blobs if head[1] == "blob"}

    def resolve(self, blobs: Sequence[str]) -> dict[str, str]:
        """For abbreviated hashes: the full one, ``ambiguous``, or empty where there is none."""
        asked = "".join(f"{blob}\n" for blob in blobs)
        lines = self.walk_output(
            "cat-file", "--batch-check=%(objectname)", stdin=asked
        ).splitlines()
        known = {"missing": "", "ambiguous": "ambiguous"}
        words = [line.split() for line in lines]
        return {blob: known.get(row[-1], row[0]) for blob, row in zip(blobs, words, strict=False)}

    def contents(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """The content of each blob that is there."""
        found = {}
        for blob in blobs:
            with contextlib.suppress(ValueError):  # a partial clone may lack some
                found[blob] = self.repo.git.get_object_data(blob)[3]
        return found

    def commits(self, names: Sequence[str]) -> dict[str, Commit]:
        """What is known about commits, by hash."""
        if not names:
            return {}
        words = ("log", "--no-walk=unsorted", "-s", "--format=%H%x00%cs%x00%ct%x00%P%x00%s")
        listed = self.walk_output(*words, "--stdin", stdin="".join(f"{name}\n" for name in names))
        found = {}
        for line in listed.split("\n"):
            name, date, time, parents, subject = line.split("\0", 4)
            found[name] = Commit(name, date, subject, int(time), len(parents.split()))
        return found
