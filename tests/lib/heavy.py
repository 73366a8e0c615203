# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs of 100 kB that make a careless parser slow: one word, again and again, in every place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lib import fuzzing

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 100_000
PUNCTUATION = [bytes([code]) for code in b" \t\r\n\"'\\<>()[]{}@,;:.=+-_/|*#&?0aA\0\xff"]
#: Pieces of what mails, diffs, manifests and archive pages are made of.
WORDS = [
    *PUNCTUATION,
    *(b"a ", b"a@", b"<a@", b'\\"', b"[a", b"[]", b"re:", b"v1", b"1/2 ", b"=3D", b"1:11 ", b"../"),
    *(
        b"=?utf-8?q?",
        b"=?utf-8?q?a?=",
        b"=?utf-8?b?YQ==?= ",
        b"; a=b",
        b"; boundary=b",
        b"=?",
        b"?=",
    ),
    *(
        b"\n a",
        b"\n\ta",
        b"x-a: b\n",
        b"---\n",
        b"--b\n",
        b"--b\n\n",
        b"--b--\n",
        b"-- \n",
        b"\r\n",
    ),
    *(
        b"From ",
        b">From ",
        b"\nFrom a 1:11 1111\n",
        b"From a 1:11 1111",
        b"> a\n",
        b"> > ",
        b"\xc3\xa9",
    ),
    *(b"@@ ", b"@@ -1 +1 @@\n", b"@@ -1 +1 @@\n-a\n+b\n", b"@@ -0,0 +1,9 @@ ", b"diff --git "),
    *(
        b"diff --git a/a b/a\n",
        b"--- a/a\n+++ b/a\n",
        b"index 1111111..2222222\n",
        b"+a\n",
        b"-a\n",
    ),
    *(
        b" a\n",
        b" a | 2 +-\n",
        b"1 file changed, 1 insertion(+)\n",
        b"literal 1\n",
        b"GIT binary patch\n",
    ),
    *(
        b"a-b: c <d@e>\n",
        b"Signed-off-by: a <b@c>\n",
        b"Link: a\n",
        b"v2: a\n",
        b"Changes in v2:\n- a\n",
    ),
    *(b"base-commit: 0123456789\n", b"prerequisite-patch-id: 01234567\n", b"Based-on: <a@b>\n"),
    *(b"http://a ", b"&amp;", b"&#1;", b"&lt;", b"<a>", b"/* ", b"*/ ", b"+ a ", b"- a ", b"+ a; "),
    *(b"From: a\n", b"Date: a\n", b"Subject: a\n\n", b"2012-Aug-21 12:47 UTC\n", b"-- \n2.1\nx\n"),
    *(
        b"On a, a@b wrote:\n",
        b"> > a\n>\na\n",
        b"s/a/",
        b"please ",
        b"drop a ",
        b"is not ",
        b"a, b, ",
    ),
    *(b"a_", b"a->", b"a() ", b"`a`", b"why not a? ", b"will ", b"nit: ", b"- add a\n", b"a.c:1: "),
    *(b"[[a]]\n", b"[a]\n", b"a.", b"a.b.", b"a = 1\n", b"'''", b'"""', b"{a=", b"[1,", b"\\u0041"),
]
FIELDS = {
    "From": "A <a@b>",
    "Date": "Mon, 3 Feb 2025 10:00:00 +0100",
    "Subject": "[PATCH 1/1] x: y",
    "Message-ID": "<a@b>",
    "In-Reply-To": "<c@d>",
    "References": "<c@d>",
    "To": "a@b",
    "Cc": "a@b",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "X": "y",
}
DIFF = (
    b"---\n a | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\ndiff --git a/a b/a\n"
    b"index 1111111..2222222 100644\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n-- \n2.1\n"
)


def head(**changed: str | bytes) -> bytes:
    """A mail's header; *changed* fields have ``_`` for ``-``."""
    new = {name.replace("_", "-"): value for name, value in changed.items()}
    fields = {**FIELDS, **new}.items()
    values = ((n, v if isinstance(v, bytes) else v.encode()) for n, v in fields)
    return b"".join(name.encode() + b": " + value + b"\n" for name, value in values)


