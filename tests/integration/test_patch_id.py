# SPDX-License-Identifier: GPL-2.0-or-later
"""Our patch-ids are those of ``git patch-id --stable``, on diffs of every kind git makes."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from patchtool.series.mail import parse_mail
from patchtool.series.patch_id import patch_id
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("a.c", "dir/b.c", "x y.c", "d/e/f.h", "bin.dat", "ü.c", "run.sh")
LINES = (
    *("", "  int x;", "\treturn 0;", "}", "foo", "\f", "-- ", "--- a", "\\ no", "\u2028"),
    *("@@ -1,2 +1,2 @@", "diff --git a/x b/x", "From 0123456789012345678901234567890123456789"),
)
OPTIONS = (
    ["--binary"],
    ["--full-index", "-U0"],
    ["-M", "-C", "-B", "--binary"],
    ["--no-renames", "--no-binary"],
    ["--attach"],
)


def change(dice: random.Random, repo: Path) -> None:
    """Write, edit, move, remove a file, or change its mode."""
    path = repo / dice.choice(NAMES)
    path.parent.mkdir(parents=True, exist_ok=True)
    how = dice.random()
    if path.exists() and how < 0.1:
        path.unlink()
    elif path.exists() and how < 0.2:
        path.chmod(path.stat().st_mode ^ 0o111)
    elif path.exists() and how < 0.3:
        path.rename(repo / f"moved{dice.randrange(5)}.c")
    elif path.suffix == ".dat":
        path.write_bytes(dice.randbytes(300) + b"\0")
    else:
        lines = path.read_text().split("\n") if path.exists() else []
        for _ in range(dice.randrange(1, 30)):
            lines.insert(dice.randrange(len(lines) + 1), dice.choice(LINES) + dice.choice("ab\t "))
        path.write_text("\n".join(lines) + dice.choice(["", "\n"]))


def gits(repo: Path, mail: bytes) -> str:
    (repo.parent / "mail").write_bytes(mail)
    return git(repo, "patch-id", "--stable", stdin=mail).partition(" ")[0]


@pytest.mark.parametrize("seed", range(4))
def test_diffs_of_every_kind_have_gits_id(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q")
    seen = set()
    for _ in range(25):
        for _ in range(dice.randrange(1, 5)):
            change(dice, repo)
        git(repo, "add", "-A")
        git(repo, "commit", "-qm", "subject\n\nbody\n", "--allow-empty")
        for options in OPTIONS:
            git(repo, "format-patch", "-q", "-1", "-o", str(tmp_path / "out"), *options)
            (file,) = (tmp_path / "out").iterdir()
            mail = file.read_bytes()
            file.unlink()
            for text in (mail, mail[: dice.randrange(len(mail) + 1)], mail.replace(b"\n", b"\r\n")):
                assert patch_id(text) == gits(repo, text), text.decode("utf-8", "replace")
            seen |= set(
                re.findall(rb"^(rename from|GIT binary|old mode|deleted|index)", mail, re.MULTILINE)
            )
    assert len(seen) == 5


def test_a_mail_and_its_plain_form_have_one_id(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q")
    for number in range(3):
        (repo / "ü.c").write_text("\n".join(f"line {n} {number}  " for n in range(number, 30)))
        git(repo, "add", "-A")
        git(repo, "commit", "-qm", f"mm: change {number}\n\nWhy.")
    plain = git(repo, "format-patch", "-1", "--stdout").encode("utf-8", "surrogateescape")
    attached = git(repo, "format-patch", "-1", "--stdout", "--attach")
    want = gits(repo, plain)
    for text in (plain, attached.encode("utf-8", "surrogateescape")):
        assert parse_mail(text, "x.patch").patch(1).patch_id == want
