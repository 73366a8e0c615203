# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffs are read exactly, and what git must not be given is refused with file and line."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchtool.errors import MailError
from patchtool.series.diff import parse_diff

if TYPE_CHECKING:
    from patchtool.series.file_diff import FileDiff

PLAIN = b"""\
diff --git a/mm/compaction.c b/mm/compaction.c
index 1234567..89abcde 100644
--- a/mm/compaction.c
+++ b/mm/compaction.c
@@ -10,3 +10,4 @@ static void foo(void)
 a
-b
+c
+d
 e
--_
2.39.5
""".replace(b"--_", b"-- ")


def one(data: bytes) -> FileDiff:
    files = parse_diff(data, "0001-x.patch")
    assert len(files) == 1
    return files[0]


def refused(data: bytes, *words: str) -> None:
    with pytest.raises(MailError) as caught:
        parse_diff(data, "0001-x.patch")
    for word in ("0001-x.patch:", *words):
        assert word in str(caught.value)


def made(path: str, mode: str, *lines: str) -> bytes:
    body = "".join(f"+{line}\n" for line in lines)
    return (
        f"diff --git a/{path} b/{path}\nnew file mode {mode}\nindex 0000000..1111111\n"
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{body}"
    ).encode()


def test_a_hunk_ends_by_its_counts_before_the_signature() -> None:
    diff = one(PLAIN)
    assert (diff.old_path, diff.new_path, diff.new_mode) == ("mm/compaction.c",) * 2 + ("100644",)
    assert (diff.old_blob, diff.new_blob) == ("1234567", "89abcde")
    (hunk,) = diff.hunks
    assert hunk.section == "static void foo(void)"
    assert hunk.header == "@@ -10,3 +10,4 @@ static void foo(void)"
    assert (hunk.added, hunk.removed) == ((b"c", b"d"), (b"b",))


def test_a_removed_line_that_looks_like_a_signature_is_a_line() -> None:
    data = b"--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-- \n a\n"
    assert one(data).hunks[0].removed == (b"- ",)


def test_an_empty_line_is_context_whose_blank_was_eaten() -> None:
    assert one(b"--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n\n+b\n a\n").hunks[0].lines[0] == b" "


def test_carriage_returns_belong_to_the_line() -> None:
    assert one(b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\r\n+b\r\n").hunks[0].added == (b"b\r",)


def test_no_newline_marks_stay_with_their_hunk() -> None:
    mark = b"\\ No newline at end of file\n"
    diff = one(b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n" + mark + b"+b\n" + mark)
    assert len(diff.hunks[0].lines) == 4


def test_renames_modes_and_empty_files_need_no_hunk() -> None:
    data = (
        b"diff --git a/a b c.c b/a b c.c\nold mode 100644\nnew mode 100755\n"
        b"diff --git a/x.c b/y.c\nsimilarity index 100%\nrename from x.c\nrename to y.c\n"
        b"diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\n"
        b"diff --git a/f b/f\ndeleted file mode 100644\nindex e69de29..0000000\n"
    )
    modes, moved, empty, gone = parse_diff(data, "p")
    assert (modes.path, modes.new_mode) == ("a b c.c", "100755")
    assert (moved.old_path, moved.new_path) == ("x.c", "y.c")
    assert (empty.old_path, empty.new_path) == (None, "e")
    assert (gone.old_path, gone.new_path) == ("f", None)


def test_quoted_paths_are_decoded() -> None:
    data = b'--- "a/\\303\\244\\t.c"\n+++ "b/\\303\\244\\t.c"\n@@ -1 +1 @@\n-a\n+b\n'
    refused(data, "control characters")
    assert one(data.replace(b"\\t", b"")).path == "ä.c"


def test_old_diffs_with_dates_are_read() -> None:
    data = (
        b"--- linux.orig/mm/x.c\t2012-01-01 00:00:00\n+++ linux/mm/x.c\t2012-01-02 00:00:00\n"
        b"@@ -1 +1 @@\n-a\n+b\n"
        b"--- linux.orig/new.c\t1970-01-01 00:00:00 +0000\n+++ linux/new.c\t2012-01-02\n"
        b"@@ -0,0 +1 @@\n+b\n"
    )
    changed, new = parse_diff(data, "p")
    assert (changed.old_path, new.old_path, new.new_path) == ("mm/x.c", None, "new.c")


@pytest.mark.parametrize("cut", range(6, 10))
def test_a_truncated_hunk_is_refused_with_both_counts(cut: int) -> None:
    lines = PLAIN.split(b"\n")[:cut]
    refused(b"\n".join(lines), f":{cut + 1}:", "mm/compaction.c", "3 old and 4 new")


def test_a_patch_that_ends_in_its_headers_is_refused() -> None:
    lines = PLAIN.split(b"\n")
    for cut in range(1, 5):
        refused(b"\n".join(lines[:cut]))


def test_lines_beyond_the_counts_are_refused() -> None:
    refused(PLAIN.replace(b" e\n", b" e\n+f\n"), "more lines")


def test_a_damaged_line_is_refused() -> None:
    refused(PLAIN.replace(b"\n a\n", b"\na\n"), ":6:", "found b'a'")


@pytest.mark.parametrize(
    ("path", "word"),
    [
        (b"../etc/passwd", "leaves the tree"),
        (b"mm/../../x", "leaves the tree"),
        (b"/etc/passwd", "absolute"),
        (b"mm//x", "empty"),
        (b".git/hooks/pre-commit", "git's own"),
        (b"x/.GIT/config", "git's own"),
        (b"\xff", "UTF-8"),
    ],
)
def test_paths_that_leave_the_tree_are_refused(path: bytes, word: str) -> None:
    hunk = b"@@ -1 +1 @@\n-a\n+b\n"
    refused(b"--- a/" + path + b"\n+++ b/" + path + b"\n" + hunk, word)
    refused(b"diff --git a/x b/x\n--- a/x\n+++ b/" + path + b"\n" + hunk, word)
    refused(b"diff --git a/x b/x\nrename from x\nrename to " + path + b"\n", word)
    refused(b"diff --git a/%b b/%b\nold mode 100644\nnew mode 100755\n" % (path, path), word)


def test_an_absolute_path_without_prefix_is_refused() -> None:
    refused(b"--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n", "absolute")


def test_paths_without_prefix_are_explained() -> None:
    refused(PLAIN.replace(b"a/mm", b"mm").replace(b"b/mm", b"mm"), "noprefix")


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "d/../../../x", "up/../x"])
def test_symlinks_out_of_the_tree_are_refused(target: str) -> None:
    refused(made("mm/link", "120000", target), "out of the tree")


