# SPDX-License-Identifier: GPL-2.0-or-later
"""The same posting gives the same series, in whatever form it is kept."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import threading
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import MailError, UsageError
from patchtool.intake.load import Kind, Reference, load_series, postings, recognise
from patchtool.intake.sources import folders, packed
from patchtool.report import series_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from patchtool.series.model import Series

FROM = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
#: Three patches and a cover letter: a name that needs quoting, From in a text, a new file.
ONE = (
    "diff --git a/mm/a.c b/mm/a.c\nindex 1111111..2222222 100644\n--- a/mm/a.c\n+++ b/mm/a.c\n"
    "@@ -1,2 +1,3 @@\n one\n+two\n three\n"
)
TWO = (
    "diff --git a/mm/new.c b/mm/new.c\nnew file mode 100644\nindex 0000000..3333333\n"
    "--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1,2 @@\n+--- not a header\n+grün\n"
)
THREE = (
    "diff --git a/mm/a.c b/mm/a.c\nindex 2222222..4444444 100644\n--- a/mm/a.c\n+++ b/mm/a.c\n"
    "@@ -1,3 +1,2 @@\n one\n--- two\n+++ 2\n-three\n"
)
DIFFS = [ONE, TWO, THREE]
TITLES = ["mm: add two", "mm: add a file", "mm: say it in figures"]
AUTHOR = '"Jörg Doe, Jr" <j@example.org>'


def message(number: int) -> str:
    title = TITLES[number - 1] if number else "mm: count"
    body = (
        f"Because.\n\nSigned-off-by: {AUTHOR}\n---\n{DIFFS[number - 1]}-- \n2.39.5\n"
        if number
        else "All of it.\n"
    )
    return (
        f"Message-ID: <m{number}@example.org>\n"
        + ("In-Reply-To: <m0@example.org>\n" if number else "")
        + f"From: {AUTHOR}\nDate: Mon, 3 Feb 2025 10:00:0{number} +0100\n"
        f"Subject: [PATCH v3 {number}/3] {title}\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n{body}"
    )


MESSAGES = [message(number).encode() for number in range(4)]
BOX = b"".join(FROM.encode() + text + b"\n" for text in MESSAGES)


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def mailbox(top: Path) -> Path:
    return put(top / "a.mbox", BOX)


def mailbox_backwards(top: Path) -> Path:
    return put(top / "a.mbox", b"".join(FROM.encode() + t + b"\n" for t in reversed(MESSAGES)))


def mailbox_gzip(top: Path) -> Path:
    return put(top / "t.mbox.gz", gzip.compress(BOX))


def mailbox_xz(top: Path) -> Path:
    return put(top / "t.mbox.xz", lzma.compress(BOX))


def mailbox_in_a_folder(top: Path) -> Path:
    return put(top / "box" / "a.mbox", BOX).parent


def what_b4_am_writes(top: Path) -> Path:
    """`b4 am`: the patches in NAME.mbx, the cover letter in NAME.cover."""
    mark = b"From git@z Thu Jan  1 00:00:00 1970\n"
    put(top / "v3_count.cover", MESSAGES[0])
    return put(top / "v3_count.mbx", b"".join(mark + text + b"\n" for text in MESSAGES[1:]))


def folder_of_b4_am(top: Path) -> Path:
    return what_b4_am_writes(top / "b4").parent


def format_patch(top: Path) -> Path:
    for number, text in enumerate(MESSAGES):
        put(top / "posted" / f"v3-{number:04d}-mm.patch", FROM.encode() + text)
    return top / "posted"


def folder_of_eml(top: Path) -> Path:
    for name, text in zip(("d", "b", "c", "a"), MESSAGES, strict=True):
        put(top / "eml" / f"{name}.eml", text.replace(b"\n", b"\r\n"))
    return top / "eml"


def a_maildir(top: Path) -> Path:
    names = ("cur/9.x:2,S", "new/5.y", "cur/7.x:2,RS", "cur/1.x:2,")
    for name, text in zip(names, MESSAGES, strict=True):
        put(top / "Maildir" / name, text)
    put(top / "Maildir/cur/3.x:2,ST", b"From: x@y\nDate: x\nSubject: deleted\n\n")
    put(top / "Maildir/tmp/4.x", b"half a ma")
    return top / "Maildir"


def a_quilt_folder(top: Path) -> Path:
    put(top / "q" / "0000-cover.patch", MESSAGES[0])
    for name, text in zip(("z", "sub/y", "x"), MESSAGES[1:], strict=True):
        put(top / "q" / f"{name}.patch", text)
    put(top / "q" / "series", b"# one\nz.patch\n\nsub/y.patch -p1 # two\nx.patch -pab\n")
    return top / "q"


def quilt_below_patches(top: Path) -> Path:
    a_quilt_folder(top).rename(top / "patches")
    return top


def described(top: Path) -> Path:
    names = [f"m{number}.patch" for number in range(4)]
    for name, text in zip(names, MESSAGES, strict=True):
        put(top / "known" / name, text)
    listed = ", ".join(f'"{name}"' for name in names[1:])
    put(
        top / "known" / "series.toml",
        f'title = "mm: count"\nrevision = 3\ncover = "m0.patch"\npatches = [{listed}]\n'
        '[base]\ntag = "v6.12"\n[tests]\nmodules = ["test_x.py"]\n'.encode(),
    )
    return top / "known"


PLAIN = [
    mailbox,
    mailbox_backwards,
    mailbox_gzip,
    mailbox_xz,
    mailbox_in_a_folder,
    what_b4_am_writes,
    folder_of_b4_am,
    format_patch,
    folder_of_eml,
    a_maildir,
    a_quilt_folder,
    quilt_below_patches,
    described,
]


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


def load(path: Path | str, kind: Kind | None = None) -> Series:
    return load_series(Reference(str(path), kind), Settings(), Silent())


def facts(series: Series) -> object:
    return (
        series.title,
        series.revision,
        series.cover,
        [
            (p.number, p.subject, p.author, parsedate_to_datetime(p.date), p.patch_id, p.message_id)
            for p in series.patches
        ],
        [patch.files for patch in series.patches],
    )


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> object:
    series = load(mailbox(tmp_path_factory.mktemp("wanted")))
    assert [patch.subject for patch in series.patches] == TITLES
    assert series.cover == "All of it."
    assert len({patch.patch_id for patch in series.patches}) == 3
    return facts(series)


@pytest.mark.parametrize("make", PLAIN, ids=lambda make: make.__name__)
def test_the_same_posting_in_every_form(
    make: Callable[[Path], Path], tmp_path: Path, wanted: object
) -> None:
    series = load(make(tmp_path))
    assert facts(series) == wanted
    assert series.irregular == ()


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("make", PLAIN, ids=lambda make: make.__name__)
def test_the_same_posting_in_a_tarball(
    make: Callable[[Path], Path], packing: str, tmp_path: Path, wanted: object
) -> None:
    made = make(tmp_path / "in")
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        tar.add(made if made.is_dir() else made.parent, arcname="./wrapped/twice")
    path.write_bytes(PACKINGS[packing](path.read_bytes()))
    assert recognise(str(path)) is Kind.TARBALL
    assert facts(load(path)) == wanted


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress], ids=str)
def test_the_same_posting_on_standard_input(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch, wanted: object
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pack(BOX))))
    assert facts(load("-")) == wanted


def test_the_same_posting_through_a_pipe(tmp_path: Path, wanted: object) -> None:
    """The shell's <(command) is a pipe, which cannot be read twice."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeder = threading.Thread(target=pipe.write_bytes, args=(BOX,), daemon=True)
    feeder.start()
    assert facts(load(pipe)) == wanted
    feeder.join()


