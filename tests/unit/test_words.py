# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages that people read: short at the top, and nothing in them points nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from patchtool.cli import patchtool
from patchtool.commands import man

TOP = Path(__file__).resolve().parents[2]
ROOMS = ("patchtool", "kernel", "series", "tests", "ci")
PAGES = ("README.md", *(f"{room}/README.md" for room in ROOMS))
INSIDE = "patchtool/README.md"
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
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link
    for name in PATH.findall(text):
        assert (TOP / name).exists(), name


def test_the_page_for_developers_names_modules_that_are_there() -> None:
    text = (TOP / INSIDE).read_text(encoding="utf-8").partition("## Five worked examples")[0]
    names = re.findall(r"[`\s]((?:core|run)/\w+\.py)", text)
    assert len(set(names)) >= 10
    for name in names:
        assert (TOP / "patchtool" / name).exists(), name


def test_what_the_worked_examples_add_to_is_there() -> None:
    text = (TOP / INSIDE).read_text(encoding="utf-8").partition("## Five worked examples")[2]
    files = [line for line in re.findall(r"^# (.*)$", text, re.MULTILINE) if "(new)" not in line]
    assert len(files) >= 10
    for name in re.findall(r"[\w/]+\.py", " ".join(files)):
        assert (TOP if name.startswith("tests/") else TOP / "patchtool").joinpath(name).exists(), (
            name
        )


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
