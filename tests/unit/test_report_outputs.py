# SPDX-License-Identifier: GPL-2.0-or-later
"""report.json is the source of every other format; ``patchtool report`` makes them again."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from patchtool.commands import schema
from patchtool.commands.options import Context
from patchtool.commands.report import command
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import CommandError, ManifestError, UsageError
from patchtool.report import outputs, plots
from patchtool.run import record
from patchtool.verdict.findings import gather

if TYPE_CHECKING:
    from pathlib import Path


def test_every_format_is_written_and_json_reads_back(sample: Any, tmp_path: Path) -> None:
    made = sample.record()
    outputs.write_all(made, tmp_path, tmp_path / "cache", Silent())
    files = {form.file for form in outputs.FORMATS.values()}
    assert {path.name for path in tmp_path.iterdir()} == {*files, "cache"}
    assert record.read(tmp_path) == made
    assert record.read(tmp_path / "report.json") == made
    suites = ET.parse(tmp_path / "junit.xml").getroot().findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["base", "4/4"]
    assert (tmp_path / "report.ktap").read_text().startswith("KTAP version 1\n1..2\n")
    assert "<svg" in (tmp_path / "report.html").read_text()


def test_hostile_strings_survive_json_and_xml(sample: Any, tmp_path: Path) -> None:
    made = sample.hostile()
    record.write(made, tmp_path)
    assert record.read(tmp_path) == made
    ET.fromstring(outputs.FORMATS["junit"].make(made, None, tmp_path, Silent()))


def test_what_a_run_means_follows_from_its_record_alone(sample: Any, tmp_path: Path) -> None:
    """The patches that are blamed are in the record, hunks and all."""
    made = sample.record(returned_twice=True)
    record.write(made, tmp_path)
    assert gather(record.read(tmp_path)) == made.findings
    assert made.findings[0].patch == 2


def test_no_plots_is_no_failure(
    sample: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine where matplotlib is broken still gets a page, and is told."""
    notes: list[str] = []

    class Notes(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    def broken(*_: object) -> None:
        raise CommandError(["python"], 1, "ImportError")

    monkeypatch.setattr(plots, "draw", broken)
    assert "<svg" not in outputs.FORMATS["html"].make(sample.record(), None, tmp_path, Notes())
    assert notes == ["the HTML report has no plots: python ended with status 1"]


def test_a_record_that_is_none_of_ours_is_refused_with_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"schema_version": 9, "outcome": "fine"}')
    with pytest.raises(ManifestError) as caught:
        record.read(tmp_path)
    named = {problem.partition(":")[0] for problem in caught.value.problems}
    assert {"schema_version", "outcome", "tool_version", "series"} <= named
    with pytest.raises(UsageError):
        record.read(tmp_path / "nowhere")


def test_the_schema_describes_what_is_written(sample: Any) -> None:
    said = record.schema()
    written = json.loads(sample.record().model_dump_json())
    assert set(written) == set(said["properties"])
    assert said["properties"]["schema_version"]["const"] == 2


def run(tmp_path: Path, *words: str) -> Any:
    context = Context(
        Settings(cache=tmp_path / "c", data=tmp_path / "d", state=tmp_path / "s"), Silent()
    )
    return CliRunner().invoke(command, words, obj=context)


def test_the_command_renders_a_run_again(sample: Any, tmp_path: Path) -> None:
    record.write(sample.record(), tmp_path)
    shown = run(tmp_path, str(tmp_path))
    assert shown.exit_code == 0
    assert shown.output.endswith(f"run directory: {tmp_path}\n")
    assert run(tmp_path, str(tmp_path), "--format", "ktap").output.startswith("KTAP version 1")
    target = tmp_path / "out.xml"
    assert run(tmp_path, str(tmp_path), "--format", "junit", "-o", str(target)).output == ""
    assert target.read_text().startswith("<?xml")


def test_the_schema_of_a_run_is_printed() -> None:
    assert json.loads(CliRunner().invoke(schema.command, ["report"]).output)["title"] == "RunRecord"


def test_the_command_says_what_it_lacks(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path).exception, UsageError)
    assert isinstance(run(tmp_path, str(tmp_path / "no")).exception, UsageError)


@pytest.mark.no_cover
def test_a_long_run_is_rendered_in_little_memory(sample: Any, tmp_path: Path) -> None:
    """Peak memory of patchtool is to stay below 200 MB; matplotlib is in another process."""
    import sys

    made = sample.record()
    long = sample.samples(1800, dict.fromkeys(sample.COUNTERS, 16384))
    tests = tuple(t.model_copy(update={"samples": long}) for t in made.patched.tests)
    made = made.model_copy(update={"patched": made.patched.model_copy(update={"tests": tests})})
    tracemalloc.start()
    outputs.FORMATS["html"].make(made, None, tmp_path, Silent())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30 << 20
    assert "matplotlib" not in sys.modules