def test_what_is_saved_is_read_again(tmp_path: Path, wanted: object) -> None:
    series = load(mailbox(tmp_path))
    for name, data in series_files.kept_files(series).items():
        put(tmp_path / "saved" / name, data)
    assert facts(load(tmp_path / "saved")) == wanted


def test_deleted_and_undelivered_mails_of_a_maildir_are_left_out(tmp_path: Path) -> None:
    left = load(a_maildir(tmp_path)).left_out
    assert [entry.reason for entry in left] == ["marked as deleted"]
    assert left[0].where.endswith("cur/3.x:2,ST")


@pytest.mark.parametrize("make", [a_maildir, folder_of_eml])
def test_what_no_one_can_read_ends_it_only_if_it_is_a_patch(
    make: Callable[[Path], Path], tmp_path: Path, wanted: object
) -> None:
    path = make(tmp_path)
    inside = path / "cur" if (path / "cur").is_dir() else path
    put(inside / "1.eml", b"Subject: SPAM\nContent-Transfer-Encoding: base64\n\n====x\n")
    series = load(path)
    assert facts(series) == wanted
    assert any(mail.subject == "SPAM" for mail in series.left_out)
    put(inside / "1.eml", b"Subject: [PATCH v3 1/3] no sender\n\n" + ONE.encode())
    with pytest.raises(MailError):
        load(path)


