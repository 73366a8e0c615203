# SPDX-License-Identifier: GPL-2.0-or-later
"""Forms that other programs write, or must take from us: zstd, b4 am, git am, the commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from patchtool.core import process
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import MailError
from patchtool.intake.load import Reference, load_series
from patchtool.intake.sources import packed
from patchtool.series.author import NOBODY
from tests.lib.gitrepo import git

TOP = Path(__file__).resolve().parents[2]
SERIES = TOP / "series" / "balloon-counters"
P1 = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"


def patchtool(
    *words: str | Path, cwd: Path = TOP, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "patchtool", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        capture_output=True, check=False, cwd=cwd, timeout=120, input=stdin,
    )  # fmt: skip


def patch_ids(path: Path | str) -> list[str]:
    series = load_series(Reference(str(path)), Settings(), Silent())
    return [patch.patch_id for patch in series.patches]


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """The bundled series as one mailbox."""
    path = tmp_path / "a.mbox"
    path.write_bytes(b"".join(file.read_bytes() for file in sorted(SERIES.glob("*.patch"))))
    return path


def test_zstd_is_unpacked(tmp_path: Path, box: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        tar.add(SERIES, arcname="x")
    for plain in (path, box):
        process.run(["zstd", "-q", plain], cwd=tmp_path, timeout=60)
        assert patch_ids(f"{plain}.zst") == patch_ids(SERIES)


def test_a_zstd_file_that_unpacks_to_too_much_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "UNPACKED", 1 << 20)
    (tmp_path / "bomb.mbox").write_bytes(bytes(64 << 20))
    process.run(["zstd", "-q", "bomb.mbox"], cwd=tmp_path, timeout=60)
    with pytest.raises(MailError, match=r"bomb\.mbox\.zst: .*too large"):
        patch_ids(tmp_path / "bomb.mbox.zst")


def test_damaged_zstd_is_said_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.mbox.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + b"nonsense" * 4)
    with pytest.raises(MailError, match=r"x\.mbox\.zst: damaged zstd data"):
        patch_ids(path)


def test_git_am_takes_a_patch_that_says_nothing(tmp_path: Path) -> None:
    """The author and the date that are filled in must be ones that git stores."""
    top = tmp_path / "tree"
    top.mkdir()
    git(top, "init", "-q")
    (top / "f").write_text("a\n")
    git(top, "add", "f")
    git(top, "commit", "-q", "-m", "base")
    (tmp_path / "fix-it.diff").write_text(P1)
    series = load_series(Reference(str(tmp_path / "fix-it.diff")), Settings(), Silent())
    git(top, "am", "-q", "--committer-date-is-author-date", stdin=series.patches[0].raw)
    assert git(top, "log", "-1", "--format=%an <%ae>|%at|%ct|%s") == f"{NOBODY}|0|0|fix-it"


def test_what_b4_am_writes_is_the_same_series(tmp_path: Path) -> None:
    """b4 am, run on a mailbox of ours, offline."""
    given = b""
    for number, file in enumerate(sorted(SERIES.glob("*.patch"))):
        head, _, rest = file.read_bytes().partition(b"\n")
        total = len(list(SERIES.glob("*.patch"))) - 1
        rest = rest.replace(b"Subject: [PATCH", b"Subject: [PATCH %d/%d" % (number, total), 1)
        parent = b"In-Reply-To: <m0@example.org>\n" if number else b""
        given += head + b"\nMessage-ID: <m%d@example.org>\n%s" % (number, parent) + rest + b"\n"
    (tmp_path / "in.mbox").write_bytes(given)
    given_to_b4 = ("--no-parent", "-m", tmp_path / "in.mbox", "-o", tmp_path / "out")
    done = process.run(
        ["b4", "--no-interactive", "--offline-mode", "am", *given_to_b4, "m0@example.org"],
        cwd=tmp_path,
        timeout=120,
        check=False,
        env={"HOME": str(tmp_path)},
    )
    assert (tmp_path / "out").is_dir(), done.tail
    series = load_series(Reference(str(tmp_path / "out")), Settings(), Silent())
    assert [patch.patch_id for patch in series.patches] == patch_ids(SERIES)
    assert series.cover is not None


def test_show_prints_the_same_for_a_folder_and_a_mailbox(box: Path, tmp_path: Path) -> None:
    shown = patchtool("series", "show", box)
    assert shown.returncode == 0, shown.stderr
    text = shown.stdout.decode()
    for patch_id in patch_ids(SERIES):
        assert patch_id in text
    assert "6 mails: 1 cover letter, 5 patches" in text
    piped = patchtool("series", "show", "-", stdin=box.read_bytes())
    assert piped.stdout == shown.stdout


def test_what_a_mail_says_does_not_reach_the_terminal_raw(box: Path) -> None:
    """Escape sequences in a mail could hide what is shown, or worse."""
    text = box.read_bytes().replace(b"\n---\n", b"\n\x1b[2J\xc2\x9b31mhidden\n---\n", 1)
    box.write_bytes(text)
    for words in ((), ("--patch", "1"), ("--reviews",)):
        shown = patchtool("series", "show", *words, box)
        assert shown.returncode == 0, shown.stderr
        assert b"\x1b" not in shown.stdout
        assert b"\xc2\x9b" not in shown.stdout


def test_show_as_json_is_the_whole_value(box: Path) -> None:
    found = json.loads(patchtool("series", "show", "--json", box).stdout)
    assert [patch["patch_id"] for patch in found["patches"]] == patch_ids(SERIES)
    assert found["patches"][0]["files"][0]["hunks"][0]["lines"]
    one = json.loads(patchtool("series", "show", "--json", "--patch", "2", box).stdout)
    assert one == found["patches"][1]
    assert patchtool("series", "show", "--patch", "9", box).returncode == 2


def test_what_save_writes_is_a_series(box: Path, tmp_path: Path) -> None:
    done = patchtool("series", "save", box, "-o", tmp_path / "kept")
    assert done.returncode == 0, done.stderr
    assert patch_ids(tmp_path / "kept") == patch_ids(box)
    again = patchtool("series", "save", box, "-o", tmp_path / "kept")
    assert again.returncode == 2
    assert b"not empty" in again.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("series", "show", "no-such"), 2, "no series 'no-such'"),
        (("series", "show", "--from", "quilt", "balloon-counters"), 2, "no such quilt"),
        (("series", "show", "--from", "nonsense", "x"), 2, "--from"),
        (("series", "show", "HEAD..HEAD"), 2, "empty range"),
        (("kconfig", "no-such", "--tree", "x"), 2, "no series 'no-such'"),
    ],
)
def test_refusals_say_what_is_wrong(words: tuple[str, ...], status: int, said: str) -> None:
    done = patchtool(*words)
    assert done.returncode == status, done.stderr
    assert said in done.stderr.decode()


def test_a_range_of_this_folder_is_shown(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    for name in ("a", "b"):
        (tmp_path / "f").write_text(name)
        git(tmp_path, "add", "f")
        git(tmp_path, "commit", "-q", "-m", f"say {name}")
    done = patchtool("series", "show", "HEAD~1..", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1/1 say b" in done.stdout.decode()
