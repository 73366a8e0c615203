# SPDX-License-Identifier: GPL-2.0-or-later
"""A message that git cuts was cut without a word; a table in one was refused as a broken diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from patchtool.lint import cuts
from patchtool.lint.findings import Severity
from patchtool.series.mail import parse_mail
from patchtool.series.message_end import is_scissors
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.lint.findings import Finding

SIGNED = "Signed-off-by: J <j@example.org>"
QUOTED = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-1\n+one\n 2\n"
NOTE, WARNING, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR
#: A message, the line at which git ends it, how bad that is, and what is said of it.
CUT = {
    "table": (f"Figures:\n\n--- before\n+++ after\n 1  2\n\n{SIGNED}", 5, WARNING, "5 lines"),
    "rule": (f"Why.\n\n---\n\nMore.\n\n{SIGNED}", 5, WARNING, f"with {SIGNED}"),
    "notes": (f"Why.\n\n{SIGNED}\n---\nv2: another way", 6, NOTE, "1 line is lost"),
    "quoted": (f"It was:\n\n{QUOTED}\n{SIGNED}", 5, ERROR, "for a part of the patch"),
    "index": (f"Why.\n\nIndex: of figures\n\n{SIGNED}", 5, WARNING, "3 lines"),
    "diff": (f"diff -u says so\n\n{SIGNED}", 3, WARNING, "3 lines"),
}
#: Messages that git takes whole.
WHOLE = {
    "plain": f"Why.\n\n{SIGNED}",
    "indented": f"It was:\n\n  --- a/f\n  +++ b/f\n\n{SIGNED}",
    "dashes": f"Why.\n----\n-- 2 --\n--option\n\n{SIGNED}",
    "empty": "",
}


class Tree:
    """A tree with a commit on top of a base, whose message is to be posted."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "tree"
        self.top.mkdir()
        self.conf = Settings(cache=folder / "cache", data=folder / "data", state=folder / "state")
        git(self.top, "init", "-q", "-b", "main")
        (self.top / "f").write_text("".join(f"{n}\n" for n in range(1, 30)))
        git(self.top, "add", ".")
        git(self.top, "commit", "-q", "-m", "base")

    def commit(self, message: str) -> bytes:
        """Commit a change; the mail that format-patch makes of it."""
        text = (self.top / "f").read_text()
        (self.top / "f").write_text(text.replace("20\n", "twenty\n"))
        git(self.top, "commit", "-q", "-a", "--cleanup=verbatim", "-m", f"x: y\n\n{message}\n")
        return git(self.top, "format-patch", "-1", "--stdout").encode() + b"\n"

    def findings(self, source: str) -> tuple[Finding, ...]:
        return cuts.check(load_series(Reference(source), self.conf, Silent()))

    def mailinfo(self, mail: bytes, *options: str) -> str:
        git(self.top, "mailinfo", *options, "msg", "patch", stdin=mail)
        return (self.top / "msg").read_text().strip()


@pytest.fixture
def it(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.mark.parametrize("name", CUT)
def test_where_git_cuts_is_said_with_what_is_lost(it: Tree, tmp_path: Path, name: str) -> None:
    message, line, severity, words = CUT[name]
    mail = it.commit(message)
    (tmp_path / "x.patch").write_bytes(mail)
    (posted,) = it.findings(str(tmp_path / "x.patch"))
    (ranged,) = it.findings(f"{it.top}:HEAD~1..HEAD")
    assert posted == ranged
    assert (posted.id, posted.severity, posted.place) == (
        "message-cut",
        severity,
        f"message:{line}",
    )
    assert words in posted.text
    whole = git(it.top, "log", "-1", "--format=%B").split("\n")
    assert posted.source == whole[line - 1]
    kept = it.mailinfo(mail)
    assert kept == "\n".join(whole[2 : line - 1]).strip()
    assert kept == parse_mail(mail, "x").message


@pytest.mark.parametrize("name", WHOLE)
def test_a_message_that_git_takes_whole_is_not_complained_of(
    it: Tree, tmp_path: Path, name: str
) -> None:
    mail = it.commit(WHOLE[name])
    (tmp_path / "x.patch").write_bytes(mail)
    assert it.mailinfo(mail) == WHOLE[name].strip()
    assert it.findings(str(tmp_path / "x.patch")) == it.findings(f"{it.top}:HEAD~1..HEAD") == ()


def test_what_a_mail_program_adds_below_the_diff_is_no_cut(it: Tree, tmp_path: Path) -> None:
    mail = it.commit("Why.") + b"---\nThis mail was checked for nothing.\n"
    (tmp_path / "x.patch").write_bytes(mail)
    assert it.findings(str(tmp_path / "x.patch")) == ()


@pytest.mark.parametrize(
    "line",
    [
        "-- >8 --", "--8<--", "------8<------", "- - - >8 - - - cut here - - - >8 - - -",
        "-- 8< -- cut here", ">8", "cut -- 8< -- here and there and at yet another place", "-----",
        "a >8 b", "---->%---- snip", ">8 >8 >8", "-          8<         -", "--  >8  -",
    ],
)  # fmt: skip
def test_scissors_are_those_of_git(it: Tree, tmp_path: Path, line: str) -> None:
    message = f"Above.\n\n{line}\n\nBelow."
    mail = it.commit(message)
    cut = it.mailinfo(mail, "--scissors") != it.mailinfo(mail, "--no-scissors")
    (tmp_path / "x.patch").write_bytes(mail)
    found = it.findings(str(tmp_path / "x.patch"))
    assert is_scissors(line) is cut
    assert [each.id for each in found] == ["message-scissors"] * cut
    assert [each.place for each in found] == ["message:5"] * cut