def test_symlinks_inside_the_tree_are_taken() -> None:
    assert one(made("mm/link", "120000", "../include/x")).new_mode == "120000"


def test_a_changed_symlink_out_of_the_tree_is_refused() -> None:
    data = (
        b"diff --git a/l b/l\nindex 1234567..89abcde 120000\n--- a/l\n+++ b/l\n"
        b"@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+/etc/shadow\n"
    )
    refused(data, "out of the tree")


def test_submodules_are_refused() -> None:
    refused(made("sub", "160000", "Subproject commit 1"), "submodules")


def binary_patch(content: bytes, size: int, mode: str = "100644") -> bytes:
    packed = zlib.compress(content)
    lines = [packed[at : at + 52] for at in range(0, len(packed), 52)]
    text = b""
    for line in lines:
        count = len(line)
        letter = bytes([ord("A") + count - 1 if count <= 26 else ord("a") + count - 27])
        text += letter + base64.b85encode(line, pad=True) + b"\n"
    head = f"diff --git a/l b/l\nnew file mode {mode}\nindex 0000000..1111111\n"
    return (
        f"{head}GIT binary patch\nliteral {size}\n".encode()
        + text
        + b"\nliteral 0\nHcmV?d00001\n\n"
    )


def test_binary_patches_are_checked() -> None:
    good = binary_patch(b"\0\1\2" * 100, 300)
    assert one(good).binary
    refused(binary_patch(b"\0" * 100, 99), "its header says 99")
    refused(binary_patch(b"/etc/passwd", 11, "120000"), "out of the tree")
    refused(binary_patch(b"x", 999999999), "at most")
    refused(good[:110], "l:")
    refused(b"diff --git a/l b/l\nindex 1..2\nBinary files a/l and b/l differ\n", "l")
    refused(
        b"diff --git a/l b/l\nindex 1111111..2222222\nBinary files a/l and b/l differ\n", "--binary"
    )


_TEMPLATES = (PLAIN, made("mm/link", "120000", "../x"), binary_patch(b"abc", 3))


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from([line for text in _TEMPLATES for line in text.split(b"\n")]),
            max_size=30,
        ).map(b"\n".join),
        st.tuples(
            st.sampled_from(_TEMPLATES),
            st.integers(0, 300),
            st.integers(0, 20),
            st.binary(max_size=9),
        ).map(lambda t: t[0][: t[1]] + t[3] + t[0][t[1] + t[2] :]),
    )
)
@settings(max_examples=150)
def test_whatever_comes_only_a_mail_error_is_raised(data: bytes) -> None:
    try:
        files = parse_diff(data, "fuzz")
    except MailError:
        return
    for diff in files:
        assert diff.path
        assert ".." not in diff.path.split("/")
        for hunk in diff.hunks:
            assert sum(line[:1] in (b" ", b"+") for line in hunk.lines) == hunk.new_count
