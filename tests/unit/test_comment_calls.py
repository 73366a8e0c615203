# SPDX-License-Identifier: GPL-2.0-or-later
"""The script that tells patchwork what came of comments: what it says, and what a shell runs."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from patchtool.intake.servers.patchwork_comments import Comment
from patchtool.report import comment_calls
from patchtool.revisions.compare import compare
from tests.lib.revised import BOB, EVE, Reply, edit, post

if TYPE_CHECKING:
    from pathlib import Path

ALPHA = ("\t\tcount_alpha(result);", "\t\tcount_alpha_locked(result);")
OMEGA = ("\t\tcount_omega(result);", "\t\tcount_omega_pages(result);")
SERVER = "https://patchwork.example.org"
EVIL = "Eve $(touch evil) `touch evil`\x1b[31m <eve@e.org>"


def ask(name: str) -> str:
    return f"> +\t\tcount_alpha_locked(result);\n\nPlease use {name}() here.\n"


def script() -> str:
    """Done, not done, changed in a sense that nothing shows, not on the server, nothing asked."""
    old = post(
        edit("mm: alpha", ALPHA), edit("fs: omega", OMEGA, path="fs/b.c"),
        replies=(
            Reply(1, ask("count_alpha_safe")),
            Reply(1, ask("count_alpha_other"), EVIL),
            Reply(2, "> +\t\tcount_omega_pages(result);\n\nPlease drop this line.\n"),
            Reply(2, "> +\t\tcount_omega_pages(result);\n\nPlease add a comment.\n", EVE),
            Reply(2, f"Acked-by: {BOB}\n"),
        ),
    )  # fmt: skip
    new = post(
        edit("mm: alpha", (ALPHA[0], "\t\tcount_alpha_safe(result);")),
        edit("fs: omega", OMEGA, path="fs/b.c"), revision=2,
    )  # fmt: skip
    there = {
        f"v1.{number}@a.org": Comment(f"v1.{number}@a.org", f"{SERVER}/c/{number}/?a=1&b='x'")
        for number in (102, 103, 104, 106)
    }
    return comment_calls.script(compare(old, new), there, SERVER)


def test_each_mail_that_asks_has_its_call() -> None:
    lines = script().split("\n\n")[2:]
    calls = [part.splitlines()[-1].partition("?")[0] for part in lines]
    states = [part.rstrip().rsplit(" ", 1)[1] for part in lines]
    assert [(call.removeprefix("addressed "), state) for call, state in zip(calls, states,
            strict=True)] == [
        (f"'{SERVER}/c/102/", "true"), (f"# addressed '{SERVER}/c/103/", "true"),
        (f"'{SERVER}/c/104/", "false"), ("# is not on the server", "server"),
    ]  # fmt: skip


def test_a_shell_runs_the_calls_and_nothing_of_the_mails(tmp_path: Path) -> None:
    """curl gets the address, the state, and the token on standard input, where no one sees it."""
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\n{ cat; for each; do echo "$each"; done; } >>"$LOG"\n')
    curl.chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "LOG": str(tmp_path / "log"),
        "PATCHTOOL_PATCHWORK_TOKEN": "secret",
    }  # fmt: skip
    subprocess.run(["sh"], input=script(), text=True, env=env, cwd=tmp_path, check=True)
    log = (tmp_path / "log").read_text().splitlines()
    sent = [line for line in log if line.startswith(("{", "http"))]
    assert sent == [
        '{"addressed": true}', f"{SERVER}/c/102/?a=1&b='x'",
        '{"addressed": false}', f"{SERVER}/c/104/?a=1&b='x'",
    ]  # fmt: skip
    assert log.count("Authorization: Token secret") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curl", "log"]
    assert "\x1b" not in script()


def test_without_a_token_nothing_is_sent(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["sh"], input=script(), text=True, env=env, cwd=tmp_path, check=False, capture_output=True
    )
    assert done.returncode != 0
    assert "PATCHTOOL_PATCHWORK_TOKEN" in done.stderr
