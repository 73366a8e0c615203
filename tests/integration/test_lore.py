# SPDX-License-Identifier: GPL-2.0-or-later
"""Series from a real public-inbox server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchtool import cli
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import NetworkError, UsageError
from patchtool.intake import load
from patchtool.intake.servers import lore
from patchtool.series.mbox import split_mbox
from tests.lib.public_inbox import mail, posting

if TYPE_CHECKING:
    from patchtool.intake.servers.fetched import Fetched
    from tests.lib.public_inbox import PublicInbox

BUNDLED = Path(__file__).resolve().parents[2] / "series" / "balloon-counters"
DIFF = """Why.

Signed-off-by: Ann Author <ann@example.org>
---
diff --git a/mm/file{n}.c b/mm/file{n}.c
--- a/mm/file{n}.c
+++ b/mm/file{n}.c
@@ -10,2 +10,3 @@
 before
+int number_{n};
 after
--{blank}
2.39.5
"""
WHOLE = "balloon.1.example.org"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def settings(tmp_path: Path, public_inbox: PublicInbox) -> Settings:
    return Settings(cache=tmp_path / "cache", lore=public_inbox.url)


@pytest.fixture(scope="module")
def balloon(public_inbox: PublicInbox) -> str:
    """The bundled series as it was posted to two lists, and a review of its first patch."""
    files = sorted(BUNDLED.glob("*.patch"))
    lists = {"To": "linux-mm@example.org", "Cc": "linux-kernel@example.org"}
    mails = posting(files, WHOLE, lists)
    review = mail(
        "Re: [PATCH 1/5] mm: add vm events for balloon page compaction",
        "review@example.org",
        "> Add an event for each end\n\nNice.\n\nFrom here on it is clear.\n\n"
        "Reviewed-by: Ray Viewer <ray@example.org>\n",
        reply_to=f"1@{WHOLE}",
        headers={"From": "Ray Viewer <ray@example.org>"},
    )
    for name in ("linux-mm", "linux-kernel"):
        public_inbox.add(name, *mails, review)
    return f"0@{WHOLE}"


def changing(number: int) -> str:
    """The text of a patch."""
    return DIFF.format(n=number, blank=" ")


def fetched(text: str, settings: Settings, *, offline: bool = False) -> Fetched:
    return lore.fetch(text, settings, Silent(), offline=offline)


def ids(got: Fetched) -> list[str]:
    """The Message-IDs in a mailbox, sorted."""
    found = re.findall(rb"^Message-ID: <([^>]*)>", got.mails, re.MULTILINE | re.IGNORECASE)
    return sorted(name.decode() for name in found)


@pytest.mark.parametrize(
    "form",
    [
        "{id}",
        "<{id}>",
        "mid:{id}",
        "Message-ID: <{id}>",
        "{url}/linux-mm/{id}/",
        "{url}/linux-mm/{id}/T/#t",
        "{url}/linux-mm/{id}/t.mbox.gz",
        "{url}/linux-kernel/{id}/raw",
        "{url}/linux-mm/{quoted}/#r",
        "{url}/{id}",
        "{url}/r/{id}/",
        "{url}/all/{id}/",
        "{url}/linux-mm/3@{domain}/",
    ],
)
def test_every_way_to_name_a_mail_gives_the_whole_thread(
    form: str, balloon: str, settings: Settings, public_inbox: PublicInbox
) -> None:
    quoted = balloon.replace("@", "%40").replace(".", "%2E")
    text = form.format(id=balloon, quoted=quoted, url=public_inbox.url, domain=WHOLE)
    got = fetched(text, settings)
    assert ids(got) == [*(f"{number}@{WHOLE}" for number in range(6)), "review@example.org"]
    assert not got.from_cache


def test_a_thread_gives_the_series_that_the_folder_gives(
    balloon: str, settings: Settings, public_inbox: PublicInbox
) -> None:
    def loaded(text: str) -> list[tuple[str, str]]:
        series = load.load_series(load.Reference(text), settings, Silent())
        return [(patch.subject, patch.patch_id) for patch in series.patches]

    assert loaded(f"{public_inbox.url}/linux-mm/{balloon}/") == loaded(str(BUNDLED))


def test_a_review_comes_with_the_patch_it_answers(
    balloon: str, settings: Settings, public_inbox: PublicInbox
) -> None:
    series = load.load_series(load.Reference(f"mid:{balloon}"), settings, Silent())
    (review,) = series.patches[0].reviews
    assert review.message_id == "review@example.org"
    assert "\nFrom here on it is clear.\n" in review.body
    assert [trailer.name for trailer in review.trailers] == ["Reviewed-by"]


def test_a_message_id_is_written_in_a_link_with_escapes(
    settings: Settings, public_inbox: PublicInbox
) -> None:
    odd = "20250203.1-a/b+c%d=e@example.org"
    public_inbox.add("linux-mm", mail("odd", odd))
    assert ids(fetched(f"<{odd}>", settings)) == [odd]
    link = f"{public_inbox.url}/linux-mm/20250203.1-a%2Fb%2Bc%25d=e@example.org/T/#u"
    assert ids(fetched(link, settings)) == [odd]
    assert fetched(f"<{odd}>", settings).url.endswith("/20250203.1-a%2Fb%2Bc%25d=e@example.org/")


def test_the_escapes_of_the_mailbox_can_be_undone(
    balloon: str, settings: Settings, public_inbox: PublicInbox
) -> None:
    got = fetched(f"{public_inbox.url}/linux-mm/{balloon}/", settings)
    assert b"\n>From here on it is clear.\n" in got.mails
    assert len(split_mbox(got.mails)) == 7


def test_two_revisions_in_one_thread_come_together(
    settings: Settings, public_inbox: PublicInbox
) -> None:
    public_inbox.add(
        "linux-mm",
        mail("[PATCH 0/1] mm: both", "v1-0@both", "cover\n"),
        mail("[PATCH 1/1] mm: one", "v1-1@both", changing(1), reply_to="v1-0@both"),
        mail("[PATCH v2 0/1] mm: both", "v2-0@both", "cover\n", reply_to="v1-0@both"),
        mail("[PATCH v2 1/1] mm: one", "v2-1@both", changing(2), reply_to="v2-0@both"),
    )
    got = fetched("v2-1@both", settings)
    assert ids(got) == ["v1-0@both", "v1-1@both", "v2-0@both", "v2-1@both"]
    assert got.message_id == "v2-1@both"
    assert got.irregular == ()
    for named, revision in (("v1-1@both", 1), ("v2-1@both", 2), ("v2-0@both", 2)):
        series = load.load_series(load.Reference(named), settings, Silent())
        assert (series.revision, len(series.patches)) == (revision, 1)


def test_patches_that_were_sent_outside_the_thread_are_searched_for(
    settings: Settings, public_inbox: PublicInbox
) -> None:
    """A sender whose mails bear no In-Reply-To left a posting in as many threads as mails."""
    other = {"From": "Other <other@example.org>"}
    late = {"Date": "Mon, 17 Feb 2025 10:00:00 +0000"}
    public_inbox.add(
        "linux-mm",
        mail("[PATCH RFC 0/3] mm: torn apart", "0@torn", "cover\n"),
        mail("[PATCH RFC 1/3] mm: first part", "1@torn", changing(1), reply_to="0@torn"),
        mail("[PATCH RFC 2/3] mm: second piece", "2@torn", changing(2)),
        mail("Re: [PATCH RFC 2/3] mm: second piece", "r@torn", "Fine.\n", reply_to="2@torn"),
        mail("[PATCH RFC 3/3] mm: third share", "3@torn", changing(3)),
        mail("[PATCH RFC 3/3] mm: of another", "o@torn", changing(4), headers=other),
        mail("[PATCH RFC 3/3] mm: of later days", "l@torn", changing(5), headers=late),
        mail("[PATCH RFC v2 3/3] mm: of v2", "v@torn", changing(6)),
        mail("[PATCH RFC 0/3] mm: same day", "0@same", "cover\n"),
        mail("[PATCH RFC 3/3] mm: of same day", "3@same", changing(7), reply_to="0@same"),
    )
    public_inbox.restart()
    got = fetched("0@torn", settings)
    assert ids(got) == ["0@torn", "1@torn", "2@torn", "3@torn", "r@torn"]
    assert [line.partition(" is ")[0] for line in got.irregular] == ["patch 2/3", "patch 3/3"]
    series = load.load_series(load.Reference("0@torn"), settings, Silent())
    assert [patch.message_id for patch in series.patches] == ["1@torn", "2@torn", "3@torn"]
    assert [review.message_id for review in series.patches[1].reviews] == ["r@torn"]
    assert set(got.irregular) <= set(series.irregular)


def test_a_patch_that_nobody_sent_is_said_to_be_missing(
    settings: Settings, public_inbox: PublicInbox
) -> None:
    public_inbox.add("linux-mm", mail("[PATCH 1/2] mm: half", "1@half", changing(1)))
    got = fetched("1@half", settings)
    assert got.irregular == ("the thread lacks 2/2; a search did not find them",)


def test_the_command_takes_a_link_a_message_id_and_works_offline(
    balloon: str,
    public_inbox: PublicInbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATCHTOOL_CACHE", str(tmp_path))
    monkeypatch.setenv("PATCHTOOL_LORE", public_inbox.url)
    said = []
    for words in (
        [f"{public_inbox.url}/linux-mm/{balloon}/T/#t"],
        [balloon],
        [balloon, "--offline"],
    ):
        assert cli.run(["--progress", "none", "series", "show", *words]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] == said[2]
    assert "count what becomes of balloon pages" in said[0]
    assert cli.run(["--progress", "none", "series", "show", "none@example.org"]) == 2
    assert "no mail <none@example.org> there" in capsys.readouterr().err


def test_a_mail_that_is_not_there_is_the_users_mistake(
    settings: Settings, public_inbox: PublicInbox
) -> None:
    with pytest.raises(UsageError, match=r"no mail <nobody@example\.org> there") as caught:
        fetched(f"{public_inbox.url}/linux-mm/nobody@example.org/", settings)
    assert f"{public_inbox.url}/linux-mm" in str(caught.value)
    assert "list's name" in caught.value.hint


def test_what_was_fetched_is_there_offline_under_every_name(
    balloon: str, settings: Settings, public_inbox: PublicInbox
) -> None:
    first = fetched(f"{public_inbox.url}/linux-mm/{balloon}/", settings)
    away = settings.model_copy(update={"lore": "http://127.0.0.1:9", "offline": True})
    kept = fetched(f"mid:{balloon}", away)
    assert kept.from_cache
    assert (kept.mails, kept.url, kept.fetched_at) == (first.mails, first.url, first.fetched_at)


def test_offline_without_a_copy_says_how_to_get_one(settings: Settings) -> None:
    with pytest.raises(NetworkError, match="not fetched before") as caught:
        fetched("never@example.org", settings, offline=True)
    assert "without --offline" in caught.value.hint


def test_a_damaged_copy_is_noticed_and_a_fetch_mends_it(
    balloon: str, settings: Settings, public_inbox: PublicInbox
) -> None:
    fetched(balloon, settings)
    (copy,) = [path for path in (settings.cache / "fetched").iterdir() if path.is_file()]
    copy.write_bytes(copy.read_bytes().replace(b"balloon", b"ballast", 1))
    with pytest.raises(NetworkError, match="damaged"):
        fetched(balloon, settings, offline=True)
    copy.unlink()
    with pytest.raises(NetworkError, match="damaged or gone"):
        fetched(balloon, settings, offline=True)
    fetched(balloon, settings)
    assert ids(fetched(balloon, settings, offline=True))


def test_when_the_network_fails_the_copy_is_offered_and_not_taken(
    balloon: str, settings: Settings, public_inbox: PublicInbox
) -> None:
    fetched(balloon, settings)
    away = settings.model_copy(update={"lore": "http://127.0.0.1:9", "network_retries": 0})
    with pytest.raises(NetworkError, match="refused") as caught:
        fetched(balloon, away)
    assert "--offline takes it" in caught.value.hint
