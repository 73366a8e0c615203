# SPDX-License-Identifier: GPL-2.0-or-later
"""Archives that are slow, break off, are busy, send pages or never end. No test waits."""

from __future__ import annotations

import gzip
import re
import threading
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import NetworkError, UsageError
from patchtool.intake.servers import lore, patchwork
from patchtool.intake.servers.server import Session
from tests.lib.bad_server import Clock, answer, endless, hang_up, serving, silent
from tests.lib.public_inbox import mail

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.intake.servers.fetched import Fetched
    from patchtool.intake.servers.server import Patience
    from tests.lib.bad_server import BadServer

ID = "1@example.org"
BOX = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + mail("[PATCH] mm: one", ID) + b"\n"
PACKED = gzip.compress(BOX, mtime=0)
GOOD = answer(200, PACKED, Content_Type="application/gzip")
BUSY = answer(503)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache")


def fetched(bad: BadServer, settings: Settings, patience: Patience) -> Fetched:
    return lore.fetch(f"{bad.url}/linux-mm/{ID}/", settings, Silent(), patience=patience)


@pytest.mark.parametrize(
    "first", [answer(500), answer(502), BUSY, hang_up], ids=["500", "502", "503", "hang up"]
)
def test_a_server_that_fails_twice_is_asked_again_after_growing_pauses(
    first: object, settings: Settings, clock: Clock
) -> None:
    with serving(first, first, GOOD) as bad:  # type: ignore[arg-type]
        assert fetched(bad, settings, clock.patience()).mails == BOX
    assert clock.waited == [1, 2]


def test_a_connection_that_breaks_in_the_middle_is_tried_again(
    settings: Settings, clock: Clock
) -> None:
    with serving(answer(200, PACKED[:40], promise=len(PACKED)), GOOD) as bad:
        assert fetched(bad, settings, clock.patience()).mails == BOX
    assert clock.waited == [1]


def test_a_server_that_stays_broken_is_given_up_with_the_address_and_the_count(
    settings: Settings, clock: Clock
) -> None:
    with serving(answer(500)) as bad, pytest.raises(NetworkError) as caught:
        fetched(bad, settings, clock.patience(retries=3))
    assert f"{bad.url}/linux-mm/1%40example.org/t.mbox.gz: it answers 500" in str(caught.value)
    assert "tried 4 times" in str(caught.value)
    assert caught.value.hint
    assert clock.waited == [1, 2, 4]


def test_a_busy_server_says_how_long_to_wait(settings: Settings, clock: Clock) -> None:
    with serving(answer(429, Retry_After="37"), GOOD) as bad:
        assert fetched(bad, settings, clock.patience()).mails == BOX
    assert clock.waited == [37]


def test_a_retry_after_may_be_a_date(settings: Settings, clock: Clock) -> None:
    past = answer(429, Retry_After="Mon, 03 Feb 2025 10:00:00 GMT")
    with serving(past, GOOD) as bad:
        assert fetched(bad, settings, clock.patience()).mails == BOX
    assert clock.waited == [0]


def test_a_server_that_asks_for_too_long_a_wait_is_not_waited_for(
    settings: Settings, clock: Clock
) -> None:
    with (
        serving(answer(429, Retry_After="86400")) as bad,
        pytest.raises(NetworkError, match="it asks to wait 86400 s"),
    ):
        fetched(bad, settings, clock.patience())
    assert clock.waited == []


def test_a_silent_server_is_given_up(settings: Settings, clock: Clock) -> None:
    over = threading.Event()
    try:
        with (
            serving(silent(over)) as bad,
            pytest.raises(NetworkError, match=r"it is silent; tried 2 times"),
        ):
            fetched(bad, settings, clock.patience(silence=0.1, retries=1))
    finally:
        over.set()


