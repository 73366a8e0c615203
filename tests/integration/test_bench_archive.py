# SPDX-License-Identifier: GPL-2.0-or-later
"""``ci/bench intake --archive``: a small public-inbox, read by patchtool, git and b4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci import bench_archive, bench_tags
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

DIFF = "---\n x.c | 2 +-\n\ndiff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n"


def mail(subject: str, ident: str, to: str, text: str, by: str = "Ann <ann@a.org>") -> str:
    head = f"From: {by}\nDate: Mon, 3 Feb 2025 10:00:00 +0000\nSubject: {subject}\n"
    head += f"Message-ID: <{ident}@x>\n" + (f"In-Reply-To: <{to}@x>\n" if to else "")
    return f"{head}\n{text}-- \n2.39.5\n\n"


MAILS = (
    mail("[PATCH 0/2] all", "c", "", "Cover.\n"),
    mail("[PATCH 1/2] a", "1", "c", f"Why.\n\n{DIFF}"),
    mail("[PATCH 2/2] b", "2", "c", f"Why.\n\n{DIFF}"),
    mail("Re: [PATCH 1/2] a", "r", "1", "Acked-by: Bob <bob@b.org>\n", "Bob <bob@b.org>"),
    mail("[PATCH] lost", "l", "", f"Why.\n\n{DIFF.replace('@@ -1 +1 @@', '@@ -1,4 +1,4 @@')}"),
    mail("[PATCH 1/2] other", "o", "c", f"Why.\n\n{DIFF}", "Bob <bob@b.org>"),
)


@pytest.mark.parametrize("version", [1, 2])
def test_a_small_archive(version: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a thread that two people post to, b4 finds a series that nobody sent."""
    git(tmp_path, "init", "-q")
    for number, text in enumerate(MAILS):
        name = "m" if version == 2 else f"{number:02}/mail"
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "mail")
    figures: dict[str, str] = {}

    def say(what: str, figure: str, _goal: str) -> None:
        figures[what.strip()] = figure

    bench_archive.bench(say, tmp_path, None)
    out = capsys.readouterr().out
    assert "6 of 6 mails" in out
    assert figures["patch mails read as git reads them, or better"] == "4 of 4 = 100.00 %"
    assert figures["mail refused, and git apply refuses its diff"] == "1"
    assert figures["b4 mixes or lacks patches of what is whole"] == "1"
    assert figures["refused, as git apply refuses a patch of it"] == "1"
    assert figures["refused, and the subjects agree with b4"] == "0 of 2"
    assert figures["taken otherwise, to be read"] == "0"
    assert "b4 mixes or lacks patches of what is whole: 1\n" in out


def test_the_newest_threads_are_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tmp_path, "init", "-q")
    for text in (MAILS[4], *MAILS[:4]):
        (tmp_path / "m").write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "mail")
    figures: dict[str, str] = {}

    def say(what: str, figure: str, _goal: str) -> None:
        figures[what.strip()] = figure

    bench_archive.bench(say, tmp_path, 1)
    assert "4 of 5 mails" in capsys.readouterr().out
    assert figures["series as b4 has them"] == "1 of 1"
    assert figures["series with tags, all as b4 has them"] == "1 of 1"
    assert figures["together"] == "1 = 100.00 %"


BOB = "Bob Builder <bob@b.org>"
ROBOT = "If you fix the issue, kindly add following tag\nReported-by: Robot <lkp@b.org>\n"
SHOWN = f"commit 0123456789ab\n    Author: {BOB}\n\n    x: do more\n\n    Acked-by: {BOB}\n"


@pytest.mark.parametrize(
    ("text", "by", "kind"),
    [
        ("Acked-by: Bob Builder <bob@elsewhere.org> # arm\n", BOB, ""),
        (f"Acked-by: {BOB} (for all of it)\n", BOB, ""),
        ("Acked-by: Ann <ann@a.org>\n", "Ann <ann@a.org>", ""),
        ("Acked-by: Bob Q. Builder <bob@elsewhere.org>\n", BOB, bench_tags.ADDRESS),
        (f"For patch 2:\nAcked-by: {BOB}\n", BOB, bench_tags.SCOPE),
        (f"Desk: {BOB}\n", BOB, bench_tags.NAMES),
        (ROBOT, "Robot <lkp@b.org>", bench_tags.ROBOT),
        (SHOWN, BOB, bench_tags.PASTED),
    ],
)
def test_who_is_right_about_a_tag(
    text: str, by: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Patch 1 has a tag of Ann itself, and replies give her tag again and one of Bob's."""
    own = f"Why.\n\nAcked-by: Ann <ann@a.org>\n{DIFF}"
    git(tmp_path, "init", "-q")
    for each in (
        MAILS[0],
        mail("[PATCH 1/2] a", "1", "c", own),
        MAILS[2],
        mail("Re: [PATCH 2/2] b", "s", "2", f"Tested-by: {BOB}\n", BOB),
        mail("Re: [PATCH 1/2] a", "r", "1", text, by),
    ):
        (tmp_path / "m").write_text(each)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "mail")
    figures: dict[str, str] = {}

    def say(what: str, figure: str, _goal: str) -> None:
        figures.setdefault(what.strip(), figure)

    bench_archive.bench(say, tmp_path, None)
    assert figures["series with tags, all as b4 has them"] == ("0 of 1" if kind else "1 of 1")
    assert {name for name in bench_tags.KINDS if figures[name] != "0"} == ({kind} - {""})
    out = capsys.readouterr().out
    assert bench_tags.MORE not in out
    assert bench_tags.LESS not in out
