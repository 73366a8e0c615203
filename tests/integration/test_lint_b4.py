# SPDX-License-Identifier: GPL-2.0-or-later
"""Our checks inside the real b4: in `b4 prep --check`, and by the code of its review."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lib.gitrepo import git
from tests.lib.linted import Setting, made


@pytest.fixture
def it(tmp_path: Path) -> Setting:
    return made(tmp_path)


def b4(it: Setting, *words: str) -> str:
    """Run the real b4 in the repository; all it printed."""
    program = Path(sys.executable).with_name("b4")
    done = subprocess.run(
        [program, "--offline-mode", "--no-interactive", *words],
        env=it.environment(LANG="C.UTF-8"), cwd=it.top, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def ask_b4(it: Setting, key: str, mode: str) -> None:
    """Have b4 run our command, as the command's help tells users."""
    command = f"{sys.executable} -m patchtool series lint - --b4 {mode} --skip checkpatch"
    git(it.top, "config", f"b4.{key}", command)
    git(it.top, "config", "user.name", "Jörg Doe, Jr")
    git(it.top, "config", "user.email", "j@example.org")


def test_b4_prep_check_shows_our_findings(it: Setting) -> None:
    """The patches are on b4's branch, and b4 asks for each of them."""
    ask_b4(it, "prep-perpatch-check-cmd", "prep")
    b4(it, "prep", "-n", "topic", "-f", "v6.12")
    it.change("mm/count: change it", "Why it must be.", line=20)
    it.edit("line_21;", "changed_21;")
    it.commit('mm/cuont: fix it.\n\nBroken.\n\nFixes: 0123456789ab ("mm: count")')
    told = b4(it, "prep", "--check", "--no-cache")
    assert "[signoff-missing]" in told
    assert "[fixes-unknown]" in told
    assert "[prefix-unknown]" in told
    assert "[subject-period]" in told
    assert "Success: 1, Warning: 2, Error: 2" in told


REVIEW = """
import argparse, email, email.policy, json, sys
import b4
from b4.review import checks
b4.setup_config(argparse.Namespace(config={}))
with open(sys.argv[2], "rb") as file:
    message = email.message_from_binary_file(file, policy=email.policy.default)
perpatch, series = checks.load_check_cmds()
given = ("id@host", message)
if sys.argv[1] == "patch":
    told = checks.run_perpatch_checks([given], perpatch, ".")["id@host"]
else:
    env = {"B4_TRACKING_FILE": sys.argv[3]} if len(sys.argv) > 3 else None
    told = checks.run_series_checks(given, series, ".", extra_env=env)
print(json.dumps(told))
"""


def review(it: Setting, *words: str | Path) -> list[dict[str, Any]]:
    """What b4's review makes of our answer, by its own code."""
    done = subprocess.run(
        [sys.executable, "-c", REVIEW, *map(str, words)],
        env=it.environment(), cwd=it.top, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


@pytest.fixture
def posting(it: Setting) -> Path:
    """Mails of a second revision without a change log, and a wrong Fixes tag in patch 2."""
    it.change("mm/count: change it", "Why it must be.", line=20)
    it.change("mm/count: fix it", "Broken.", "", 'Fixes: 0123456789ab ("x")', line=21)
    options = (
        "-v2",
        "--cover-letter",
        "--to=x@example.org",
        "--thread",
        "--signature=none",
        "--subject-prefix=PATCH",
    )
    posted = it.post(*options)
    for path in posted.iterdir():
        text = path.read_text(encoding="utf-8")
        text = text.replace("*** SUBJECT HERE ***", "mm/count: change lines")
        path.write_text(text.replace("*** BLURB HERE ***", "Words."), encoding="utf-8")
    return posted


def test_b4_review_of_a_patch_reads_our_json(it: Setting, posting: Path) -> None:
    ask_b4(it, "review-perpatch-check-cmd", "patch")
    first, second = sorted(posting.glob("v2-000[12]*"))
    (told,) = review(it, "patch", first)
    assert (told["tool"], told["status"]) == ("patchtool", "pass")
    (told,) = review(it, "patch", second)
    assert told["status"] == "fail"
    assert told["summary"].startswith("1 error")
    details = json.loads(told["details"])
    assert details[0]["status"] == "fail"
    assert "[fixes-unknown]" in details[0]["description"]
    assert details[0]["srcline"].startswith("Fixes: 0123456789ab")


def test_b4_review_of_a_series_reads_the_thread_that_b4_keeps(it: Setting, posting: Path) -> None:
    ask_b4(it, "review-series-check-cmd", "series")
    mails = sorted(posting.iterdir())
    thread = it.folder / "thread.mbox"
    thread.write_bytes(b"".join(path.read_bytes() for path in mails))
    blob = git(it.top, "hash-object", "-w", str(thread))
    tracking = it.folder / "tracking.json"
    tracking.write_text(json.dumps({"series": {"thread-blob": blob}}), encoding="utf-8")
    (told,) = review(it, "series", mails[0], tracking)
    assert (told["tool"], told["status"]) == ("patchtool-series", "warn")
    assert "[changelog-missing]" in told["details"]
    assert "fixes-unknown" not in told["details"]


def test_b4_review_is_told_why_nothing_was_checked(it: Setting, tmp_path: Path) -> None:
    ask_b4(it, "review-perpatch-check-cmd", "patch")
    mail = tmp_path / "mail"
    mail.write_text("From: a@b\nSubject: [PATCH] x\nDate: Mon, 3 Feb 2025 10:00:00 +0100\n\nno\n")
    (told,) = review(it, "patch", mail)
    assert told["status"] == "fail"
    assert "no diff" in told["details"]


def test_b4_am_check_shows_our_findings(it: Setting, posting: Path) -> None:
    ask_b4(it, "am-perpatch-check-cmd", "prep")
    mails = [path.read_bytes() for path in sorted(posting.iterdir())]
    box = it.folder / "thread.mbox"
    box.write_bytes(b"".join(mails))
    (message_id,) = re.findall(rb"(?im)^message-id: <(.*)>$", mails[0])
    told = b4(it, "am", "-m", str(box), "-o", str(it.folder), "--check", message_id.decode())
    assert "passed all checks" in told
    assert "[fixes-unknown]" in told


def test_a_series_that_cannot_be_fetched_is_told_to_b4(it: Setting, posting: Path) -> None:
    """Without a thread kept by b4 the rest is asked for by Message-ID; here nobody answers."""
    ask_b4(it, "review-series-check-cmd", "series")
    config = it.folder / ".config" / "patchtool"
    config.mkdir(parents=True)
    (config / "config.toml").write_text("offline = true\n", encoding="utf-8")
    (told,) = review(it, "series", min(posting.iterdir()))
    assert told["status"] == "fail"
    assert "offline" in told["details"]
