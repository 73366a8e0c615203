# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mail or series a Message-ID, an id or a link names."""

from __future__ import annotations

import pytest

from patchtool.errors import UsageError
from patchtool.intake.servers.lore import place_of
from patchtool.intake.servers.patchwork_link import link_of

DEFAULT = "https://lore.example.org/all"


@pytest.mark.parametrize(
    ("text", "server", "message_id"),
    [
        ("a.b-1@host", DEFAULT, "a.b-1@host"),
        (" <a/b@host> ", DEFAULT, "a/b@host"),
        ("mid:a@host", DEFAULT, "a@host"),
        ("Message-Id: <a@host>", DEFAULT, "a@host"),
        (
            "https://lore.example.org/linux-mm/a@host/",
            "https://lore.example.org/linux-mm",
            "a@host",
        ),
        ("https://lore.example.org/linux-mm/a@host", "https://lore.example.org/linux-mm", "a@host"),
        ("https://lore.example.org/r/a@host/", "https://lore.example.org/all", "a@host"),
        ("HTTP://host:8080/x/y/mm/%3Ca%2Fb%40host%3E/raw", "http://host:8080/x/y/mm", "a/b@host"),
        ("https://host/mm/a+b%2Bc@host/T/#m0123", "https://host/mm", "a+b+c@host"),
        ("https://host/mm/a@host/t.mbox.gz?x=1", "https://host/mm", "a@host"),
        ("https://host/a@host/", "https://host", "a@host"),
        ("https://lkml.kernel.org/r/a@host", DEFAULT, "a@host"),
        ("https://patch.msgid.link/a@host", DEFAULT, "a@host"),
    ],
)
def test_a_mail_is_named_in_many_ways(text: str, server: str, message_id: str) -> None:
    place = place_of(text, f"{DEFAULT}/")
    assert (place.server, place.message_id) == (server, message_id)


@pytest.mark.parametrize(
    "text",
    ["", "word", "<a b@host>", "a@b@c", "https://host/mm/", "https:///a@host/", "mid:", "x@", "@x",
     "https://user:secret@host/mm/a@host/", "http://[::1/a@host/", "http://host:x/a@host/"],
)  # fmt: skip
def test_what_names_no_mail_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        place_of(text, DEFAULT)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("server", ["lore.example.org", "", "file:///srv"])
def test_a_setting_that_is_no_address_is_named(server: str) -> None:
    with pytest.raises(UsageError) as caught:
        place_of("a@host", server)
    assert caught.value.hint == "check the setting `lore`"
    with pytest.raises(UsageError) as caught:
        link_of("12", server)
    assert caught.value.hint == "check the setting `patchwork`"


def test_the_address_of_a_mail_is_escaped() -> None:
    place = place_of("<a/b+c%d#e?@host>", DEFAULT)
    assert place.url == f"{DEFAULT}/a%2Fb%2Bc%25d%23e%3F@host/"
    assert place_of(place.url, DEFAULT).message_id == place.message_id


SERVER = "https://pw.example.org"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("12", f"{SERVER}/series/12/"),
        ("patchwork:12", f"{SERVER}/series/12/"),
        ("https://host/project/mm/list/?state=*&series=34", "https://host/series/34/"),
        ("https://host/pw/project/mm/list/?series=34#top", "https://host/pw/series/34/"),
        ("https://host/api/series/34/", "https://host/series/34/"),
        ("https://host/api/1.1/patches/5/checks/", "https://host/patch/5/"),
        ("https://host/api/1.3/covers/6", "https://host/cover/6/"),
        ("http://host:8000/series/34/mbox/", "http://host:8000/series/34/"),
        ("https://host/patch/5", "https://host/patch/5/"),
        ("https://host/patch/5/raw/", "https://host/patch/5/"),
        ("https://host/project/mm/patch/a.b@c/", "https://host/project/mm/patch/a.b@c/"),
        ("https://host/x/project/mm/cover/a%40c/mbox/", "https://host/x/project/mm/cover/a@c/"),
    ],
)
def test_a_series_is_named_in_many_ways(text: str, link: str) -> None:
    assert link_of(text, f"{SERVER}/").text == link


@pytest.mark.parametrize(
    "text",
    ["", "patchwork:", "patchwork:x", "https://host/", "https://host/project/mm/list/",
     "https://host/project/mm/list/?series=x", "ftp://host/series/1/",
     "http://[::1/patch/1/", "https://u:secret@host/patch/1/"],
)  # fmt: skip
def test_what_names_no_series_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        link_of(text, SERVER)
    assert "secret" not in str(caught.value)
