# SPDX-License-Identifier: GPL-2.0-or-later
"""What is open of a posting, inside the real b4: in `b4 prep --check`, and in its review."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.test_lint_b4 import b4, review
from tests.lib.gitrepo import git
from tests.lib.linted import Setting, made
from tests.lib.public_inbox import mail

if TYPE_CHECKING:
    from pathlib import Path

SEPARATOR = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
WISH = "> +int changed_20;\n\nPlease call it other_20 instead.\n"


@pytest.fixture
def it(tmp_path: Path) -> Setting:
    return made(tmp_path)


def ask_b4(it: Setting, old: Path, key: str, mode: str) -> None:
    """Have b4 run our command, as the command's help tells users."""
    command = f"{sys.executable} -m patchtool revisions {old} - --check {mode}"
    git(it.top, "config", f"b4.{key}", command)
    git(it.top, "config", "user.name", "Jörg Doe, Jr")
    git(it.top, "config", "user.email", "j@example.org")


def first_posting(it: Setting) -> Path:
    """v1 of one patch, on which somebody asks for something, as a mailbox."""
    it.change("mm/count: change it", "Why it really must be.", line=20)
    (file,) = it.post("-v1", "--to=x@example.org", "--thread", "--signature=none").iterdir()
    text = file.read_bytes()
    ident = next(line for line in text.decode().splitlines() if line.startswith("Message-I"))
    reply = mail(
        "Re: [PATCH] mm/count: change it", "wish@example.org", WISH,
        reply_to=ident.partition("<")[2].rstrip(">"),
        headers={"From": "Rita Rook <rita@rook.example>"},
    )  # fmt: skip
    box = it.folder / "v1.mbox"
    box.write_bytes(SEPARATOR + text + b"\n" + SEPARATOR + reply + b"\n")
    return box


def test_b4_prep_check_shows_what_is_open(it: Setting) -> None:
    old = first_posting(it)
    ask_b4(it, old, "prep-perpatch-check-cmd", "prep")
    b4(it, "prep", "-n", "topic", "-f", "v6.12")
    it.change("mm/count: change it", "Why it must be.", line=20)
    told = b4(it, "prep", "--check", "--no-cache")
    assert 'Rita Rook on v1: "Please call it other_20 instead.": unanswered' in told
    assert "[remark-unanswered]" in told
    assert "Success: 0, Warning: 1, Error: 0" in told


def test_b4_prep_check_is_content_with_what_was_done(it: Setting) -> None:
    old = first_posting(it)
    ask_b4(it, old, "prep-perpatch-check-cmd", "prep")
    b4(it, "prep", "-n", "topic", "-f", "v6.12")
    it.edit("line_20;", "other_20;")
    it.commit("mm/count: change it\n\nWhy it must be.\n\nSigned-off-by: Jörg Doe <j@example.org>")
    it.change("mm/count: another patch", "It is new in this version.", line=35)
    told = b4(it, "prep", "--check", "--no-cache")
    assert "Success: 2, Warning: 0, Error: 0" in told


def test_b4_review_reads_our_json(it: Setting) -> None:
    old = first_posting(it)
    it.change("mm/count: change it", "Why it really must be.", line=20)
    (file,) = it.post("-v2", "--signature=none").glob("v2-*")
    for key, mode in (
        ("review-perpatch-check-cmd", "patch"),
        ("review-series-check-cmd", "series"),
    ):
        ask_b4(it, old, key, mode)
        (told,) = review(it, mode, file)
        assert (told["tool"], told["status"]) == ("patchtool-revisions", "warn")
        assert "[remark-unanswered]" in json.loads(told["details"])[0]["description"]
