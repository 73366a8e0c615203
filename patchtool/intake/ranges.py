# SPDX-License-Identifier: GPL-2.0-or-later
"""A range of commits as the series that ``git format-patch`` would make of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.intake.sources.files import SourceMails
from patchtool.series.compose import encoded, header
from patchtool.series.mail import Mail, parse_mail
from patchtool.series.model import Dependency, DependsOn, LeftOut
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree

#: Most commits a series is made of; a longer range is a mistake in its base.
LONGEST = 1000
_RANGE = re.compile(r"([^\s.:-][^\s:]*?)(?<!\.)\.\.(?![./])([^\s:]*)\Z")
_SPLIT = re.compile(rb"^From ([0-9a-f]{40,64}) Mon Sep 17 00:00:00 2001\n", re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_SUBJECT = re.compile(rb"^Subject: (?:\[PATCH\] ?)?", re.MULTILINE)
_TRACKED = "--- b4-submit-tracking ---"
#: What a user's or a repository's configuration could change is said outright.
_FORMAT = (
    "--stdout",
    "--pretty=mboxrd",
    "--no-numbered",
    "--subject-prefix=PATCH",
    "--no-signature",
    "--no-cover-letter",
    "--no-thread",
    "--no-attach",
    "--no-signoff",
    "--no-notes",
    "--no-base",
    "--no-from",
    "--no-to",
    "--no-cc",
    "--no-add-header",
    "--full-index",
    "--binary",
    "--find-renames",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=default",
    "--no-relative",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-O/dev/null",
)


@dataclass(frozen=True, slots=True)
class _Commit:
    name: str
    tree: str
    parents: tuple[str, ...]
    subject: str


def split_range(text: str) -> tuple[str, str] | None:
    """The A and B of ``A..B``; B is HEAD where nothing stands there; None where it is no range."""
    found = _RANGE.match(text)
    return (found[1], found[2] or "HEAD") if found else None


def load_range(tree: KernelTree, text: str, settings: Settings) -> SourceMails:
    """The commits of ``A..B`` as patches, oldest first, and what they stand on.

    The description of branch B (``git branch --edit-description``), or the cover letter that
    b4 keeps in an empty commit, becomes the cover letter.

    Args:
        tree: Where they are.
        text: The range.
        settings: The settings in force.

    Raises:
        UsageError: It is no range, a revision does not exist, or the range is empty, holds a
            merge, or more than :data:`LONGEST` commits.
        MailError: A commit cannot be a patch: a submodule, a link out of the tree.
    """
    ends = split_range(text)
    if ends is None:
        raise UsageError(f"{text}: not a git range", hint="write A..B: what B has and A has not")
    where = f"{tree.name}:{text}"
    with plumbing.open_repository(tree.git_dir, settings) as repo:
        first, last = (_resolved(repo, name, tree.name) for name in ends)
        commits = _commits(repo, first, last, where)
        log = repo.git.format_patch(
            *_FORMAT,
            f"{first}..{last}",
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            kill_after_timeout=repo.timeout,
        )
        assert isinstance(log, bytes)
        empty = _empty(repo, commits)
        notes = {
            commit.name: repo.ask("show", "-s", "--format=%B", commit.name) for commit in empty
        }
        described = _description(repo, ends[1])
    parts = _SPLIT.split(log)[1:]
    tracked = next((name for name, note in notes.items() if _TRACKED in note), None)
    cover = notes[tracked].partition(_TRACKED)[0] if tracked else described
    total = len(parts) // 2
    if total == 0:
        raise UsageError(f"{where}: no commit in it changes a file")
    mails = [
        _mail(parts[at + 1], f"{where} {parts[at][:12].decode()}", number, total)
        for number, at in enumerate(range(0, len(parts), 2), 1)
    ]
    if cover.strip():
        mails.insert(0, _cover(cover, parts[1], where, total))
    return SourceMails(
        tuple(mails),
        left_out=tuple(
            LeftOut(f"{where} {commit.name[:12]}", commit.subject, "a commit that changes no file")
            for commit in empty
            if commit.name != tracked
        ),
        dependencies=(Dependency(DependsOn.BASE_COMMIT, commits[0].parents[0], 0),)
        if commits[0].parents
        else (),
    )


def _resolved(repo: plumbing.Questions, name: str, tree: str) -> str:
    found = repo.find(f"{name}^{{commit}}")
    if not found:
        raise UsageError(
            f"{tree}: no commit {name!r}", hint="the ends of a range are commits, branches or tags"
        )
    return found


def _commits(repo: plumbing.Questions, first: str, last: str, where: str) -> list[_Commit]:
    """The commits, oldest first.

    Raises:
        UsageError: There is none, there are too many, or one is a merge.
    """
    lines = repo.ask(
        "log",
        "--topo-order",
        f"--max-count={LONGEST + 1}",
        "--no-show-signature",
        "--format=%H%x09%T%x09%P%x09%s",
        f"{first}..{last}",
    ).splitlines()
    rows = [line.split("\t", 3) for line in reversed(lines)]
    commits = [_Commit(name, tree, tuple(up.split()), subject) for name, tree, up, subject in rows]
    merges = [commit for commit in commits if len(commit.parents) > 1]
    if merges:
        named = "; ".join(f'{commit.name[:12]} ("{commit.subject}")' for commit in merges[:3])
        raise UsageError(
            f"{where}: {len(merges)} merges in the range: {named}. A merge cannot be mailed as a "
            "patch, and what it resolved would be lost",
            hint="rebase the branch, or start the range behind the last merge",
        )
    if not commits:
        raise UsageError(
            f"{where}: an empty range: the second commit has nothing that the first has not",
            hint="the older commit stands first: BASE..TOPIC",
        )
    if len(commits) > LONGEST:
        raise UsageError(
            f"{where}: more than {LONGEST} commits",
            hint="the first end is what the series is based on",
        )
    return commits


def _empty(repo: plumbing.Questions, commits: list[_Commit]) -> list[_Commit]:
    """Those whose tree is that of the commit before; the range has no merge, so it is a line."""
    parents = commits[0].parents
    before = repo.find(f"{parents[0]}^{{tree}}") if parents else ""
    found = []
    for commit in commits:
        if commit.tree == before:
            found.append(commit)
        before = commit.tree
    return found


def _description(repo: plumbing.Questions, name: str) -> str:
    """What ``branch.NAME.description`` says of the branch at the end of the range."""
    branch = name.removeprefix("refs/heads/")
    if name == "HEAD":
        _, out, _ = repo.git.symbolic_ref(
            "--quiet", "--short", "HEAD", with_extended_output=True, with_exceptions=False
        )
        branch = str(out).strip()
    _, out, _ = repo.git.config(
        "--get",
        f"branch.{branch}.description",
        with_extended_output=True,
        with_exceptions=False,
    )
    return str(out)


def _mail(data: bytes, where: str, number: int, total: int) -> Mail:
    text = _QUOTED.sub(rb"\1", data)
    prefix = f"Subject: [PATCH {number}/{total}] ".encode()
    return parse_mail(_SUBJECT.sub(prefix, text, count=1), where)


def _cover(text: str, first: bytes, where: str, total: int) -> Mail:
    """The cover letter; it is by the author of the first patch, at its date."""
    title, _, body = text.strip().partition("\n")
    head = first.partition(b"\n\n")[0].split(b"\nSubject:")[0]
    rest = header(("Subject", f"[PATCH 0/{total}] {encoded(title)}"))
    letter = f"{body.strip()}\n".encode("utf-8", "replace")
    return parse_mail(b"".join([head, b"\n", rest, letter]), f"{where} cover letter")
