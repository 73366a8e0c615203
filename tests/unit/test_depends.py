# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series says it needs, in the lines of git and b4, and in sentences."""

from __future__ import annotations

import pytest

from patchtool.series.depends import of_text

LORE = "https://lore.kernel.org/all/20250203-x-v2-0-0123@a.org/"


def found(text: str, prose: str | None = None) -> list[tuple[str, str]]:
    needs = of_text(text, text if prose is None else prose, 3)
    assert all(each.patch == 3 for each in needs)
    return [(each.kind.value, each.value) for each in needs]


def test_the_lines_that_git_and_b4_write() -> None:
    text = (
        "base-commit: 0123456789ABCDEF0123456789abcdef01234567\n"
        "prerequisite-patch-id: 1123456789abcdef0123456789abcdef01234567\n"
        "prerequisite-change-id: 20250203-x-0123:v2\n"
        "prerequisite-message-id: <a.1@b.org>\n"
        "Based-on: <c.1@d.org>\n"
        f"Depends-on: {LORE}\n"
        "base-commit: unknown\n"
    )
    assert found(text) == [
        ("base-commit", "0123456789abcdef0123456789abcdef01234567"),
        ("prerequisite-patch-id", "1123456789abcdef0123456789abcdef01234567"),
        ("prerequisite-change-id", "20250203-x-0123:v2"),
        ("prerequisite-message-id", "a.1@b.org"),
        ("based-on", "c.1@d.org"),
        ("depends-on", LORE),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("This series is based on v4.1.", "v4.1"),
        ("Based on v6.12-rc3, tested.", "v6.12-rc3"),
        ("These patches are based on 3.6-rc2", "v3.6-rc2"),
        ("It is rebased on\nlinux v6.1.42.", "v6.1.42"),
        ("The series is based on next-20250203", "next-20250203"),
        ("Based on top of mm-unstable.", "mm-unstable"),
        ("It applies on top of the current net-next tree", "net-next"),
        ("based on commit 0123456789ab (\"x\")", "0123456789ab"),
        ("based on linux-next", "linux-next"),
        ("Patches are against v3.6.", "v3.6"),
    ],
)  # fmt: skip
def test_bases_in_sentences(text: str, value: str) -> None:
    assert found(text) == [("based-on", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"This depends on {LORE}.", LORE),
        (f"It depends on the series\n{LORE}\n", LORE),
        (f"This series depends on:\n\n  {LORE}\n", LORE),
        ("It is dependent on <a.1@b.org>.", "a.1@b.org"),
        (f"This depends on [1].\n\n[1] {LORE}\n", LORE),
        (f"It requires patches [2].\n\n[1]: http://a.org\n[2]: fix {LORE}\n", LORE),
        (f"on top of {LORE}", LORE),
    ],
)
def test_links_in_sentences(text: str, value: str) -> None:
    assert found(text) == [("depends-on", value)]


def test_several_links_of_one_sentence() -> None:
    text = "It depends on <a@b.org> and <c@d.org>. See also <e@f.org>."
    assert found(text) == [("depends-on", "a@b.org"), ("depends-on", "c@d.org")]


@pytest.mark.parametrize(
    "text",
    [
        f"It depends on the weather. See {LORE}",
        "The speed depends on v4.1 hardware",
        "This requires care",
        f"See {LORE}",
        "against all odds",
        "v2:\n- rebased on v4.1\n",
        "based on deadbeefx",
        "based on an idea of his",
    ],
)
def test_other_sentences_name_nothing(text: str) -> None:
    assert found(text) == []


def test_a_diff_is_not_read_as_prose() -> None:
    text = f"Why.\n---\n+ depends on {LORE}\nbase-commit: 0123456789ab\n"
    assert found(text, "Why.") == [("base-commit", "0123456789ab")]
