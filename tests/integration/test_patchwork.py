# SPDX-License-Identifier: GPL-2.0-or-later
"""Series from patchwork, and checks to it, over a server that answers as its API is documented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchtool import cli
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import NetworkError, SeriesError, UsageError
from patchtool.intake import load
from patchtool.intake.servers import patchwork, patchwork_checks
from patchtool.intake.servers.patchwork_checks import Check
from patchtool.run import record
from patchtool.series.model import Patch, Series
from patchtool.tree.apply import AppliedPatch, Outcome
from patchtool.tree.base.choose import Base
from patchtool.tree.release import KernelRelease
from tests.lib.patchwork_server import STRANGER, TOKEN, Patchwork, patchwork_server
from tests.lib.public_inbox import mail, posting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BUNDLED = Path(__file__).resolve().parents[2] / "series" / "balloon-counters"
DOMAIN = "balloon.example.org"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Patchwork]:
    """A server that has the bundled series as number 7, with two replies."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with patchwork_server() as made:
        ray = {"From": "Ray Viewer <ray@example.org>"}
        mails = posting(sorted(BUNDLED.glob("*.patch")), DOMAIN, {"To": "linux-mm@example.org"})
        made.take(
            7,
            *mails,
            mail(
                "Re: [PATCH 1/5] mm: add vm events for balloon page compaction",
                "one@ray",
                "Well.\n\nFrom here on it is clear.\n\nReviewed-by: Ray Viewer <ray@example.org>\n",
                reply_to=f"1@{DOMAIN}",
                headers=ray,
            ),
            mail("Re: [PATCH 0/5] mm", "all@ray", "Thanks.\n", reply_to=f"0@{DOMAIN}", headers=ray),
            total=5,
        )
        yield made


@pytest.fixture
def settings(tmp_path: Path, server: Patchwork) -> Settings:
    return Settings(cache=tmp_path / "cache", patchwork=server.url, patchwork_token=TOKEN)


@pytest.mark.parametrize(
    "form",
    [
        "patchwork:7",
        "{url}/project/mm/list/?series=7",
        "{url}/project/mm/list/?series=7&state=*",
        "{url}/api/series/7/",
        "{url}/api/1.3/patches/702/",
        "{url}/series/7/mbox/",
        "{url}/patch/704/mbox/",
        "{url}/project/mm/patch/3@balloon.example.org/",
        "{url}/project/mm/cover/0%40balloon.example.org/",
    ],
)
def test_every_way_to_name_a_series_gives_it_whole(
    form: str, server: Patchwork, settings: Settings
) -> None:
    got = patchwork.fetch(form.format(url=server.url), settings, Silent())
    assert got.url == f"{server.url}/series/7/"
    assert got.mails.count(b"From mboxrd@z ") == 8
    assert b"\n>From here on it is clear.\n" in got.mails


def test_patchwork_gives_the_series_that_the_folder_gives(settings: Settings) -> None:
    here = load.load_series(load.Reference(str(BUNDLED)), settings, Silent())
    there = load.load_series(load.Reference("patchwork:7"), settings, Silent())
    assert [p.patch_id for p in there.patches] == [p.patch_id for p in here.patches]
    assert [p.message for p in there.patches] == [p.message for p in here.patches]
    assert there.cover == here.cover
    assert [review.message_id for review in there.patches[0].reviews] == ["one@ray"]
    assert [review.message_id for review in there.reviews] == ["all@ray"]
    assert [trailer.value for trailer in there.patches[0].trailers if trailer.given_in] == [
        "Ray Viewer <ray@example.org>"
    ]


def test_lists_come_in_pages_and_only_the_named_server_is_asked(
    server: Patchwork, settings: Settings
) -> None:
    server.page = 1
    comments = server.comments["patches", 700]
    comments += [{**comments[0], "id": 900 + n, "msgid": f"<{n}@ray>"} for n in range(3)]
    got = patchwork.fetch("patchwork:7", settings, Silent())
    assert got.mails.count(b"From mboxrd@z ") == 11
    assert set(server.authorised) == {None}


