# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool revisions`` from mailboxes to text, JSON and Markdown; and what it refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import ANY

import pytest
from click.testing import CliRunner

from patchtool.cli import patchtool
from patchtool.cli import run as run_cli
from patchtool.errors import UsageError
from patchtool.revisions.compare import compare
from tests.lib.revised import BOB, Draft, Post, Reply, edit, post

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

ALPHA = ("\t\tcount_alpha(result);", "\t\tcount_alpha_locked(result, GFP_KERNEL);")
ATOMIC = (ALPHA[0], "\t\tcount_alpha_locked(result, GFP_ATOMIC);\x1b[31m")
OMEGA = ("\t\tcount_omega(result);", "\t\tcount_omega_pages(result, zone);")
OTHER = edit("fs: b of <b>all</b>", OMEGA, path="fs/b.c")
OLD = Post(
    (edit("mm: lock alpha", ALPHA), OTHER),
    cover="Why.\n",
    replies=(Reply(1, f"Acked-by: {BOB}\n"),),
)
TAGGED = f"Why it is so.\n\nAcked-by: {BOB}\n"
LOG = "v2:\n- Use GFP_ATOMIC\n- Take the zone lock\n"
NEW = Post((edit("mm: lock alpha", ATOMIC, text=TAGGED), OTHER), 2, f"Why.\n\n{LOG}\n")


def run(folder: Path, *options: str, old: Post = OLD, new: Post = NEW) -> Result:
    for name, posting in (("old", old), ("new", new)):
        (folder / f"{name}.mbox").write_bytes(posting.mails())
    names = [str(folder / "old.mbox"), str(folder / "new.mbox")]
    words = ["--progress", "none", "revisions", *names, *options]
    return CliRunner().invoke(patchtool, words, standalone_mode=False)


def test_the_text(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.return_value == 1  # a stale tag
    text = result.output
    assert "  1  !  1    mm: lock alpha" in text
    assert "  2  =  2    fs: b of <b>all</b>" in text
    assert re.search(r"^  -\+ +count_alpha_locked\(result, GFP_KERNEL\);$", text, re.MULTILINE)
    assert re.search(r"^  \+\+ +count_alpha_locked\(result, GFP_ATOMIC\);$", text, re.MULTILINE)
    assert "1.1 (GFP_ATOMIC)" in text
    assert "nothing in the mails shows it" in text
    assert text.rstrip().endswith(
        "1 unchanged, 1 changed; 1 remark: 1 nothing asked; none open; 1 tag stale"
    )
    assert "\x1b" not in text


def test_the_text_without_what_differs(tmp_path: Path) -> None:
    text = run(tmp_path, "--no-diff").output
    assert "GFP_KERNEL" not in text
    assert "GFP_ATOMIC" in text


def test_json_has_what_the_text_has(tmp_path: Path) -> None:
    values = json.loads(run(tmp_path, "--json").output)
    assert [pair["kind"] for pair in values["pairs"]] == ["changed", "unchanged"]
    assert [tag["state"] for tag in values["tags"]] == ["stale"]
    assert [len(bullet["support"]) for bullet in values["bullets"]] == [1, 0]


def test_markdown_is_not_changed_by_what_mails_say(tmp_path: Path) -> None:
    text = run(tmp_path, "--md").output
    assert r"| 2 | `=` | 2 | fs: b of \<b\>all\</b\> | unchanged |" in text
    assert "~~~~diff\n" in text


def test_nothing_wrong_is_exit_0(tmp_path: Path) -> None:
    new = Post(OLD.drafts, 2, "Why.\n")
    assert run(tmp_path, new=new).return_value == 0


def test_a_branch_that_was_not_posted_yet(tmp_path: Path) -> None:
    """It bears no later revision, and all that it says of later ones counts."""
    (tmp_path / "old.mbox").write_bytes(OLD.mails())
    folder = tmp_path / "new"
    folder.mkdir()
    mails = Post(NEW.drafts, 1, f"Why.\n\n{LOG}\n").mails()
    for number, mail in enumerate(mails.split(b"From mb")[1:]):
        lines = (b"From mb" + mail).splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith((b"Message-ID", b"In-Reply", b"To:"))]
        (folder / f"{number:04}-x.patch").write_bytes(b"".join(kept))
    words = [
        "--progress",
        "none",
        "revisions",
        str(tmp_path / "old.mbox"),
        str(folder),
        "--no-diff",
    ]
    text = CliRunner().invoke(patchtool, words, standalone_mode=False).output
    assert text.startswith("mm: story: v1 -> not posted yet\n")
    assert "1.1 (GFP_ATOMIC)" in text
    assert "NEW has no recipients yet" in " ".join(text.split())


def test_two_formats_at_once_are_refused(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path, "--json", "--md").exception, UsageError)


def test_the_schema_is_printed() -> None:
    output = CliRunner().invoke(patchtool, ["schema", "revisions"]).output
    assert "judgements" in json.loads(output)["properties"]


def test_an_incomplete_posting_is_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mails = OLD.mails().split(b"From mboxrd")
    (tmp_path / "old.mbox").write_bytes(b"From mboxrd".join(mails[:2] + mails[3:]))
    (tmp_path / "new.mbox").write_bytes(NEW.mails())
    assert run_cli(["revisions", str(tmp_path / "old.mbox"), str(tmp_path / "new.mbox")]) == 1
    assert "patch 1/2 is missing" in capsys.readouterr().err


