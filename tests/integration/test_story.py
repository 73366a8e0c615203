# SPDX-License-Identifier: GPL-2.0-or-later
"""A story of three revisions, from a real public-inbox server to text, JSON, HTML and a reply."""

from __future__ import annotations

import json
import os
import re
import tomllib
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from patchtool.cli import patchtool
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from tests.lib import chromium, story
from tests.lib import public_inbox as inbox
from tests.lib.patchwork_server import patchwork_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lib.public_inbox import PublicInbox

SENT = "draft@story.example"
OPEN = ("contested", "promised, not done", "unanswered")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicInbox]:
    """A server of its own, whose list has all three revisions and what was said about them.

    A server puts mails of one subject into one thread, and other tests post the bundled series as
    well. A person's machine may lack it, CI may not.
    """
    if inbox.missing() and not os.environ.get("CI"):
        pytest.skip("the package public-inbox is not installed")
    server = inbox.PublicInbox(tmp_path_factory.mktemp("public-inbox"))
    try:
        server.start()
        folder = tmp_path_factory.mktemp("story")
        for revision in (1, 2, 3):
            server.add("linux-mm", *story.mails(revision, folder))
        yield server
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def _here(archive: PublicInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands ask the server, and nothing of the user's."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("PATCHTOOL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATCHTOOL_LORE", archive.url)


def revisions(*words: str, old: str = story.cover(1), new: str = story.cover(2)) -> str:
    """What ``patchtool revisions v1 v2`` prints; something is open."""
    asked = ["--progress", "none", "revisions", old, new, *words]
    done = CliRunner().invoke(patchtool, asked, standalone_mode=False, catch_exceptions=False)
    assert done.return_value == 1
    return done.stdout


def truth() -> list[tuple[str, str, str, str]]:
    """Mail, beginning, place and verdict of each remark on v1."""
    text = (story.DATA / "story.toml").read_text(encoding="utf-8")
    keys = ("mail", "says", "place", "verdict")
    return [tuple(each[key] for key in keys) for each in tomllib.loads(text)["remark"]]


def place(of: dict[str, Any]) -> str:
    """A place as the truth has it."""
    part = of["path"] if of["part"] == "diff" else of["part"]
    line = f":{of['line']}" if of["line"] is not None else ""
    return f"{of['patch']} {part}{line}"


def test_each_remark_has_its_place_and_verdict() -> None:
    values = json.loads(revisions("--json"))
    expected = truth()
    assert len(expected) >= 12
    found = []
    for each in values["judgements"]:
        remark = each["remark"]
        mail = remark["message_id"].removesuffix("@story.example")
        begins = (says for of, says, *_ in expected if of == mail)
        says = next((text for text in begins if remark["text"].startswith(text)), remark["text"])
        found.append((mail, says, place(remark["place"]), each["verdict"]))
    assert sorted(found) == sorted(expected)


def test_tags_hold_for_the_patches_they_were_given_to() -> None:
    """ "Patches 4 and 5 LGTM": v2 bears the tag on 4, and has changed 5."""
    tags = json.loads(revisions("--json"))["tags"]
    said = [(tag["name"], tag["old"], tag["new"], tag["state"]) for tag in tags]
    assert said == [("Acked-by", 4, 4, "carried"), ("Acked-by", 5, 5, "lost rightly")]


def test_the_text_has_each_remark_once_with_its_verdict() -> None:
    text = revisions("--no-diff").partition("\nRemarks on v1\n")[2]
    for verdict in OPEN:
        assert re.search(rf"^{verdict}: ", text, re.MULTILINE), verdict
    whole = re.findall(r"^([a-z][a-z, ]+): \w+ \w+, (?:patch|cover)", text, re.MULTILINE)
    short = re.findall(r"^([a-z ]+?)  +(?:patch|cover)", text, re.MULTILINE)
    assert sorted(whole + short) == sorted(verdict for *_, verdict in truth())
    for _, says, _, verdict in truth():
        if verdict in (*OPEN, "changed, look"):
            assert says in text


def test_the_page_has_each_remark_with_its_verdict() -> None:
    page = revisions("--format", "html")
    articles = re.findall(
        r'<article class="remark" [^>]*data-verdict="([^"]*)".*?</article>', page, re.DOTALL
    )
    assert sorted(articles) == sorted(verdict for *_, verdict in truth())
    for _, says, _, _ in truth():
        assert says in unescape(page)
    assert "<p>moved, to patch 2, mm/balloon_compaction.c:210</p>" in page
    assert "</span>: patch 1, Documentation/mm/page_migration.rst:203</h3>" in page


def test_the_drafted_reply_threads(archive: PublicInbox, tmp_path: Path) -> None:
    """Sent to the list, it is a reply to v2's cover letter in the thread as it is fetched again.

    That is a v2 of its own, as other tests read the thread of the one there is; the server puts
    mails of one subject into one thread.
    """
    mails = story.mails(2, tmp_path)
    for old, new in (
        (b"@v2.example", b"@sent.example"),
        (b"@story.example", b"@said.example"),
        (b"count what becomes of balloon pages", b"count balloon pages"),
    ):
        mails = [mail.replace(old, new) for mail in mails]
    archive.add("linux-mm", *mails)
    cover = "0@sent.example"
    draft = revisions("--format", "reply", new=cover)
    head, _, body = draft.partition("\n\n")
    assert f"\nIn-Reply-To: <{cover}>\n" in head
    assert f"\nReferences: <{cover}>\n" in head
    assert "rita@rook.example" in head
    argued = "uma-4"  # the last word on the contested remark, so it is quoted with it
    for mail, says, _, verdict in truth():
        assert (says in body) == (verdict in OPEN or mail == argued), says
    mine = "From: Mia Muster <mia@muster.example>\nDate: Wed, 25 Nov 2026 08:00:00 +0000\n"
    archive.add("linux-mm", f"{mine}Message-ID: <{SENT}>\n{draft}".encode())
    settings = Settings(cache=tmp_path / "again", lore=archive.url)
    series = load_series(Reference(cover), settings, Silent())
    (reply,) = [each for each in series.reviews if each.message_id == SENT]
    assert reply.in_reply_to == cover
    assert reply.subject.startswith("Re: [PATCH v2 0/5] mm/balloon_compaction: count balloon")
    assert "Nobody else calls this." in reply.body
    assert len(series.patches) == 5


def whole_life(*words: str) -> str:
    """What ``patchtool revisions --all v1 v2 v3`` prints; something is open."""
    threads = [story.cover(revision) for revision in (1, 2, 3)]
    asked = ["--progress", "none", "revisions", "--all", *threads, *words]
    done = CliRunner().invoke(patchtool, asked, standalone_mode=False, catch_exceptions=False)
    assert done.return_value == 1
    return done.stdout


def test_the_ledger_follows_remarks_through_three_revisions() -> None:
    """The twin was left out of the answer, overlooked in v2, and done in v3 without a word."""
    values = json.loads(whole_life("--json"))
    found = {}
    for entry in values["ledger"]:
        says = entry["mentions"][0]["remark"]["text"].partition("\n")[0]
        steps = [(step["posting"] + 1, step["verdict"]) for step in entry["steps"]]
        found[says] = ([each["posting"] + 1 for each in entry["mentions"]], steps)
    assert found["Same here."] == ([1], [(2, "unanswered"), (3, "addressed")])
    assert found["Please say here what a difference to COMPACT_BALLOON_MIGRATED means."] == (
        [1, 2], [(2, "promised, not done"), (3, "changed, look")],
    )  # fmt: skip
    assert found["Nobody else calls this."] == ([1], [(2, "contested"), (3, "contested")])
    assert found["s/deflation which/deflation that/"] == ([2], [(3, "addressed")])
    later = len(truth()) + 1  # one that v2 brought; the other one was made on v1 already
    assert len(values["ledger"]) == later
    assert [each["open"] for each in values["sums"]] == [0, 3, 1]


def test_the_ledger_as_text_has_a_line_for_a_remark_that_lived_through_two() -> None:
    text = whole_life()
    found = re.search(r"^v1 .*Same here\. +settled in v3 *\n +v2 unanswered, v3 addressed: ", text,
                      re.MULTILINE)  # fmt: skip
    assert found is not None
    assert re.search(r"^mm/balloon_compaction: count migr.*  3, 2 asked  3 =, 1 open  ", text,
                     re.MULTILINE)  # fmt: skip


def test_patchwork_is_told_of_each_mail_that_asks_for_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OLD is of a patchwork server, whose comments are found by their Message-IDs."""
    with patchwork_server() as server:
        monkeypatch.setenv("PATCHTOOL_PATCHWORK", server.url)
        server.take(7, *story.mails(1, tmp_path), total=5)
        text = revisions("--format", "patchwork", old="patchwork:7")
    told = {}
    for kind, item, comment, state in re.findall(
        rf"^addressed {server.url}/api/1\.3/(\w+)/(\d+)/comments/(\d+)/ (\w+)$",
        text, re.MULTILINE,
    ):  # fmt: skip
        mails = {each["id"]: each["msgid"] for each in server.comments[kind, int(item)]}
        told[mails[int(comment)].strip("<>").removesuffix("@story.example")] = state
    assert told == {
        "rita-1": "false", "rita-4": "true", "hans-2": "false", "uma-1": "true", "uma-3": "false",
    }  # fmt: skip
    assert "# Hans Hill, <hans-5@story.example>: 2 remarks: 1 addressed, 1 asked back;" in text


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Page]:
    """A browser; a person's machine may lack one, CI may not."""
    if chromium.program() is None and not os.environ.get("CI"):
        pytest.skip("the package chromium is not installed")
    with chromium.browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize(("which", "left"), [("two", len(OPEN)), ("all", 1)])
def test_a_page_opens_in_a_browser(
    browser: chromium.Page, tmp_path: Path, which: str, left: int, width: int
) -> None:
    """Without an error on the console, no wider than the window, and its keys and filter work."""
    made = {"two": revisions, "all": whole_life}[which]("--format", "html")
    file = tmp_path / "page.html"
    file.write_text(made, encoding="utf-8")
    remarks = made.count('<article class="remark"')
    browser.errors.clear()
    browser.open(file.as_uri(), width)
    assert browser.value("document.documentElement.scrollWidth") <= width
    counted = "document.getElementById('count').textContent"
    assert browser.value(counted) == f"{remarks} of {remarks} shown"
    here = "[...document.querySelectorAll('article')].indexOf(document.activeElement)"
    seen = []
    for key in "jjk":
        browser.press(key)
        seen.append(browser.value(here))
    assert seen == [0, 1, 0]
    chosen = "const f = document.querySelector('#filters select'); f.value = 'open';"
    browser.value(f"{chosen} f.dispatchEvent(new Event('change'))")
    assert browser.value(counted) == f"{left} of {remarks} shown"
    assert browser.errors == []


def test_an_error_of_a_page_is_heard(browser: chromium.Page, tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text("<!DOCTYPE html><script>console.error('oh'); nowhere();</script>")
    browser.errors.clear()
    browser.open(file.as_uri(), 800)
    assert len(browser.errors) == 2