def test_the_postings_in_a_mailbox_or_maildir_are_listed(tmp_path: Path) -> None:
    older = [text.replace(b"[PATCH v3", b"[PATCH v2") for text in MESSAGES]
    older = [text.replace(b"<m", b"<old.m") for text in older]
    for number, text in enumerate([*MESSAGES, *older]):
        put(tmp_path / "Maildir/cur" / f"{number}:2,S", text)
    box = b"".join(FROM.encode() + text + b"\n" for text in [*MESSAGES, *older])
    for path in (tmp_path / "Maildir", put(tmp_path / "both.mbox", box)):
        reference = Reference(str(path))
        found = list(postings(reference, Settings(), Silent()))
        assert sorted((str(each.revision), each.message_id) for each in found) == [
            ("2", "old.m0@example.org"),
            ("3", "m0@example.org"),
        ]
        with pytest.raises(MailError, match=r"v2.*v3|v3.*v2"):
            load(path)
        assert load(f"{path}#v2").revision == 2
        assert load(f"{path}#m0@example.org").revision == 3
    (one,) = postings(Reference(str(mailbox(tmp_path / "one"))), Settings(), Silent())
    assert one.message_id == "m0@example.org"


def tarball(top: Path, *members: tuple[str, bytes | None]) -> Path:
    """A tarball; without content a member is a link to /etc/passwd."""
    path = top / "a.tar"
    with tarfile.open(path, "w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            if data is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
                tar.addfile(info)
            else:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("name", ["../out.patch", "/out.patch", "a/../../out.patch"])
def test_a_tarball_that_would_write_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = tarball(tmp_path, ("0001-x.patch", MESSAGES[1]), (name, MESSAGES[2]))
    with pytest.raises(MailError, match=r"a\.tar: the path .*out\.patch"):
        load(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.tar"]


def test_links_in_a_tarball_are_not_followed(tmp_path: Path) -> None:
    path = tarball(tmp_path, ("series", b"x.patch\n"), ("x.patch", None))
    with pytest.raises(MailError, match=r"x\.patch: a link or device"):
        load(path)


def test_a_tarball_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "TAR_BYTES", 1 << 20)
    made = gzip.compress(tarball(tmp_path, ("0001-x.patch", bytes(8 << 20))).read_bytes())
    path = put(tmp_path / "bomb.tar.gz", made)
    with pytest.raises(MailError, match=r"bomb\.tar\.gz: holds more than is taken"):
        load(path)


def test_a_mailbox_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "UNPACKED", 1 << 20)
    path = put(tmp_path / "bomb.mbox.gz", gzip.compress(BOX + b"x\n" * (2 << 20)))
    with pytest.raises(MailError, match=r"bomb\.mbox\.gz: holds more than is taken"):
        load(path)


def test_a_cut_off_tarball_is_said_by_name(tmp_path: Path) -> None:
    path = tarball(tmp_path, ("0001-x.patch", MESSAGES[1] * 40))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(MailError, match=r"a\.tar: a damaged tarball"):
        load(path)


def test_an_empty_maildir_is_said(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    assert recognise(str(tmp_path)) is Kind.MAILDIR
    with pytest.raises(MailError, match="no mail in this maildir"):
        load(tmp_path)


def test_several_mailboxes_in_a_folder_are_named(tmp_path: Path) -> None:
    for name in ("a.mbox", "b.mbox"):
        put(tmp_path / name, BOX)
    with pytest.raises(UsageError, match="2 mailboxes") as caught:
        load(tmp_path)
    assert "a.mbox, b.mbox" in caught.value.hint