def test_a_series_that_patchwork_has_not_whole_is_refused_with_what_is_missing(
    server: Patchwork, settings: Settings
) -> None:
    mails = posting(sorted(BUNDLED.glob("*.patch")), "half.example.org", {})
    server.take(8, *mails[:3], mails[5], total=5)
    with pytest.raises(SeriesError, match=r"got 3 of 5 patches; missing: 3/5, 4/5") as caught:
        patchwork.fetch("patchwork:8", settings, Silent())
    assert "<0@half.example.org>" in caught.value.hint


@pytest.mark.parametrize("form", ["patchwork:9", "{url}/project/mm/patch/none@example.org/"])
def test_a_series_that_is_not_there_is_the_users_mistake(
    form: str, server: Patchwork, settings: Settings
) -> None:
    with pytest.raises(UsageError, match=r"not there|no such mail there"):
        patchwork.fetch(form.format(url=server.url), settings, Silent())


def test_what_was_fetched_is_there_offline_by_its_id_and_by_a_patch(
    server: Patchwork, settings: Settings
) -> None:
    first = patchwork.fetch(f"{server.url}/patch/702/", settings, Silent())
    count = len(server.asked)
    for text in (f"{server.url}/patch/702/", "patchwork:7"):
        kept = patchwork.fetch(text, settings, Silent(), offline=True)
        assert (kept.mails, kept.from_cache) == (first.mails, True)
    assert len(server.asked) == count
    with pytest.raises(NetworkError, match="not fetched before"):
        patchwork.fetch("patchwork:6", settings, Silent(), offline=True)


def one_check(state: patchwork_checks.State = "success", text: str = "fine") -> list[Check]:
    return [Check(2, "patchtool-build", state, text)]


def post(
    checks: list[Check],
    settings: Settings,
    *,
    target_url: str = "",
    dry_run: bool = False,
) -> list[tuple[int, str, bool]]:
    def given(_: Sequence[int]) -> list[Check]:
        return checks

    rows = patchwork_checks.post(
        given, "patchwork:7", settings, Silent(),
        subjects={}, target_url=target_url, dry_run=dry_run,
    )  # fmt: skip
    return [(row.check.patch, row.check.state, row.new) for row in rows]


def test_a_check_is_posted_once_and_again_when_it_says_something_else(
    server: Patchwork, settings: Settings
) -> None:
    assert post(one_check("pending"), settings) == [(2, "pending", True)]
    assert post(one_check("pending"), settings) == [(2, "pending", False)]
    assert post(one_check(), settings) == [(2, "success", True)]
    assert post(one_check("pending"), settings) == [(2, "pending", True)]
    assert post(one_check("pending"), settings, target_url="https://x.example.org/1") == [
        (2, "pending", True)
    ]
    found = [(check["state"], check["target_url"]) for check in server.checks[701]]
    assert found == [
        ("pending", None),
        ("success", None),
        ("pending", None),
        ("pending", "https://x.example.org/1"),
    ]


def test_a_description_is_one_line_that_fits(server: Patchwork, settings: Settings) -> None:
    post(one_check(text="two\nlines \x1b[31m" + "x" * 300), settings)
    (check,) = server.checks[701]
    assert check["description"].startswith("two lines [31mxxx")
    assert len(check["description"]) == 255
    assert post(one_check(text="two\nlines \x1b[31m" + "x" * 300), settings)[0][2] is False


def test_a_dry_run_needs_no_token_and_tells_the_server_nothing(
    server: Patchwork, settings: Settings
) -> None:
    bare = Settings(cache=settings.cache, patchwork=server.url)
    assert post(one_check(), bare, dry_run=True) == [(2, "success", True)]
    assert not [line for line in server.asked if line.startswith("POST")]
    assert not server.checks[701]


def test_the_token_goes_only_with_what_is_posted(server: Patchwork, settings: Settings) -> None:
    post(one_check(), settings)
    sent = dict(zip(server.asked, server.authorised, strict=True))
    assert {line.split()[0] for line, token in sent.items() if token} == {"POST"}
    assert TOKEN not in repr(settings)


def test_a_token_that_is_refused_is_said_without_showing_it(
    server: Patchwork, settings: Settings
) -> None:
    for token, words in ((STRANGER, "permission"), ("0" * 40, "Invalid token")):
        other = Settings(cache=settings.cache, patchwork=server.url, patchwork_token=token)
        with pytest.raises(UsageError, match=words) as caught:
            post(one_check(), other)
        assert token not in caught.value.message + caught.value.hint
        assert "PATCHTOOL_PATCHWORK_TOKEN" in caught.value.hint


