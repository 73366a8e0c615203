# SPDX-License-Identifier: GPL-2.0-or-later
"""The remarks as text, Markdown and page, and the mails that are drafted of them."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import re
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from patchtool.cli import patchtool
from patchtool.core.text import width
from patchtool.errors import UsageError
from patchtool.report import (
    log_draft,
    remark_words,
    reply_draft,
    revisions_markdown,
    revisions_page,
    revisions_text,
)
from patchtool.revisions.compare import compare
from patchtool.revisions.remark import OPEN, Verdict
from tests.lib.revised import ANN, BASE, EVE, Draft, Post, Reply, replaced

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.revisions.record import Revisions

READ = ("\tint result = read_first(first);", "\tint result = read_one(first, GFP_KERNEL);")
READ_NEW = (READ[0], "\tint result = read_one(first, GFP_ATOMIC);")
ALPHA = ("\t\tcount_alpha(result);", "\t\tcount_alpha_locked(result);")
LAST = ("\tint result = read_last(last);", "\tint result = read_last_one(last);")
OMEGA = ("\t\tcount_omega(result);", "\t\tcount_omega_pages(result);")
OMEGA_NEW = (OMEGA[0], "\t\tcount_omega_pages(result, 1);")
SCRIPT = "<script>alert('x')</script>"
HOSTILE = f"Please drop that {SCRIPT} \x1b]0;x\x07\u202e `*_x_*` {'w' * 5000} & see."
MALLORY = f'"Mallory {SCRIPT}" <mal@m.org>'


def two_files(*changes: tuple[str, str]) -> Draft:
    """A patch; what it does to the second file is remarked on and not changed."""
    return Draft(
        "mm: read one",
        {"mm/a.c": (BASE, replaced(BASE, *changes)), "mm/b.c": (BASE, replaced(BASE, ALPHA, LAST))},
    )


OLD = Post(
    (two_files(READ, OMEGA),),
    cover="Why.\n",
    replies=(
        Reply(1, f"> +{READ[1]}\n\nPlease use GFP_ATOMIC here.\n"),  # addressed
        Reply(1, f"> +{ALPHA[1]}\n\nPlease check for NULL before that.\n", EVE),  # promised
        Reply(103, "> Please check for NULL before that.\n\nOk, will do.\n", ANN),
        Reply(1, f"> +{OMEGA[1]}\n\nThis is slow for big zones, please rework it.\n"),  # look
        Reply(1, f"> +{LAST[1]}\n\n{HOSTILE}\n", MALLORY),  # unanswered
        Reply(1, "I built it on arm64, too, and it boots.\n"),  # nothing asked
    ),
    to="list@kernel.org, bob@b.org",
)
NEW = Post((two_files(READ_NEW, OMEGA_NEW),), 2, "Why.\n", to=OLD.to)


@cache
def found() -> Revisions:
    return compare(OLD.series(), NEW.series())


def verdicts() -> list[Verdict]:
    return [each.verdict for each in remark_words.in_order(found().judgements)]


def text(room: int = 90) -> str:
    lines = revisions_text.lines(found(), room, diff=False)
    return "\n".join("".join(span.text for span in line) for line in lines)


class Page(HTMLParser):
    """A page that has to close what it opens."""

    VOID = ("meta", "br", "link")

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def values(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.tags if name in attrs]


@cache
def page() -> str:
    return revisions_page.page(found(), OLD.series())


def test_the_remarks_have_the_verdicts_that_are_shown_below() -> None:
    assert verdicts() == [
        Verdict.PROMISED,
        Verdict.UNANSWERED,
        Verdict.LOOK,
        Verdict.ADDRESSED,
        Verdict.NOTHING_ASKED,
    ]


def test_every_verdict_has_its_place_in_the_order() -> None:
    assert remark_words.ORDER[:4] == OPEN
    assert remark_words.ORDER[4] is Verdict.LOOK
    assert sorted(remark_words.ORDER) == sorted(Verdict)


def test_the_sum_adds_up() -> None:
    words = remark_words.sums(found().judgements)
    assert words == (
        "5 remarks: 1 promised (not done), 1 unanswered, 1 changed (look), 1 addressed, "
        "1 nothing asked; 2 open"
    )
    assert remark_words.sums(()) == ""
    assert words in revisions_text.summary(found())


def test_what_is_open_is_shown_whole_and_first() -> None:
    shown = text()
    starts = [f"\n{verdict}: " for verdict in ("promised, not done", "unanswered", "changed, look")]
    at = [shown.index(start) for start in starts]
    assert at == sorted(at)
    assert at[-1] < shown.index("\naddressed  ") < shown.index("\nnothing asked  ")
    promised = shown[at[0] : at[1]]
    assert "Eve Ek, patch 1, mm/b.c:6" in promised
    assert "  > +               count_alpha_locked(result);" in promised
    assert "  Please check for NULL before that." in promised
    assert "    Ann Ax promised:\n      Ok, will do." in promised
    assert "unchanged, patch 1, mm/b.c:6:" in promised
    assert "because: the author agreed in <v1.104@a.org>" in promised


def test_what_is_to_be_looked_at_is_side_by_side() -> None:
    row = next(line for line in text(120).splitlines() if "result, 1" in line)
    old, new = row.split(" | ")
    assert "count_omega_pages(result);" in old
    assert "count_omega_pages(result, 1);" in new


def test_where_that_would_cut_them_they_stand_below_each_other() -> None:
    shown = text(80).splitlines()
    at = next(at for at, line in enumerate(shown) if "result, 1" in line)
    assert shown[at].startswith("      ++")
    assert shown[at - 1].startswith("      -+")


def test_lines_stay_within_the_terminal() -> None:
    for room in (60, 80, 120):
        wide = [line for line in text(room).splitlines() if width(line.rstrip()) > room]
        assert not wide
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text())


def test_markdown_has_each_remark_and_no_markup_of_the_mails() -> None:
    shown = revisions_markdown.page(found(), diff=False)
    assert shown.count("\n### ") == 3
    assert shown.count("\n| addressed | ") == shown.count("\n| nothing asked | ") == 1
    assert SCRIPT not in shown
    assert "\\<script\\>" in shown
    assert "\x1b" not in shown
    assert "> Please check for NULL before that." in shown
    assert "- Ann Ax promised: Ok, will do." in shown


def test_the_page_is_well_formed_and_has_an_anchor_for_each_remark() -> None:
    made = Page(page())
    ids = made.values("id")
    assert len(ids) == len(set(ids))
    assert {f"r{each.remark.id}" for each in found().judgements} <= set(ids)
    links = made.values("href")
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert {f"#r{each.remark.id}" for each in found().judgements} <= set(links)
    assert [attrs["data-verdict"] for tag, attrs in made.tags if tag == "article"] == verdicts()


def test_the_page_runs_and_fetches_nothing_of_the_mails() -> None:
    made = Page(page())
    assert [tag for tag, _ in made.tags].count("script") == 1
    assert SCRIPT in made.words
    assert SCRIPT not in page()
    assert not made.values("src")
    assert not [name for _, attrs in made.tags for name in attrs if name.startswith("on")]
    assert "http:" not in page()
    assert "https:" not in page()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", page())


def test_the_script_of_the_page_is_named_by_its_hash() -> None:
    script = page().rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page()


def test_the_filters_have_what_there_is() -> None:
    made = Page(page())
    choices = [attrs["value"] for tag, attrs in made.tags if tag == "option"]
    assert choices.count("") == 3
    assert "open" in choices
    assert {f"={verdict}" for verdict in verdicts()} <= set(choices)
    assert {"=Bob Bo", "=Eve Ek", "=patch 1"} <= set(choices)


def test_the_reply_is_a_mail_in_the_thread_of_new() -> None:
    drafted = reply_draft.draft(found(), OLD.series(), NEW.series())
    mail = email.message_from_string(drafted, policy=email.policy.default)
    assert mail["In-Reply-To"] == f"<{NEW.first}>"
    assert mail["References"].split()[-1] == f"<{NEW.first}>"
    assert mail["Subject"] == "Re: [PATCH v2 0/1] mm: story"
    assert mail["To"].addresses[0].addr_spec == "ann@a.org"
    copied = [each.addr_spec for each in mail["Cc"].addresses]
    assert copied == ["eve@e.org", "mal@m.org", "list@kernel.org", "bob@b.org"]
    assert not mail.defects


def test_the_reply_has_what_is_open_and_nothing_else() -> None:
    drafted = reply_draft.draft(found(), OLD.series(), NEW.series())
    assert (
        "> > +\t\tcount_alpha_locked(result);\n>\n> Please check for NULL before that." in drafted
    )
    assert "> Ok, will do." in drafted
    assert "I did not find the change in v2. Did I miss it?" in drafted
    assert "In v2 (patch 1, mm/b.c:6) it reads:\n\n    +\t\tcount_alpha_locked(result);" in drafted
    assert "GFP_ATOMIC" not in drafted
    assert "slow for big zones" not in drafted
    body = drafted.partition("\n\n")[2]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", body)
    assert max(map(len, body.splitlines())) < 120


def test_a_reply_about_nothing_is_empty() -> None:
    quiet = Post(OLD.drafts, cover="Why.\n")
    made = compare(quiet.series(), NEW.series())
    assert reply_draft.draft(made, quiet.series(), NEW.series()) == ""


def test_a_header_cannot_be_smuggled_in() -> None:
    old = Post(
        OLD.drafts,
        replies=(Reply(1, f"> +{ALPHA[1]}\n\nPlease drop it.\n", '"B\x0bcc: x\x85y" <b@b.org>'),),
    ).series()
    new = Post(NEW.drafts, 2).series()
    mail = email.message_from_string(reply_draft.draft(compare(old, new), old, new))
    assert "Bcc" not in mail
    assert set(mail.keys()) <= {
        "To", "Cc", "Subject", "In-Reply-To", "References", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    }  # fmt: skip


def test_the_change_log_credits_who_asked() -> None:
    drafted = log_draft.draft(found())
    assert drafted.startswith("Changes in v2:\n- mm: read one:\n")
    assert 'alpha(): "Please use GFP_ATOMIC here." (Bob Bo)' in drafted
    slow = drafted.index("This is slow for big zones")
    assert "check that this is" in drafted[slow : slow + 300]
    open_part = drafted[drafted.index("# Open, so not among the changes:") :]
    assert "# - promised, not done: Eve Ek" in open_part
    assert "# - unanswered: Mallory" in open_part
    assert all(line.startswith("#") for line in open_part.splitlines())
    assert "\x1b" not in drafted


def test_the_change_log_keeps_what_new_says_and_adds_the_credit() -> None:
    log = "Why.\n\nv2:\n- Use GFP_ATOMIC in alpha()\n"
    made = compare(OLD.series(), Post(NEW.drafts, 2, log).series())
    assert "- Use GFP_ATOMIC in alpha() (Bob Bo)\n" in log_draft.draft(made)


def test_what_nobody_asked_for_is_left_to_the_author_to_explain() -> None:
    quiet = Post(OLD.drafts, cover="Why.\n")
    drafted = log_draft.draft(compare(quiet.series(), NEW.series()))
    assert drafted.count("[say why]") == 2
    assert "mm/a.c:3: -1 +1 lines [say why]" in drafted


def run(folder: Path, *options: str) -> tuple[int | None, str, BaseException | None]:
    for name, posting in (("old", OLD), ("new", NEW)):
        (folder / f"{name}.mbox").write_bytes(posting.mails())
    names = [str(folder / "old.mbox"), str(folder / "new.mbox")]
    words = ["--progress", "none", "revisions", *names, *options]
    result = CliRunner().invoke(patchtool, words, standalone_mode=False)
    return result.return_value, result.output, result.exception


@pytest.mark.parametrize(
    ("kind", "begin"),
    [("text", "mm: story: v1"), ("html", "<!DOCTYPE html>"), ("reply", "To: "),
     ("changelog", "Changes in v2:")],
)  # fmt: skip
def test_each_format_goes_to_a_file(tmp_path: Path, kind: str, begin: str) -> None:
    code, output, error = run(tmp_path, "--format", kind, "-o", str(tmp_path / "out"))
    assert (code, output, error) == (1, "", None)  # something is open
    assert (tmp_path / "out").read_text("utf-8").lstrip().startswith(begin)


def test_json_is_a_format(tmp_path: Path) -> None:
    assert run(tmp_path, "--format", "json")[1] == run(tmp_path, "--json")[1]


def test_two_formats_are_refused(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path, "--format", "html", "--json")[2], UsageError)
