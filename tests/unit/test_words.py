# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages that people read: short at the top, and nothing in them points nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from patchtool.cli import patchtool
from patchtool.commands import man

TOP = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "ci/README.md", "kernel/README.md", "series/README.md", "tests/README.md")
ROOMS = ("patchtool", "kernel", "series", "tests", "ci")
TO_COME = "patchtool/README.md"  # linked to, and written once the rooms are settled
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./-]+)")


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub and GitLab make them."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_links_and_paths_lead_somewhere(page: str) -> None:
    path = TOP / page
    text = path.read_text(encoding="utf-8")
    for link in LINK.findall(text):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if target != TOP / TO_COME:
            assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link
    for name in PATH.findall(text):
        assert (TOP / name).exists(), name


def test_the_first_page_is_short_and_has_every_verb() -> None:
    text = (TOP / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    for ctx in man.commands(patchtool):
        if ctx.parent is not None and ctx.parent.command is patchtool:
            assert f"`{ctx.command_path}" in text


def test_the_picture_of_a_report_is_small() -> None:
    picture = TOP / "ci" / "report.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 250_000
