# SPDX-License-Identifier: GPL-2.0-or-later
"""Replies in HTML become the text that they show."""

from __future__ import annotations

import time

import pytest

from patchtool.series.html_text import page_text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p>one\n two</p><p>three</p>", "one two\n\nthree"),
        ("a &lt;b&gt;&nbsp;&amp; c", "a <b> & c"),
        ("<html><head><title>t</title><style>p {}</style></head><body>x</body>", "x"),
        ("<!-- <p> -->a<script>if (a < b) c()</script>b<!-- never ends", "ab"),
        ("<pre>\tif (a)\n\n\t\tb();</pre>c", "\tif (a)\n\n\t\tb();\n\nc"),
        ('<div style="white-space: pre-wrap">a  b\n  c</div>', "a  b\n  c"),
        ("x<blockquote>y<br>z<blockquote>u</blockquote>v</blockquote>w",
         "x\n> y\n> z\n>> u\n> v\nw"),
        ("<blockquote>a<div>b</blockquote>c</div>d", "> a\n> b\nc\nd"),
        ("<ul><li>one<li>two</ul>end", "- one\n- two\n\nend"),
        ("<b>Fr</b><i>om</i>: 1 < 2", "From: 1 < 2"),
    ],
)  # fmt: skip
def test_what_a_page_shows(page: str, text: str) -> None:
    assert page_text(page.encode(), "utf-8").decode() == f"{text}\n"


@pytest.mark.parametrize(
    "piece", ["<", "<!", "<a ", "</a>", "<!--", "<blockquote>x", "&#", '<a b="', "<a\tb ", "<?"]
)
def test_the_time_is_that_of_the_size(piece: str) -> None:
    begin = time.process_time()
    page_text((piece * 20_000).encode(), "utf-8")
    assert time.process_time() - begin < 2