def test_a_token_is_not_sent_where_others_can_listen(settings: Settings) -> None:
    away = settings.model_copy(update={"patchwork": "http://patchwork.example.org"})
    with pytest.raises(UsageError, match="plain HTTP"):
        post(one_check(), away)


def test_without_a_token_nothing_is_asked(server: Patchwork, settings: Settings) -> None:
    bare = Settings(cache=settings.cache, patchwork=server.url)
    with pytest.raises(UsageError, match="no token") as caught:
        post(one_check(), bare)
    assert "--dry-run" in caught.value.hint
    assert server.asked == []


def test_a_netrc_file_does_not_replace_the_token(
    server: Patchwork, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """requests prefers a password of ~/.netrc to a header: the token was not sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    post(one_check(), settings)
    assert set(server.authorised) == {None, f"Token {TOKEN}"}


def test_checks_that_the_server_does_not_take_are_said(settings: Settings) -> None:
    with pytest.raises(NetworkError, match=r"answers 400: .*slug"):
        post([Check(1, "has a blank", "fail", "")], settings)
    with pytest.raises(UsageError, match="not a web address"):
        post(one_check(), settings, target_url="report.html")


@pytest.fixture
def command(server: Patchwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv("PATCHTOOL_PATCHWORK", server.url)
    monkeypatch.setenv("PATCHTOOL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATCHTOOL_PATCHWORK_TOKEN", TOKEN)
    return ("--progress", "none", "report", "--patchwork", "patchwork:7")


def test_a_run_that_begins_is_posted_as_pending(
    command: tuple[str, ...], server: Patchwork, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*command, "--pending", "--dry-run"]) == 0
    assert capsys.readouterr().out.count("would post: ") == 12
    assert cli.run([*command, "--pending"]) == 0
    assert cli.run([*command, "--pending"]) == 0
    assert {name: len(found) for name, found in server.checks.items()} == {
        700: 2, 701: 2, 702: 2, 703: 2, 704: 4,
    }  # fmt: skip
    output = capsys.readouterr().out
    assert output.count("there already: ") == 12
    assert TOKEN not in output


def test_a_run_is_posted_to_the_series_that_it_tested_and_to_no_other(
    command: tuple[str, ...],
    server: Patchwork,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    subjects = [item["name"].partition("] ")[2] for item in server.series[7]["patches"]]
    patches = tuple(
        Patch(n, s, "A", "", "", None, (), b"the mail") for n, s in enumerate(subjects, 1)
    )
    made = record.RunRecord.model_validate(
        {
            "tool_version": "1",
            "started": "2026-11-21T08:00:00Z",
            "series": Series("x", "x", 1, None, patches, None),
            "tree": "linux",
            "base": Base("0" * 40, "0" * 40, KernelRelease("6.12.0"), "v6.12", "--base"),
            "apply": [
                AppliedPatch(n, s, Outcome.CLEAN, "0" * 40, "0" * 40)
                for n, s in enumerate(subjects, 1)
            ],
            "outcome": "interrupted",
            "exit_code": 130,
        }
    )
    record.write(made, tmp_path)
    assert cli.run([*command, str(tmp_path), "--target-url", "https://ci.example.org/7"]) == 0
    (applies, builds) = server.checks[702]
    assert (applies["context"], applies["state"]) == ("patchtool-apply", "success")
    assert applies["target_url"] == "https://ci.example.org/7"
    assert (builds["state"], builds["description"]) == (
        "warning", "not done: the run was interrupted",
    )  # fmt: skip
    other = replace(made.series, patches=made.series.patches[:4])
    record.write(made.model_copy(update={"series": other}), tmp_path)
    count = len(server.asked)
    assert cli.run([*command, str(tmp_path)]) == 2
    assert "not the series of this run: patch 5" in capsys.readouterr().err
    assert not [line for line in server.asked[count:] if line.startswith("POST")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--dry-run", "."], "go with --patchwork"),
        (["--pending"], "go with --patchwork"),
        (["--patchwork", "patchwork:7", "--pending", "."], "nor DIRECTORY with --pending"),
        (["--patchwork", "patchwork:7", "-o", "x", "."], "--output does not go with"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["--progress", "none", "report", *words]) == 2
    assert said in capsys.readouterr().err
