# SPDX-License-Identifier: GPL-2.0-or-later
"""What a request leaves out of a whole run is counted by what is not run."""

from __future__ import annotations

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.intake.load import Reference, load_series
from patchtool.run.request import Request


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
