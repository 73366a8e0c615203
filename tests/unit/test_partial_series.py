# SPDX-License-Identifier: GPL-2.0-or-later
"""A series of which patches are missing: refused, or with --partial a part that says so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from patchtool.commands.options import Context
from patchtool.commands.series import command
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import MailError
from patchtool.intake.load import Reference, load_series
from patchtool.report import html, markdown, render, series_files
from patchtool.run.request import Request
from tests.unit.test_threads import box, post, thread

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.series.model import Series

#: Of five patches the second and the fourth are not there.
MAILS = [mail for at, mail in enumerate(thread("v2", total=5)) if at not in (2, 4)]
PART = "only a part of the series, 3 of 5 patches: 2/5, 4/5 are missing"


class Notes(Silent):
    """Keeps what a person would see."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def mbox(tmp_path: Path) -> Path:
    path = tmp_path / "part.mbox"
    path.write_bytes(box(*MAILS))
    return path


def load(path: Path, *, partial: bool = True, notes: Notes | None = None) -> Series:
    return load_series(Reference(str(path), partial=partial), Settings(), notes or Silent())


def run(path: Path, *words: str) -> str:
    context = Context(Settings(), Silent())
    done = CliRunner().invoke(command, [words[0], str(path), *words[1:]], obj=context)
    assert done.exception is None, done.exception
    return done.output


def test_it_is_refused_with_what_is_missing(mbox: Path) -> None:
    with pytest.raises(MailError, match="patch 2/5, 4/5 are missing") as caught:
        load(mbox, partial=False)
    assert "--partial" in caught.value.hint


def test_a_part_is_taken_and_says_so(mbox: Path) -> None:
    notes = Notes()
    series = load(mbox, notes=notes)
    assert (series.missing, series.numbers, series.posted) == ((2, 4), (1, 3, 5), 5)
    assert [patch.number for patch in series.patches] == [1, 2, 3]
    assert series.cover is not None
    assert notes.said == [series.part] == [PART]


def test_a_whole_series_says_nothing(tmp_path: Path) -> None:
    path, notes = tmp_path / "t.mbox", Notes()
    path.write_bytes(box(*thread("v2", total=5)))
    series = load(path, notes=notes)
    assert (series.missing, series.part, series.size, notes.said) == ((), "", "5 patches", [])


def test_a_cover_letter_alone_is_no_part(tmp_path: Path) -> None:
    path = tmp_path / "t.mbox"
    path.write_bytes(box(thread("v2", total=5)[0], post("Re: [PATCH v2 0/5] all", "r", "c.0")))
    with pytest.raises(MailError, match="a cover letter without patches"):
        load(path)


def test_one_patch_of_several_is_a_part(tmp_path: Path) -> None:
    path = tmp_path / "0003-c.patch"
    path.write_bytes(MAILS[2])
    assert load(path).missing == (1, 2, 4, 5)


def test_gaps_between_files_are_seen_where_subjects_bear_no_numbers(tmp_path: Path) -> None:
    for number in (1, 3):
        (tmp_path / f"{number:04}-x.patch").write_bytes(post(f"[PATCH] x {number}"))
    with pytest.raises(MailError, match="patch 0002 is missing; 0003-x") as caught:
        load(tmp_path, partial=False)
    assert "--partial" in caught.value.hint
    assert load(tmp_path).part == "only a part of the series, 2 of 3 patches: 2/3 is missing"


@pytest.mark.parametrize("numbered", [True, False])
def test_what_is_kept_is_still_a_part(tmp_path: Path, mbox: Path, *, numbered: bool) -> None:
    source = mbox
    if not numbered:
        source = tmp_path / "loose"
        source.mkdir()
        for number in (1, 3):
            (source / f"{number:04}-x.patch").write_bytes(post(f"[PATCH] x {number}"))
    series = load(source)
    kept = tmp_path / "kept"
    kept.mkdir()
    for name, data in series_files.kept_files(series).items():
        (kept / name).write_bytes(data)
    with pytest.raises(MailError, match="missing"):
        load(kept, partial=False)
    again = load(kept)
    assert (again.missing, again.digest) == (series.missing, series.digest)


def test_show_list_and_save_say_it(mbox: Path, tmp_path: Path) -> None:
    shown = run(mbox, "show", "--partial")
    assert "v2, 3 of 5 patches" in shown
    assert PART in shown
    assert "2/3 (posted as 3/5) " in shown
    assert json.loads(run(mbox, "show", "--partial", "--json"))["missing"] == [2, 4]
    assert "\t3 of 5 patches\t" in run(mbox, "list", "--partial")
    assert "\trefused\t" in run(mbox, "list")
    assert "3 of 5 patches of" in run(mbox, "save", "--partial", "-o", str(tmp_path / "out"))
    assert PART in run(mbox, "lint", "--partial", "--fail-on", "never")
    found = json.loads(run(mbox, "lint", "--partial", "--fail-on", "never", "--json"))
    assert found["series"]["missing"] == [2, 4]


def test_a_run_keeps_it_for_its_rerun(mbox: Path) -> None:
    request = Request(Reference(str(mbox), partial=True), "linux", tests=False)
    again = Request.repeated(Reference("bundle"), "linux", "v6.12", mbox.parent, request.options())
    assert again.series.partial
    assert any("the missing patches" in said for said in request.left_out(load(mbox)))
    whole = Request(Reference(str(mbox)), "linux", tests=False).options()
    assert not Request.repeated(Reference("b"), "x", "y", mbox.parent, whole).series.partial
    old = {key: value for key, value in whole.items() if key != "partial"}
    assert not Request.repeated(Reference("b"), "x", "y", mbox.parent, old).series.partial


def test_every_report_says_it(sample: Any) -> None:
    record = sample.record()
    said = "only a part of the series, 4 of 6 patches: 2/6, 6/6 are missing"
    series = replace(record.series, missing=(2, 6))
    part = record.model_copy(update={"series": series, "left_out": (f"x ({said})",)})
    assert said in " ".join(render.text(part).split())
    assert said in html.page(part)
    assert said in markdown.page(part)
    assert json.loads(part.model_dump_json())["series"]["missing"] == [2, 6]
    assert part.exit_code == record.exit_code
    for page in (render.text(record), html.page(record), markdown.page(record)):
        assert "only a part" not in page