LACKING = (
    "OLD is only a part of the series, 1 of 2 patches: 2/2 is missing; a patch that is said to"
)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("text", LACKING),
        ("md", LACKING),
        ("html", LACKING),
        ("json", LACKING),
        ("changelog", f"# {LACKING}"),
        ("reply", "Of v1 I read only a part of the series, 1 of 2 patches: 2/2 is missing."),
    ],
)
def test_a_part_of_a_posting_is_said_to_be_one(form: str, words: str, tmp_path: Path) -> None:
    replies = (Reply(1, f"> +{ALPHA[1]}\n\nWhy not GFP_NOIO here?\n"),)
    whole = replace(OLD, replies=replies).mails().split(b"From mboxrd")
    del whole[3]
    (tmp_path / "old.mbox").write_bytes(b"From mboxrd".join(whole))
    (tmp_path / "new.mbox").write_bytes(replace(OLD, revision=2, replies=()).mails())
    names = [str(tmp_path / "old.mbox"), str(tmp_path / "new.mbox")]
    options = ["--partial", "--format", form]
    result = CliRunner().invoke(patchtool, ["--progress", "none", "revisions", *names, *options])
    assert words in " ".join(result.output.split())


def refused(old: Post, new: Post) -> str:
    with pytest.raises(UsageError) as caught:
        compare(old.series(), new.series())
    return str(caught.value)


def test_the_same_posting_twice_is_refused() -> None:
    assert "are the same posting, v1" in refused(OLD, OLD)


def test_swapped_postings_are_refused() -> None:
    assert "they are swapped" in refused(NEW, OLD)


def test_postings_of_other_things_are_refused() -> None:
    made = ("struct of_another_thing {", "\tunsigned long member;", "};")
    other = Draft("net: add another thing", {"net/x.c": (None, "\n".join(made) + "\n")})
    assert "is like one of OLD" in refused(
        Post((edit("mm: lock alpha", ALPHA),)), Post((other,), 2)
    )


def test_what_was_not_read_is_said() -> None:
    found = compare(post(edit("mm: a", ALPHA)), post(edit("mm: a", ATOMIC), revision=4))
    assert "no reply to OLD was read: what was said about it is not known" in found.notes
    assert "between OLD and NEW there is v2, v3, which was not read" in found.notes


FIRST = Post(OLD.drafts, 1, "Why.\n", (Reply(1, f"Acked-by: {BOB}\n"),))
SECOND = Post(OLD.drafts, 2, "Why.\n", (Reply(2, "Thanks.\n"),))
BORNE = Post((edit("mm: lock alpha", ALPHA, text=TAGGED), OTHER), 3, "Why.\n")


def tag_and_notes(folder: Path, *options: str, old: bytes) -> tuple[str, str]:
    """What is said of Bob's tag, which was given to v1 and which v3 bears, and all notes."""
    (folder / "old.mbox").write_bytes(old)
    (folder / "v3.mbox").write_bytes(BORNE.mails())
    words = [f"{folder / 'old.mbox'}#v2", str(folder / "v3.mbox"), "--json", *options]
    done = CliRunner().invoke(
        patchtool, ["--progress", "none", "revisions", *words],
        standalone_mode=False, catch_exceptions=False,
    )  # fmt: skip
    values = json.loads(done.stdout)
    (state,) = [tag["state"] for tag in values["tags"]]
    return state, " | ".join(values["notes"])


def test_earlier_revisions_in_what_was_named_tell_who_gave_a_tag(tmp_path: Path) -> None:
    state, notes = tag_and_notes(tmp_path, old=FIRST.mails() + SECOND.mails())
    assert state == "carried"
    assert "v1 was read as well" in notes


def test_without_them_it_is_not_seen(tmp_path: Path) -> None:
    assert tag_and_notes(tmp_path, old=SECOND.mails()) == ("not seen in these mails", ANY)


def test_an_earlier_revision_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "v1.mbox").write_bytes(FIRST.mails())
    state, notes = tag_and_notes(
        tmp_path, "--earlier", str(tmp_path / "v1.mbox"), old=SECOND.mails()
    )
    assert state == "carried"
    assert "v1 was read as well" in notes


def test_a_tag_is_invented_where_all_threads_were_read_whole(tmp_path: Path) -> None:
    """With v1's thread, in which nobody gave it, all that there is before v3 was read."""
    first = Post(OLD.drafts, 1, "Why.\n", (Reply(1, "Thanks.\n"),))
    state, _ = tag_and_notes(tmp_path, old=first.mails() + SECOND.mails())
    assert state == "invented"


def test_a_revision_that_was_not_compared_is_said(tmp_path: Path) -> None:
    later = Post(BORNE.drafts, 4, "Why.\n")
    _, notes = tag_and_notes(tmp_path, old=SECOND.mails() + later.mails())
    assert "the mails hold v4 as well, which was not compared" in notes


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "b", "--check", "prep"], "NEW is -"),
        (["a", "-", "--check", "prep", "--json"], "NEW is -"),
        (["--all", "a", "-", "--check", "series"], "go with two revisions"),
    ],
)
def test_a_check_of_b4_reads_standard_input_and_prints_its_form(
    words: list[str], said: str
) -> None:
    done = CliRunner().invoke(patchtool, ["revisions", *words], standalone_mode=False)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)


def test_patchwork_is_not_asked_offline(tmp_path: Path) -> None:
    result = run(tmp_path, "--format", "patchwork", "--offline")
    assert isinstance(result.exception, UsageError)
    assert "asks the server" in str(result.exception)