def test_a_trickle_is_not_listened_to_for_ever(settings: Settings, clock: Clock) -> None:
    """A server that sends a byte now and then is never silent."""

    def later() -> None:
        clock.time += 10

    with (
        serving(endless(b"\x1f\x8b", b"x", later)) as bad,
        pytest.raises(NetworkError, match="not whole after 60 s"),
    ):
        fetched(bad, settings, clock.patience(total=60))


def test_a_mailbox_that_never_ends_is_left(clock: Clock) -> None:
    with (
        serving(endless(b"\x1f\x8b", bytes(1 << 16))) as bad,
        Session(clock.patience(), Silent(), limit=1 << 20) as session,
        pytest.raises(NetworkError, match="no end after 1 MiB"),
    ):
        session.get(f"{bad.url}/linux-mm/x@y/t.mbox.gz")


class Heard(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def update(self, detail: str, done: int | None = None, total: int | None = None) -> None:  # noqa: ARG002 (the protocol's)
        self.said.append(detail)


def test_a_long_answer_is_watched_while_it_comes(clock: Clock) -> None:
    heard = Heard()
    with (
        serving(BUSY, answer(200, bytes(1 << 18))) as bad,
        Session(clock.patience(), heard) as session,
    ):
        assert len(session.get(bad.url).content) == 1 << 18
    host = bad.url.removeprefix("http://")
    assert heard.said[0] == "it answers 503 Service Unavailable; trying again in 1 s"
    sizes = [int(line.removeprefix(f"{host}: ").removesuffix(" kB")) for line in heard.said[1:]]
    assert sizes == sorted(sizes)
    assert len(sizes) >= 2
    assert sizes[-1] <= 256


def test_a_mailbox_that_unpacks_to_too_much_is_not_unpacked() -> None:
    """A few kB of gzip may hold gigabytes, and liblore unpacks them at once."""
    bomb = gzip.compress(b"From " + bytes(8 << 20))
    with pytest.raises(NetworkError, match="more than 4 MiB"):
        lore.check_mailbox(bomb, "URL", 4 << 20)


def test_mailboxes_in_several_parts_are_whole() -> None:
    lore.check_mailbox(gzip.compress(BOX) + gzip.compress(b"more\n"), "URL")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE html>\n<html><title>Are you a robot&#63;</title>", "a web page: 'Are you a"),
        (b"<html><body>Log in", "a web page"),
        (BOX, "bytes that are none"),
        (b"", "0 bytes that are none"),
        (PACKED[:60], "damaged or cut off"),
        (PACKED[:-4], "damaged or cut off"),
        (PACKED[:40] + b"\0\0\0\0" + PACKED[44:], "damaged or cut off"),
        (gzip.compress(b"<html>", mtime=0), "no mailbox"),
    ],
    ids=["page", "login", "plain", "empty", "cut", "no sum", "wrong", "packed page"],
)
def test_what_is_no_mailbox_is_told(
    body: bytes, words: str, settings: Settings, clock: Clock
) -> None:
    with serving(answer(200, body)) as bad, pytest.raises(NetworkError) as caught:
        fetched(bad, settings, clock.patience())
    assert words in str(caught.value)
    assert bad.url in str(caught.value)
    assert caught.value.hint
    assert not (settings.cache / "fetched").exists()


def test_a_mail_that_is_not_there_is_looked_for_on_the_other_lists_of_the_server(
    settings: Settings, clock: Clock
) -> None:
    with serving(answer(404)) as bad, pytest.raises(UsageError, match="no mail <1@example"):
        fetched(bad, settings, clock.patience())
    assert bad.asked == ["GET /linux-mm/1%40example.org/t.mbox.gz", "HEAD /1%40example.org/"]
    assert clock.waited == []


@pytest.mark.parametrize("status", [401, 403, 410, 418])
def test_a_refusal_is_not_tried_again(status: int, settings: Settings, clock: Clock) -> None:
    kind = UsageError if status == 410 else NetworkError
    with serving(answer(status)) as bad, pytest.raises(kind):
        fetched(bad, settings, clock.patience())
    assert len(bad.asked) == 1


