# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that came without some of their lines: left out by git, or by a mail program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import MailError
from patchtool.intake.load import Reference, load_series
from patchtool.series.mail import parse_mail
from patchtool.series.patch_id import patch_id
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = tmp_path / "tree"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    (top / "f").write_text("".join(f"{n}\n" for n in range(1, 30)))
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "base")
    return top


@pytest.mark.parametrize("how", ["removed", "rewritten", "binary"])
def test_an_irreversible_delete_is_named_as_such(top: Path, tmp_path: Path, how: str) -> None:
    """It was said to be truncated."""
    if how == "rewritten":
        (top / "f").write_text("".join(f"the old line {n}\n" for n in range(40)))
        git(top, "commit", "-q", "-a", "-m", "long enough for -B")
        (top / "f").write_text("".join(f"other {n}\n" for n in range(40)))
    elif how == "removed":
        git(top, "rm", "-q", "f")
    else:
        (top / "b").write_bytes(bytes(range(256)))
        git(top, "add", "b")
        git(top, "commit", "-q", "-m", "binary")
        git(top, "rm", "-q", "b")
    git(top, "commit", "-q", "-a", "-m", "x: y")
    words = ("format-patch", "-1", "-D", "-B", "--binary", "-o", str(tmp_path / "out"))
    git(top, *words)
    with pytest.raises(MailError, match=r"git format-patch -D.*send it without -D"):
        load_series(Reference(str(tmp_path / "out")), Settings(), Silent())


def test_empty_context_lines_that_lost_their_blank_keep_the_patch_id(top: Path) -> None:
    """git 2.39 ends the hunk there; its id of the commit is what the mail is to have."""
    rows = [f"{n}\n" if n % 2 else "\n" for n in range(1, 30)]
    (top / "f").write_text("".join(rows))
    git(top, "commit", "-q", "-a", "-m", "empty lines")
    rows[14] = "fifteen\n"
    (top / "f").write_text("".join(rows))
    git(top, "commit", "-q", "-a", "-m", "x: y")
    mail = git(top, "format-patch", "-1", "--stdout").encode() + b"\n"
    stripped = mail.replace(b"\n \n", b"\n\n")
    assert stripped != mail
    want = git(top, "patch-id", "--stable", stdin=mail).split()[0]
    assert patch_id(mail) == patch_id(stripped) == want
    patch = parse_mail(stripped, "x").patch(1)
    assert patch.patch_id == want
    assert patch.files == parse_mail(mail, "x").patch(1).files
    git(top, "checkout", "-q", "HEAD~1")
    git(top, "am", "-q", stdin=patch.raw)
    assert git(top, "rev-parse", "HEAD^{tree}") == git(top, "rev-parse", "main^{tree}")
