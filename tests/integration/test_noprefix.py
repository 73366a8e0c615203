# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that git made with diff.noprefix: none of their files lands in another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.errors import MailError
from patchtool.series.diff import parse_diff
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = "".join(f"row {number}\n" for number in range(1, 31))


def add(top: Path) -> None:
    (top / "mm/new.c").write_text("int n;\n")


def add_with_a_blank(top: Path) -> None:
    (top / "mm/new file").write_text("int n;\n")


def add_empty(top: Path) -> None:
    (top / "mm/empty").touch()


def add_quoted(top: Path) -> None:
    (top / "mm/ä.c").write_text("int n;\n")


def add_quoted_and_empty(top: Path) -> None:
    (top / "mm/ä.c").touch()


def add_binary(top: Path) -> None:
    (top / "mm/logo").write_bytes(bytes(range(256)))


def delete(top: Path) -> None:
    (top / "mm/rows").unlink()


def rename(top: Path) -> None:
    (top / "mm/rows").rename(top / "mm/lines")


def rename_to_quoted(top: Path) -> None:
    (top / "mm/rows").rename(top / "mm/ö")


def rename_and_change(top: Path) -> None:
    (top / "mm/rows").rename(top / "mm/lines")
    (top / "mm/lines").write_text(ROWS.replace("row 9\n", "row nine\n"))


def change_mode(top: Path) -> None:
    (top / "mm/rows").chmod(0o755)


def change(top: Path) -> None:
    (top / "mm/rows").write_text(ROWS.replace("row 9\n", "row nine\n"))


CHANGES = (
    *(add, add_with_a_blank, add_empty, add_quoted, add_quoted_and_empty, add_binary),
    *(delete, rename, rename_to_quoted, rename_and_change, change_mode, change),
)


def diff_of(top: Path, make: Callable[[Path], None], *options: str) -> bytes:
    (top / "mm").mkdir()
    (top / "mm/rows").write_text(ROWS)
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "base")
    make(top)
    git(top, "add", "-A")
    return git(top, *options, "diff", "--cached", "--binary", "-M", "HEAD").encode() + b"\n"


@pytest.mark.parametrize("make", CHANGES)
def test_a_change_without_prefixes_is_refused_by_name(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    data = diff_of(tmp_path, make, "-c", "diff.noprefix=true")
    with pytest.raises(MailError, match="noprefix"):
        parse_diff(data, "0001-x.patch")


@pytest.mark.parametrize("mnemonic", ["false", "true"])
@pytest.mark.parametrize("make", CHANGES)
def test_the_same_change_with_prefixes_is_read(
    tmp_path: Path, make: Callable[[Path], None], mnemonic: str
) -> None:
    data = diff_of(tmp_path, make, "-c", f"diff.mnemonicPrefix={mnemonic}")
    (diff,) = parse_diff(data, "0001-x.patch")
    assert all(path.startswith("mm/") for path in (diff.old_path, diff.new_path) if path)
