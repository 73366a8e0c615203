# SPDX-License-Identifier: GPL-2.0-or-later
"""The stable patch-id: what counts, and what does not."""

from __future__ import annotations

import pytest

from patchtool.series.patch_id import patch_id

DIFF = b"""\
From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
Subject: x

Text.
---
diff --git a/x b/x
index 1111111..2222222 100644
--- a/x
+++ b/x
@@ -1,2 +1,2 @@
 one
-two
+three
diff --git a/y b/y
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/y
@@ -0,0 +1 @@
+new
-- \n2.39.5
"""
#: From `git patch-id --stable` (git 2.39.5).
KNOWN = "718402569ba954844eaf8c764ca0f297f4cc7e2c"


def test_the_id_that_git_gives() -> None:
    assert patch_id(DIFF) == KNOWN
    assert patch_id(DIFF[DIFF.index(b"diff") :]) == KNOWN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Text.", b"Other text.\n+++ b/x\n"),
        (b"@@ -1,2 +1,2 @@", b"@@ -11,2 +12,2 @@ int x(void)"),
        (b"2222222", b"4444444"),
        (b" one", b"   o n\te"),
        (b"\n", b"\r\n"),
        (b"+new\n", b"+new\n\\ No newline at end of file\n"),
        (b"-- \n", b"_____\nlist\n"),
    ],
)
def test_what_does_not_count(old: bytes, new: bytes) -> None:
    assert patch_id(DIFF.replace(old, new)) == KNOWN


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"+three", b"+four"), (b"file mode 100644", b"file mode 100755"), (b"/y", b"/z")],
)
def test_what_counts(old: bytes, new: bytes) -> None:
    assert patch_id(DIFF.replace(old, new)) != KNOWN


def test_the_order_of_files_does_not_count() -> None:
    head, one, two = DIFF.partition(b"-- \n")[0].split(b"diff --git ")
    assert patch_id(head + b"diff --git " + two + b"diff --git " + one) == KNOWN


@pytest.mark.parametrize("text", [b"", b"no diff\n", b"From: a\n\nadiff --git\n"])
def test_without_a_diff_there_is_none(text: bytes) -> None:
    assert patch_id(text) == ""


def test_an_empty_line_of_context_may_have_lost_its_blank() -> None:
    diff = (
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n-a\n+b\n \n c\n"
        b"@@ -11,2 +11,2 @@\n-l\n+m\n n\n"
    )
    stripped = diff.replace(b"\n \n", b"\n\n")
    assert patch_id(stripped) == patch_id(diff)
    assert patch_id(stripped.replace(b"\n\n", b"\n\r\n")) == patch_id(diff)
    assert patch_id(diff.replace(b"+m", b"+k")) != patch_id(diff)
