# SPDX-License-Identifier: GPL-2.0-or-later
"""A range of commits as the series that ``git format-patch`` would make of it."""

from __future__ import annotations

import re
from dataclasses import replace
from email.utils import format_datetime
from typing import TYPE_CHECKING

from patchtool.errors import UsageError
from patchtool.intake.sources.files import SourceMails
from patchtool.series import compose
from patchtool.series.author import parse_date
from patchtool.series.commit_text import CommitText
from patchtool.series.diff import parse_diff
from patchtool.series.encoded_words import text_of
from patchtool.series.envelope import one_line, parse_subject
from patchtool.series.mail import Mail, parse_mail
from patchtool.series.message_end import cut_of, mailable, strip_space
from patchtool.series.model import Dependency, DependsOn, LeftOut
from patchtool.tree import commit_range, plumbing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.settings import Settings
    from patchtool.tree.commit_range import RangeCommit
    from patchtool.tree.kernel_tree import KernelTree

_RANGE = re.compile(r"([^\s.:-][^\s:]*?)(?<!\.)\.\.(?![./])([^\s:]*)\Z")
_TRACKED = "--- b4-submit-tracking ---"
_NO_SUBJECT = "(no subject)"  # in the mail only, which has to have one


def split_range(text: str) -> tuple[str, str] | None:
    """The A and B of ``A..B``; B is HEAD where nothing stands there; None where it is no range."""
    found = _RANGE.match(text)
    return (found[1], found[2] or "HEAD") if found else None


def load_range(tree: KernelTree, text: str, settings: Settings) -> SourceMails:
    """The commits of ``A..B`` as patches, oldest first, and what they stand on.

    Author, subject and message are the commits', whatever they hold; nothing goes through a
    mail. The description of branch B (``git branch --edit-description``), or the cover letter
    that b4 keeps in an empty commit, becomes the cover letter.

    Args:
        tree: Where they are.
        text: The range.
        settings: The settings in force.

    Raises:
        UsageError: It is no range, a revision does not exist, or the range is empty, holds a
            merge, or more than :data:`patchtool.tree.commit_range.LONGEST` commits.
        MailError: A commit cannot be a patch: a submodule, a link out of the tree.
        CommandError: git failed.
    """
    ends = split_range(text)
    if ends is None:
        raise UsageError(f"{text}: not a git range", hint="write A..B: what B has and A has not")
    where = f"{tree.name}:{text}"
    with plumbing.open_repository(tree.git_dir, settings) as repo:
        first, last = (commit_range.resolved(repo, name, tree.name) for name in ends)
        commits = commit_range.commits(tree, first, last, where, settings)
        described = _description(repo, ends[1])
        empty = _empty(repo, commits)
    changing = [commit for commit in commits if commit not in empty]
    if not changing:
        raise UsageError(f"{where}: no commit in it changes a file")
    diffs = commit_range.diffs(tree, changing, settings)
    total = len(changing)
    mails = [
        _mail(commit.text, diff, f"{where} {commit.name[:12]}", f"{number}/{total}")
        for number, (commit, diff) in enumerate(zip(changing, diffs, strict=True), 1)
    ]
    notes = {commit: f"{commit.text.subject}\n{commit.text.body}" for commit in empty}
    tracked = next((commit for commit, note in notes.items() if _TRACKED in note), None)
    cover = notes[tracked].partition(_TRACKED)[0] if tracked else described
    if cover.strip():
        mails.insert(0, _cover(cover, mails[0], f"{where} cover letter", total))
    return SourceMails(
        tuple(mails),
        left_out=tuple(
            LeftOut(
                f"{where} {commit.name[:12]}", commit.text.subject, "a commit that changes no file"
            )
            for commit in empty
            if commit is not tracked
        ),
        dependencies=(Dependency(DependsOn.BASE_COMMIT, commits[0].parents[0], 0),)
        if commits[0].parents
        else (),
    )


def _empty(repo: plumbing.Questions, commits: Sequence[RangeCommit]) -> list[RangeCommit]:
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


def _mail(text: CommitText, diff: bytes, where: str, number: str) -> Mail:
    """A commit as the patch it would be posted as.

    Its mail is what git applies; where that would not give back what the commit says, the
    patch bears that beside it.
    """
    prefix, _ = parse_subject(f"[PATCH {number}]")
    title = parse_subject(f"[PATCH] {one_line(text.subject)}")[1] or _NO_SUBJECT
    message = strip_space(text.body)
    head = compose.patch_mail(
        prefix.tags, title, text.sender, text.when, mailable(message), None, b"---\n"
    )
    lasting = _given_back(head, where) == text
    stat, _, _ = diff.partition(b"\ndiff --git ")
    return Mail(
        where=where,
        line=1,
        prefix=prefix,
        subject=text.subject,
        author=text.name,
        sender=text.name,
        date=format_datetime(text.when),
        message=text.body,
        notes=text_of(stat),
        text=text.body,
        message_id=None,
        parents=(),
        recipients=(),
        files=parse_diff(diff, where),
        raw=head + diff,
        commit=None if lasting else text,
        cut=cut_of(text.body, b"---\n" + diff),
    )


def _given_back(mail: bytes, where: str) -> CommitText:
    """What a commit made of *mail* says."""
    read = parse_mail(mail, where)
    when = parse_date(read.date, where)
    author = f"{read.author} {when.timestamp():.0f} {when:%z}"
    paragraphs = [read.subject, read.message] if read.message else [read.subject]
    return CommitText(author.encode(), ("\n\n".join(paragraphs) + "\n").encode())


def _cover(text: str, first: Mail, where: str, total: int) -> Mail:
    """The cover letter; it is by the author of the first patch, at its date."""
    title, _, body = text.strip().partition("\n")
    words = body.strip()
    return replace(
        first,
        where=where,
        prefix=parse_subject(f"[PATCH 0/{total}]")[0],
        subject=one_line(title),
        message=words,
        notes="",
        text=words,
        files=(),
        raw=b"",
        commit=None,
    )
