# SPDX-License-Identifier: GPL-2.0-or-later
"""A series is posted, its archive page damaged, and recovered: commits must be the same again."""

from __future__ import annotations

import json
from email import message_from_string, policy
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from patchtool import cli
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from tests.lib.archive_page import Sent, folded_page, lined_page
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

LIFT = """\
// SPDX-License-Identifier: GPL-2.0
/*
 * Counts what a lift carries.
 */
#include <linux/kernel.h>
#include <linux/lift.h>

static int floors;

int lift_add(struct lift *lift, int weight)
{
\tint sum = lift->load;

\tif (weight < 0)
\t\treturn -EINVAL;

\tsum += weight;
\treturn sum;
}

void lift_stop(struct lift *lift)
{
\tlift->floor = 0;
}
"""
HEADER = """\
/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LIFT_H
#define _LIFT_H

/*
 * By Ann Lee <ann@example.org>
 */
struct lift {
\tint load;
\tint floor;
};

#endif
"""
STEPS: list[tuple[str, dict[str, str | None]]] = [
    (
        "lift: add a header",
        {"include/lift.h": HEADER, "lib/lift.c": LIFT.replace("<linux/lift.h>", '"lift.h"')},
    ),
    (
        "lift: keep the load",
        {
            "lib/lift.c": LIFT.replace("<linux/lift.h>", '"lift.h"').replace(
                "\tsum += weight;\n",
                "\tsum = sum + weight;\n\tif (sum > floors) {\n"
                "\t\tpr_info(\"full\\n\");\n\t\treturn -ERANGE;\n\t}\n\tlift->load = sum;\n",
            )
        },
    ),
    ("lift: no stops", {"lib/lift.c": None}),
]  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with the base on its branch and the series beyond it, on none."""
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    write(folder, {"lib/lift.c": LIFT, "Makefile": "VERSION = 6\n"})
    git(folder, "commit", "-q", "-m", "base")
    return folder


def write(folder: Path, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    git(folder, "add", "-A")


@pytest.fixture
def posted(tree: Path, tmp_path: Path) -> list[Sent]:
    """The mails of the series; its commits are in another repository."""
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(tree), str(other))
    for subject, files in STEPS:
        write(other, files)
        git(
            other, "commit", "-q", "-s", "-m", f"{subject}\n\nSays why.",
            GIT_AUTHOR_NAME="Ann Lee", GIT_AUTHOR_EMAIL="ann@example.org",
            GIT_COMMITTER_NAME="Ann Lee", GIT_COMMITTER_EMAIL="ann@example.org",
        )  # fmt: skip
    git(other, "format-patch", "-q", "-v2", "--cover-letter", "-o", str(tmp_path / "out"), "HEAD~3")
    mails = []
    for path in sorted((tmp_path / "out").iterdir()):
        mail = message_from_string(path.read_text(), policy=policy.default)
        date = parsedate_to_datetime(mail["Date"]).strftime("%Y-%b-%d %H:%M UTC")
        body = mail.get_content()
        if "0/3" in mail["Subject"]:
            body = body.replace("*** BLURB HERE ***", "Lifts count.").replace(
                "Jörg Doe, Jr", "Ann Lee"
            )
            body = body.replace("U (3):", "Ann Lee (3):")
        subject = str(mail["Subject"]).replace("*** SUBJECT HERE ***", "lifts that count")
        mails.append(Sent("Ann Lee", "ann@example.org", date, subject, body))
    reply = "On Tue, Ann Lee wrote:> + int load;Signed?\nReviewed-by: Bo Ek <bo@example.org>"
    mails.append(
        Sent("Bo Ek", "bo@example.org", "2025-Feb-04 10:00 UTC", f"Re: {mails[1].subject}", reply)
    )
    return mails


def run(*words: str | Path) -> int:
    return cli.run(["--progress", "none", "series", "recover", *map(str, words)])


def trees(folder: Path) -> list[str]:
    return git(folder, "log", "--reverse", "--format=%T %an <%ae> %s").split("\n")


@pytest.mark.parametrize("headless", [frozenset[int](), frozenset({2})])
def test_a_folded_page_becomes_the_same_commits(
    tree: Path, posted: list[Sent], tmp_path: Path, headless: frozenset[int],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    page = tmp_path / "page.txt"
    page.write_text(folded_page(posted, headless))
    out = tmp_path / "recovered"
    assert run(page, "--tree", tree, "-o", out) == 0
    said = capsys.readouterr().out
    assert "4 file diffs: 4 proved" in said
    names = sorted(path.name for path in out.iterdir())
    assert names == [
        "0000-cover-letter.patch", "0001-lift-add-a-header.patch", "0002-lift-keep-the-load.patch",
        "0003-lift-no-stops.patch", "recovery.json", "recovery.txt", "with-replies.mboxrd",
    ]  # fmt: skip
    git(tree, "am", "-q", *(str(out / name) for name in names[1:4]))
    assert trees(tree)[1:] == trees(tmp_path / "other")[1:]
    known = json.loads((out / "recovery.json").read_text())
    assert [file["verdict"] for patch in known["patches"] for file in patch["files"]] == [
        "proved"
    ] * 4
    assert known["commit"] == git(tree, "rev-parse", "HEAD~3")
    assert bool(known["patches"][1]["told"]) == bool(headless)


def test_what_is_written_can_be_loaded(tree: Path, posted: list[Sent], tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(folded_page(posted))
    out = tmp_path / "recovered"
    assert run(page, "--tree", tree, "-o", out) == 0
    settings = Settings(cache=tmp_path / "cache")
    for name in (out, out / "with-replies.mboxrd"):
        series = load_series(Reference(str(name), None, True), settings, Silent())
        assert (series.title, series.revision) == ("lifts that count", 2)
        assert [patch.subject for patch in series.patches] == [subject for subject, _ in STEPS]
    assert [review.author for review in series.patches[0].reviews] == ["Bo Ek <bo@example.org>"]


def test_a_page_with_line_breaks_becomes_the_same_file(
    tree: Path, posted: list[Sent], tmp_path: Path
) -> None:
    page = tmp_path / "page.txt"
    page.write_text(lined_page(posted[1]))
    out = tmp_path / "recovered"
    assert run(page, "--tree", tree, "-o", out, "--base", "main") == 0
    git(tree, "am", "-q", str(out / "0001-lift-add-a-header.patch"))
    assert (tree / "lib/lift.c").read_text() == STEPS[0][1]["lib/lift.c"]


def test_without_a_tree_the_blobs_that_are_needed_are_named(
    tree: Path, posted: list[Sent], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.txt"
    page.write_text(folded_page(posted))
    out = tmp_path / "recovered"
    assert run(page, "-o", out) == 1
    said = capsys.readouterr().out
    blob = git(tree, "rev-parse", "--short", "HEAD:lib/lift.c")
    assert f"needed for a proof: blob {blob} of lib/lift.c" in said
    assert (out / "0001-lift-add-a-header.patch.incomplete").is_file()
    assert "Says why." in (out / "0002-lift-keep-the-load.patch.incomplete").read_text()


def test_files_that_are_there_are_kept(tree: Path, posted: list[Sent], tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(folded_page(posted))
    out = tmp_path / "recovered"
    out.mkdir()
    mine = out / "recovery.txt"
    mine.write_text("mine")
    assert run(page, "--tree", tree, "-o", out) == 2
    assert [path.name for path in out.iterdir()] == ["recovery.txt"]
    assert mine.read_text() == "mine"
    (out / "notes").write_text("mine as well")
    assert run(page, "-o", out, "--force") == 1
    assert run(page, "--tree", tree, "-o", out, "--force") == 0
    assert not list(out.glob("*.incomplete"))
    assert (out / "notes").read_text() == "mine as well"
    assert not list(tmp_path.glob(".recovered*"))


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("missing.txt",), 2),
        (("page.txt", "--tree", "no-such-tree"), 2),
        (("page.txt", "--base", "main"), 2),
        (("empty.txt",), 1),
    ],
)
def test_what_cannot_be_is_refused(
    posted: list[Sent], tmp_path: Path, words: tuple[str, ...], status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "page.txt").write_text(folded_page(posted))
    (tmp_path / "empty.txt").write_text("\n")
    monkeypatch.chdir(tmp_path)
    assert run(*words) == status


def test_json_is_printed(
    tree: Path, posted: list[Sent], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.txt"
    page.write_text(folded_page(posted))
    assert run(page, "--tree", tree, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [patch["number"] for patch in found["patches"]] == [1, 2, 3]
    assert found["patches"][0]["reviews"][0]["author"] == "Bo Ek <bo@example.org>"
