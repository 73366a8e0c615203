# SPDX-License-Identifier: GPL-2.0-or-later
"""What a request leaves out of a whole run is counted by what is not run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from patchtool import cli
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import UsageError
from patchtool.intake.load import Reference, load_series
from patchtool.run.request import Request

if TYPE_CHECKING:
    from pathlib import Path


def test_a_module_of_no_series_takes_no_other_ones_place() -> None:
    series = load_series(Reference("balloon-counters"), Settings(), Silent())
    whole = Request(Reference("balloon-counters"), "linux").module_names(series)
    ours = Request(Reference("balloon-counters"), "linux", only=("test_claims.py",))
    other = Request(Reference("balloon-counters"), "linux", only=("test_balloon_pressure.py",))
    assert "test_claims.py" in whole
    assert "test_balloon_pressure.py" not in whole
    count = len(whole)
    assert ours.left_out(series) == (f"{count - 2} of {count} test modules",)
    assert other.left_out(series) == (f"{count - 1} of {count} test modules",)


MANIFEST = """\
title = "mm: x"
revision = 1
merged = true
[base]
tag = "v6.12"
[tests]
modules = ["test_boot.py", "test_ballon.py"]
"""


def test_a_mistyped_module_of_a_manifest_is_named_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`series check` said "good", and a run ended hours later with the wrong error."""
    (tmp_path / "series.toml").write_text(MANIFEST)
    series = load_series(Reference(str(tmp_path)), Settings(), Silent())
    request = Request(Reference(str(tmp_path)), "linux")
    with pytest.raises(UsageError, match=r"tests\.modules: test_ballon\.py: no such test module"):
        request.check(series)
    replace(request, tests=False).check(series)
    assert cli.run(["series", "check", str(tmp_path)]) == 2
    assert "tests.modules.1: no such test module: test_ballon.py" in capsys.readouterr().err


def test_a_merged_series_is_checked_without_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    """It said that its mails were fetched by Message-ID None."""
    assert cli.run(["series", "check", "balloon-merged", "--offline"]) == 0
    assert capsys.readouterr().out.endswith("good; nothing to apply, revision 1\n")


@pytest.mark.parametrize("everything", [False, True])
def test_a_run_that_is_repeated_leaves_out_what_the_first_did(
    everything: bool,
) -> None:
    request = Request(Reference("balloon-counters"), "linux", all_tests=everything)
    again = Request.repeated(
        Reference("x"), "linux", "v6.12", request.modules_folder, request.options()
    )
    assert again.all_tests is everything