def inputs(target: str) -> Iterator[tuple[str, bytes]]:
    """What to try on a target, each with the place that is filled and the word."""
    for word in WORDS:
        full = (word * (SIZE // len(word) + 1))[:SIZE]
        for place, text in PLACES.get(target, _plain)(full):
            yield f"{place} {word!r}", text
    yield from CROWDS.get(target, lambda: iter(()))()


def _plain(full: bytes) -> Iterator[tuple[str, bytes]]:
    yield "all", full


def _mail(full: bytes) -> Iterator[tuple[str, bytes]]:
    line = full.replace(b"\n", b"")
    yield "all", full
    for name, value in FIELDS.items():
        yield name, head(**{name: value.encode() + b" " + full}) + b"\nm\n" + DIFF
    yield "header", full + b"\n" + head() + b"\nm\n" + DIFF
    yield "message", head() + b"\n" + full + b"\n" + DIFF
    yield "notes", head() + b"\nm\n---\n" + full + b"\n" + DIFF
    yield "behind", head() + b"\nm\n" + DIFF + full
    yield "path", head() + b"\nm\n" + DIFF.replace(b"a/a", b"a/" + line)
    yield "cover", head(Subject="[PATCH 0/1] x") + b"\n" + full + b"\n"
    yield "reply", head(Subject="Re: [PATCH 0/1] x") + b"\n" + full + b"\n"
    for encoding in ("quoted-printable", "base64"):
        yield encoding, head(Content_Transfer_Encoding=encoding) + b"\n" + full + b"\n" + DIFF
    for kind in ("multipart/mixed; boundary=b", "text/plain; format=flowed; delsp=yes"):
        yield kind, head(Content_Type=kind) + b"\n--b\n\n" + full + b"\n" + DIFF


def _diff(full: bytes) -> Iterator[tuple[str, bytes]]:
    git = b"diff --git a/a b/a\n"
    yield "all", full
    yield "behind", DIFF + full
    yield "git", b"diff --git " + full + b"\n"
    yield "names", b"--- " + full + b"\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n"
    yield "index", git + b"index " + full
    yield "rename", git + b"rename from " + full + b"\nrename to b\n"
    yield "hunk", git + b"--- a/a\n+++ b/a\n@@ -1,50000 +1,50000 @@ " + full
    yield "binary", git + b"index 1111111..2222222 100644\nGIT binary patch\n" + full
    new = git + b"new file mode 120000\nindex 0000000..2222222\n--- /dev/null\n+++ b/a\n"
    yield "link", new + b"@@ -0,0 +1 @@\n+" + full


def _mbox(full: bytes) -> Iterator[tuple[str, bytes]]:
    yield "first", b"From a 1:11 1111\n" + full
    yield "behind", b"From a 1:11 1111\n" + head() + b"\nm\n" + DIFF + b"\n" + full


def _page(full: bytes) -> Iterator[tuple[str, bytes]]:
    yield "all", full
    yield "behind", b"Jane Doe\n2012-Aug-21 12:47 UTC\n[PATCH] x\n" + full
    yield "diff", b"From: A\nDate: 3 Feb 2025 10:00\nSubject: [PATCH] x\n\n" + full + DIFF


def _structure(full: bytes) -> Iterator[tuple[str, bytes]]:
    line = b" ".join(full.split())
    git = b"diff --git a/a.c b/a.c index 1111111..2222222 100644 --- a/a.c +++ b/a.c "
    for lines in (100, 1000, 999_999_999):
        yield f"{lines} new lines", git + b"@@ -1,6 +1,%d @@ " % lines + line
        yield f"{lines} old and new lines", git + b"@@ -1,%d +1,%d @@ " % (lines, lines) + line


def _manifest(full: bytes) -> Iterator[tuple[str, bytes]]:
    good = fuzzing.seeds("manifest")[0]
    plain = full.translate(None, b'"\\\n')
    yield "all", full
    yield "key", full + b" = 1\n"
    yield "value", b"a = " + full
    yield "array", b"a = [" + full
    yield "title", good.replace(b'title = "', b'title = "' + plain)
    yield "invariant", good.replace(b"invariants = [\n", b'invariants = ["' + plain + b'",\n')
    yield "subject", good.replace(b"revision", b'subjects = ["' + plain + b'"]\nrevision', 1)
    yield "behind", good + full


def _mboxes() -> Iterator[tuple[str, bytes]]:
    """Threads of many mails: equal, chained, in a ring, of many revisions and totals."""

    def many(subject: str, own: str, parent: str, *, diff: bool = True) -> bytes:
        mails = bytearray()
        at = 0
        while len(mails) < SIZE:
            words = {"at": at, "before": at - 1, "ring": (at + 1) % 100, "next": at + 1}
            made = head(
                Subject=subject.format(**words),
                Message_ID=f"<{own.format(**words)}@b>",
                In_Reply_To=f"<{parent.format(**words)}@b>",
                References=f"<{parent.format(**words)}@b>",
            )
            mails += b"From a 1:11 1111\n" + made + b"\nm\n" + (DIFF if diff else b"") + b"\n"
            at += 1
        return bytes(mails)

    yield "equal mails", many("[PATCH 1/1] x", "a", "c")
    yield "equal patches", many("[PATCH 1/1] x", "{at}", "c")
    yield "a chain of patches", many("[PATCH {next}/500] x", "{at}", "{before}")
    yield "a chain of replies", many("Re: [PATCH 1/1] x", "{at}", "{before}", diff=False)
    yield "a chain upwards", many("Re: [PATCH 1/1] x", "{at}", "{next}", diff=False)
    yield "a ring", many("Re: [PATCH 1/1] x", "{at}", "{ring}", diff=False)
    yield "many revisions", many("[PATCH v{next} 1/1] x", "{at}", "c")
    yield "many totals", many("[PATCH 1/{next}] x", "{at}", "c")


def _manifests() -> Iterator[tuple[str, bytes]]:
    good = fuzzing.seeds("manifest")[0]
    parts = b".".join([b"a"] * 29)
    yield "one key", b".".join([b"a"] * (SIZE // 2)) + b" = 1\n"
    yield "deep keys", b"".join(b"b%d.%s = 1\n" % (at, parts) for at in range(SIZE // 70))
    yield "deep tables", b"".join(b"[b%d.%s]\n" % (at, parts) for at in range(SIZE // 70))
    yield "tables", b"".join(b"[a.k%d]\n" % at for at in range(SIZE // 9))
    yield "keys", b"".join(b"k%d=1\n" % at for at in range(SIZE // 8))
    yield "claims", good + b"[[claims]]\n" * (SIZE // 11)
    some = good + b"[[sources]]\nwhere='a@b'\nfacts=["
    yield "facts", some + b"'x.y',\n" * (SIZE // 7) + b"]\n"
    yield "a deep fact", some + b"'" + b"a." * (SIZE // 2) + b"']\n"
    many = b'invariants = ["a == b"' + b',\n"a == b"' * (SIZE // 10)
    yield "invariants", good.replace(b"invariants = [", many + b",", 1)


PLACES = {
    "mail": _mail,
    "diff": _diff,
    "mbox": _mbox,
    "manifest": _manifest,
    "page": _page,
    "structure": _structure,
}
CROWDS = {"mbox": _mboxes, "manifest": _manifests}
