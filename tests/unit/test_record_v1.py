# SPDX-License-Identifier: GPL-2.0-or-later
"""A report that an older patchtool wrote still says what it said then.

``golden/v1`` holds reports of version 1 with what that version made of them. They are not
rewritten: no patchtool writes version 1 any more.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.errors import ManifestError
from patchtool.report import html, markdown, render
from patchtool.run import record

if TYPE_CHECKING:
    from collections.abc import Callable

V1 = Path(__file__).parent / "golden" / "v1"


@pytest.mark.parametrize("name", ["whole", "hostile"])
def test_a_report_of_version_1_renders_as_it_did(name: str) -> None:
    made = record.read(V1 / f"{name}.json")
    assert render.text(made) == (V1 / f"{name}.txt").read_text(encoding="utf-8")
    assert markdown.page(made) == (V1 / f"{name}.md").read_text(encoding="utf-8")
    assert html.page(made) == (V1 / f"{name}.html").read_text(encoding="utf-8")


def test_it_can_be_written_again_as_version_2(tmp_path: Path) -> None:
    made = record.read(V1 / "whole.json")
    assert made.schema_version == 2
    record.write(made, tmp_path)
    assert record.read(tmp_path) == made


def test_what_version_1_did_not_keep_is_not_made_up() -> None:
    made = record.read(V1 / "whole.json")
    assert made.series.manifest is None
    assert made.series.digest == ""
    assert {patch.patch_id for patch in made.series.patches} == {""}
    assert {patch.tree for patch in made.apply} == {None}
    assert made.counters.adds[0] == "compact_balloon_isolated"
    assert made.series.patches[1].paths == ("mm/balloon_compaction.c",)


FEWEST: dict[str, Any] = {
    "schema_version": 1, "tool_version": "0.1.0", "started": "2026-11-21T08:15:02Z",
    "series": {"name": "x", "title": "mm: x", "patches": [{"number": 1, "subject": "mm: x"}]},
    "base": {"tree": "", "commit": ""},
    "apply": [{"number": 1, "subject": "mm: x", "outcome": "conflict",
               "conflicts": [{"path": "mm/x.c"}]}],
    "kconfig": [{"variant": "on", "symbols": [{"name": "X", "wanted": "y", "ok": False}]}],
    "images": [{"label": "base", "warnings": [{"text": "unused"}]}],
    "elf": {"events_after": {"ok": False}},
    "patched": {"label": "base"},
    "outcome": "failed", "exit_code": 1,
}  # fmt: skip


def test_fields_that_came_within_version_1_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(FEWEST))
    made = record.read(tmp_path)
    assert made.base is None
    assert made.patched is not None
    assert made.patched.complete
    assert made.elf is not None
    assert made.elf.patched is not None
    assert not made.elf.patched.ok
    assert made.kconfig[0].missing[0].symbol == "X"
    assert "mm: x" in render.text(made)
    assert "<h1>mm: x</h1>" in html.page(made)


def _cut(values: dict[str, Any]) -> object:
    del values["series"]["title"]
    return values


def _bent(values: dict[str, Any]) -> object:
    values["images"] = 5
    return values


def _wrong(values: dict[str, Any]) -> object:
    values["exit_code"] = "one"
    return values


@pytest.mark.parametrize(
    ("damage", "named"),
    [(_cut, "title"), (_bent, "not a whole report of version 1"), (_wrong, "exit_code")],
)
def test_a_broken_report_of_version_1_is_refused(
    tmp_path: Path, damage: Callable[[dict[str, Any]], object], named: str
) -> None:
    values = json.loads(json.dumps(FEWEST))
    (tmp_path / "report.json").write_text(json.dumps(damage(values)))
    with pytest.raises(ManifestError, match=named):
        record.read(tmp_path)


def test_a_report_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = (V1 / "whole.json").read_text(encoding="utf-8")
    (tmp_path / "report.json").write_text(whole[: len(whole) // 2], encoding="utf-8")
    with pytest.raises(ManifestError):
        record.read(tmp_path)
