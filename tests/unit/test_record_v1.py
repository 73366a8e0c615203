# SPDX-License-Identifier: GPL-2.0-or-later
"""A report that an older patchtool wrote still says what it said then.

``golden/v1`` holds reports of version 1 with what that version made of them. They are not
rewritten: no patchtool writes version 1 any more.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from patchtool.report import html, markdown, render
from patchtool.run import record

V1 = Path(__file__).parent / "golden" / "v1"


@pytest.mark.parametrize("name", ["whole", "hostile"])
def test_a_report_of_version_1_renders_as_it_did(name: str) -> None:
    made = record.read(V1 / f"{name}.json")
    assert render.text(made) == (V1 / f"{name}.txt").read_text(encoding="utf-8")
    assert markdown.page(made) == (V1 / f"{name}.md").read_text(encoding="utf-8")
    assert html.page(made) == (V1 / f"{name}.html").read_text(encoding="utf-8")
