# SPDX-License-Identifier: GPL-2.0-or-later
"""Quilt's list of patches, and patches that were never mailed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import MailError
from patchtool.intake.load import Kind, Reference, load_series, recognise
from patchtool.intake.sources import forms
from patchtool.intake.sources.bare import as_mail
from patchtool.intake.sources.quilt import Line, parse_list
from patchtool.series.author import NOBODY
from patchtool.series.envelope import NO_DATE
from patchtool.series.mail import parse_mail

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.mail import Mail
    from patchtool.series.model import Series

P1 = "--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1 +1 @@\n-a\n+b\n"
P0 = "Index: mm/a.c\n=====\n--- mm/a.c.orig\t2020-01-01 10:00\n+++ mm/a.c\n@@ -1 +1 @@\n-a\n+b\n"
P2 = "--- linux-old/x/mm/a.c\n+++ linux-new/x/mm/a.c\n@@ -1 +1 @@\n-a\n+b\n"
GIT_P0 = "diff --git mm/a.c mm/a.c\nindex 1111111..2222222 100644\n" + P0.split("=====\n")[1]
DEP3 = """\
Description: mm: fix the count
 It counted twice.
 .
 Now it counts once.
Author: A. Author <a@example.org>
Bug-Debian: https://bugs.example.org/1
Last-Update: 2024-02-29
---
"""


def read(data: str, name: str = "x.patch", strip: int = 1) -> Mail:
    return parse_mail(as_mail(data.encode(), name, name, strip).mail, name)


def load(path: Path) -> Series:
    return load_series(Reference(str(path)), Settings(), Silent())


def test_the_list_has_comments_options_and_folders() -> None:
    text = "# all\n\na.patch\n  b/b.patch -p0   # why\nc.patch -pab\nd#1.patch\n"
    assert parse_list(text, "series") == (
        Line("a.patch", 1, 3),
        Line("b/b.patch", 0, 4),
        Line("c.patch", 1, 5),
        Line("d#1.patch", 1, 6),
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "lists no patch"),
        ("# only\n", "lists no patch"),
        ("a\nb -R\n", "series:2: b is to be applied in reverse"),
        ("a -x\n", "series:1: unknown option '-x'"),
        ("a\nb\na\n", "series:3: a is there twice, first in line 1"),
    ],
)
def test_a_bad_list_is_refused_by_line(text: str, word: str) -> None:
    with pytest.raises(MailError, match=word):
        parse_list(text, "series")


def test_debian_headers_are_read() -> None:
    mail = read(DEP3 + P1)
    assert mail.subject == "mm: fix the count"
    assert mail.author == "A. Author <a@example.org>"
    assert mail.message == "It counted twice.\n\nNow it counts once."
    assert "29 Feb 2024" in mail.date


def test_quilt_headers_are_read() -> None:
    mail = read("From: Jörg <j@example.org>\nSubject: mm: é\n\nWhy.\n\nMore.\n" + P1)
    assert (mail.author, mail.subject) == ("Jörg <j@example.org>", "mm: é")
    assert mail.message == "Why.\n\nMore."


def test_text_without_headers_is_the_message() -> None:
    mail = read("mm: fix it\n\nWhy.\n" + P1)
    assert (mail.subject, mail.message) == ("mm: fix it", "Why.")


def test_a_patch_that_says_nothing_is_named_by_its_file() -> None:
    made = as_mail(P1.encode(), "sub/0007-mm-fix.it.patch.gz", "x")
    assert made.missing == ("author", "date", "subject")
    mail = parse_mail(made.mail, "x")
    assert (mail.subject, mail.author, mail.date) == ("mm-fix.it", NOBODY, NO_DATE)


@pytest.mark.parametrize(("data", "strip"), [(P0, 0), (P1, 1), (P2, 2), (GIT_P0, 0)])
def test_paths_are_stripped_as_the_list_says(data: str, strip: int) -> None:
    (diff,) = read(data, strip=strip).files
    assert (diff.old_path, diff.new_path) == ("mm/a.c", "mm/a.c")


def test_only_headers_are_changed_by_stripping() -> None:
    """A removed line `-- x` and an added `++ x` look like the names of a file."""
    data = "--- f.c\n+++ f.c\n@@ -1,2 +1,2 @@\n--- f.c\n+++ f.c\n a\n"
    (diff,) = read(data, strip=0).files
    assert diff.hunks[0].lines == (b"--- f.c", b"+++ f.c", b" a")


def test_too_few_folders_to_strip_are_refused() -> None:
    with pytest.raises(MailError, match=r"mm/a\.c.*-p3"):
        read(P2.replace("linux-old/x/", "").replace("linux-new/x/", ""), strip=3)


def test_no_diff_is_refused() -> None:
    with pytest.raises(MailError, match="no diff in it"):
        read("Description: x\n")


def folder(top: Path, **patches: str) -> Path:
    for name, text in patches.items():
        (top / f"{name}.patch").write_text(text)
    (top / "series").write_text("".join(f"{name}.patch\n" for name in patches))
    return top


def test_the_list_gives_the_order_and_what_is_filled_in_is_said(tmp_path: Path) -> None:
    series = load(folder(tmp_path, b=P1, a=DEP3 + P1))
    assert [patch.subject for patch in series.patches] == ["b", "mm: fix the count"]
    assert series.cover is None
    assert any("b.patch: says no author and no date" in line for line in series.irregular)


def test_patches_beside_the_list_are_left_out(tmp_path: Path) -> None:
    path = folder(tmp_path, a=DEP3 + P1)
    (path / "b.patch").write_text(P1)
    (left,) = load(path).left_out
    assert left.where.endswith("b.patch")
    assert "`series` does not list it" in left.reason


def test_a_missing_patch_is_named_with_its_line(tmp_path: Path) -> None:
    path = folder(tmp_path, a=P1, b=P1)
    (path / "b.patch").unlink()
    with pytest.raises(MailError, match=r"series:2: b\.patch is missing"):
        load(path)


def test_a_list_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.patch").write_text(P1)
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "series").write_text("../x.patch\n")
    with pytest.raises(MailError, match="leaves the folder"):
        load(tmp_path / "q")


def test_other_numbers_than_the_lists_are_said(tmp_path: Path) -> None:
    """Patches of two series in one quilt folder bear the numbers of their own postings."""
    head = "From: A <a@b.org>\nDate: Mon, 3 Feb 2025 10:00:00 +0100\nSubject: [PATCH {}] x\n\n"
    path = folder(tmp_path, a=head.format("2/7") + P1, b=head.format("v4 5/9") + P1)
    series = load(path)
    assert [patch.number for patch in series.patches] == [1, 2]
    assert series.revision == 1
    assert any("numbered otherwise" in line for line in series.irregular)


def test_one_plain_diff_is_a_series(tmp_path: Path) -> None:
    path = tmp_path / "fix.diff"
    path.write_text(P1)
    assert recognise(str(path)) is Kind.PATCH
    series = load(path)
    assert (series.title, len(series.patches)) == ("fix", 1)


@pytest.mark.parametrize("odd", ["From \n", "oops\n", "X-A : b\n"])
def test_the_header_of_a_mail_is_no_text_of_a_patch(odd: str) -> None:
    head = "From: Ann <ann@a.org>\nTo: l@l.org\nMessage-ID: <a@x>\nSubject: [PATCH] mm: x\n"
    with pytest.raises(MailError, match="x:2: the header of a mail"):
        as_mail(f"{odd}{head}\nWhy.\n---\n{P1}".encode(), "x", "x")
    about = "Subject: x\n\nFrom: here on\n\nSubject: to change\n"
    assert as_mail(f"{about}\n{P1}".encode(), "x", "x").missing == ("author", "date")


def test_a_bom_is_no_part_of_a_patch() -> None:
    head = b"\xef\xbb\xbfFrom: Ann <ann@a.org>\nSubject: mm: x\n\nWhy.\n---\n"
    kind = forms.of_content(head + P1.encode(), "x", whole=True)
    assert kind is forms.Kind.PATCH
    assert as_mail(head + P1.encode(), "x", "x").mail.startswith(b"From: Ann <ann@a.org>\n")