def test_redirects_are_followed_and_a_circle_is_noticed(settings: Settings, clock: Clock) -> None:
    there = answer(302, Location="/other/1%40example.org/t.mbox.gz")
    with serving(there, GOOD) as bad:
        got = fetched(bad, settings, clock.patience())
        assert got.url == f"{bad.url}/other/{ID}/"
    with serving(there) as bad, pytest.raises(NetworkError, match="redirected more than 10"):
        fetched(bad, settings, clock.patience())


def test_a_redirect_out_of_the_web_is_not_followed(settings: Settings, clock: Clock) -> None:
    with (
        serving(answer(302, Location="file:///etc/passwd")) as bad,
        pytest.raises(NetworkError, match=re.escape("moved to file:///etc/passwd")),
    ):
        fetched(bad, settings, clock.patience())


def test_a_server_without_tls_is_told_by_https(settings: Settings, clock: Clock) -> None:
    with serving(GOOD) as bad, pytest.raises(NetworkError, match="no safe connection") as caught:
        lore.fetch(
            f"{bad.url.replace('http:', 'https:')}/l/{ID}/",
            settings,
            Silent(),
            patience=clock.patience(),
        )
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint
    assert clock.waited == []


def test_a_server_that_nobody_runs(settings: Settings, clock: Clock) -> None:
    with serving(GOOD) as gone:
        pass
    with pytest.raises(NetworkError, match="connection refused"):
        fetched(gone, settings, clock.patience())
    assert len(clock.waited) == 4


@pytest.mark.parametrize("host", ["a..b", "x" * 300, "*"])
def test_a_host_that_cannot_be_is_the_users_mistake_or_not_found(
    host: str, settings: Settings, clock: Clock
) -> None:
    """Such a name ended in a traceback, as it is only looked at when a request is made."""
    with pytest.raises((UsageError, NetworkError)):
        lore.fetch(f"http://{host}/l/{ID}/", settings, Silent(), patience=clock.patience())
    assert clock.waited == []


def test_a_server_that_names_another_archive_is_not_left_for_it(
    settings: Settings, clock: Clock
) -> None:
    """liblore asks the upstream that a partial archive names."""
    with serving(GOOD) as upstream:
        away = answer(
            404,
            X_Archive_Coverage="partial; updated=1790000000",
            X_Archive_Upstream=f"{upstream.url}/all/",
        )
        with serving(away) as bad, pytest.raises(UsageError):
            fetched(bad, settings, clock.patience())
        assert upstream.asked == []


def test_the_users_git_configuration_does_not_send_requests_elsewhere(
    settings: Settings, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(GOOD) as named, serving(GOOD) as other:
        config = tmp_path / "gitconfig"
        config.write_text(
            f'[liblore "{named.url}"]\n\tfallback = {other.url}\n',
            encoding="ascii",
        )
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
        assert fetched(named, settings, clock.patience()).mails == BOX
        assert other.asked == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>Welcome</html>", "not the answer of a patchwork server"),
        (b'{"id": "many"}', "not the answer of a patchwork server"),
        (b"[" * 100_000, "not the answer of a patchwork server"),
    ],
    ids=["page", "no number", "deep"],
)
def test_what_is_no_patchwork_is_told(
    body: bytes, words: str, settings: Settings, clock: Clock
) -> None:
    with serving(answer(200, body)) as bad, pytest.raises(NetworkError, match=words):
        patchwork.fetch(f"{bad.url}/series/1/", settings, Silent(), patience=clock.patience())


def test_a_check_is_not_sent_twice_when_the_answer_is_lost(clock: Clock) -> None:
    """It may have been taken; the next call sees whether it was."""
    with (
        serving(hang_up) as bad,
        Session(clock.patience(), Silent()) as session,
        pytest.raises(NetworkError, match="connection broke"),
    ):
        session.post(f"{bad.url}/api/1.2/patches/1/checks/", json={})
    assert len(bad.asked) == 1
