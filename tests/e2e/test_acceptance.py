# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job as a user runs it: killed twice, continued, read, and given a bad series."""

from __future__ import annotations

import json
import shutil
import signal
import time
from typing import TYPE_CHECKING

import pytest

from patchtool.core import data, settings
from patchtool.run import record
from patchtool.series import manifest
from patchtool.testing import record_file
from patchtool.verdict.by_patch import new_warnings
from tests.lib.main_job import report_of, start
from tests.lib.public_inbox import posting

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.lib.public_inbox import PublicInbox

SERIES = "balloon-counters"
COUNTERS = ("isolated", "migrated", "returned", "released")


def kill_when(process: subprocess.Popen[str], ready: Callable[[], bool], seconds: float) -> None:
    """SIGKILL patchtool as soon as something is so, or let it be when it ended before."""
    end = time.monotonic() + seconds
    while process.poll() is None and not ready():
        assert time.monotonic() < end
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def forget(cache: Path) -> None:
    """Let there be something to build and to test, also when all of it was done before.

    What most of a kernel was compiled for stays: `ci/test` began that in the background.
    """
    shutil.rmtree(cache / "tests", ignore_errors=True)
    for path in (cache / "store/image").glob("*/value.json"):
        image = json.loads(path.read_text())
        if image["release"].startswith("6.12.") and image["steps"] < 200:  # one patch's worth
            shutil.rmtree(path.parent)


def record_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "tests").rglob("*.jsonl") if path.is_file()]


@pytest.fixture(scope="module")
def whole_run(source_6_12: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was killed in the middle of a build, and of a test, and then finished."""
    cache = settings.load().cache
    job = (SERIES, "--tree", str(source_6_12))
    outs = [tmp_path_factory.mktemp("run") / str(number) for number in range(3)]

    forget(cache)

    def compiling() -> bool:
        return bool(list((cache / "obj").glob("*/.make.*/in/config")))

    kill_when(start(*job, "--out", str(outs[0])), compiling, 3000)

    def testing() -> bool:
        lines = [line for path in record_files(cache) for line in path.read_text().splitlines()]
        return sum('"kind":"test"' in line for line in lines) >= 4

    kill_when(start(*job, "--out", str(outs[1])), testing, 3600)
    done = {
        (json.loads(line)["nodeid"], json.loads(line)["seconds"])
        for path in record_files(cache)
        for line in path.read_text().splitlines()
        if '"kind":"test"' in line
    }
    assert done
    process = start(*job, "--out", str(outs[2]))
    said, _ = process.communicate(timeout=3600)
    (outs[2] / "said.txt").write_text(said)
    assert process.returncode == 0, said[-6000:]
    kept = {
        (json.loads(line)["nodeid"], json.loads(line)["seconds"])
        for path in outs[2].glob("*.jsonl")
        for line in path.read_text().splitlines()
        if '"kind":"test"' in line
    }
    assert done <= kept, "a finished test was run again"
    return outs[2]


def test_killed_run_is_continued_and_passes(whole_run: Path) -> None:
    report = report_of(whole_run)
    assert report["outcome"] == "passed"
    assert [row["outcome"] for row in report["apply"]] == ["applied"] * 5
    labels = [build["label"] for build in [*report["images"], *report["compiled"]]]
    assert labels == ["base", "1/5", "2/5", "3/5", "4/5", "5/5", "off"]
    assert not any(new_warnings(record.read(whole_run)).values())


def test_every_module_of_the_series_passes(whole_run: Path) -> None:
    """Nothing is skipped but what this kernel does not promise."""
    run = record_file.load(whole_run / "tests-5-of-5.jsonl")
    bad = [
        f"{test.nodeid}: {test.reason}" for test in run.tests if test.outcome in ("failed", "error")
    ]
    assert not bad, "\n\n".join(bad)
    assert run.passed
    known = manifest.load(data.series() / SERIES / "series.toml")
    assert {test.nodeid.partition("::")[0] for test in run.tests} == set(known.tests.modules)
    tests = {test.nodeid.partition("::")[2]: test for test in run.tests}
    headline = tests["test_every_isolated_page_is_accounted_for[64]"]
    assert headline.outcome == "passed"
    assert float(headline.figures["migrated_share"]) >= 0.9
    first = tests["test_balloon_pages_move[64]"]
    assert max(first.samples.counters["balloon_migrate"]) >= 0.9 * 16384


def test_balloon_moves_as_the_2012_letter_says(whole_run: Path) -> None:
    report = report_of(whole_run)
    tests = {test["nodeid"]: test for test in report["patched"]["tests"]}
    found = [test for name, test in tests.items() if "compaction" in name and test["windows"]]
    assert found
    for test in found:
        pages = test["figures"].get("balloon_pages")
        deltas = test["windows"][-1]["deltas"]
        if pages is None or "compact_balloon_migrated" not in deltas:
            continue
        moved = {name: deltas[f"compact_balloon_{name}"][2] for name in COUNTERS}
        assert moved["isolated"] == moved["migrated"] + moved["returned"]
        assert moved["released"] == moved["migrated"]
        assert moved["migrated"] >= 0.9 * pages
        break
    else:
        pytest.fail("no test measured a compacted balloon")


def test_control_tells_base_and_series_apart(whole_run: Path) -> None:
    report = report_of(whole_run)
    verdicts = [row["verdict"] for row in report["comparisons"]]
    assert "tells apart" in verdicts
    assert "same on both" in verdicts
    assert not any(row["flagged"] for row in report["comparisons"])


def test_table_and_run_directory_are_printed(whole_run: Path) -> None:
    said = (whole_run / "said.txt").read_text()
    for name in COUNTERS:
        assert f"compact_balloon_{name}" in said
    assert said.rstrip().endswith(str(whole_run))
    for name in ("report.html", "junit.xml", "report.ktap", "commands.sh", "bundle/plan.json"):
        assert (whole_run / name).is_file()
    html = (whole_run / "report.html").read_text()
    assert "<svg" in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    commands = (whole_run / "commands.sh").read_text()
    for program in ("podman", "virtme-run"):
        assert program in commands


def test_series_is_fetched_from_a_mail_archive_and_tested(
    whole_run: Path, source_6_12: Path, public_inbox: PublicInbox, tmp_path: Path
) -> None:
    """A link is enough: fetched, recognised as the bundled series, and judged as its folder is."""
    files = sorted((data.series() / SERIES).glob("*.patch"))
    headers = {"To": "linux-mm@example.org", "Cc": "virtualization@example.org"}
    domain = "e2e.example.org"
    public_inbox.add("linux-mm", *posting(files, domain, headers))
    out = tmp_path / "out"
    link = f"{public_inbox.url}/linux-mm/0@{domain}/T/#t"
    process = start(link, "--tree", str(source_6_12), "--out", str(out), no_proxy="127.0.0.1")
    said, _ = process.communicate(timeout=3600)
    assert process.returncode == 0, said[-6000:]
    assert f"this is {SERIES}" in said
    report, before = report_of(out), report_of(whole_run)
    assert report["series"]["message_id"] == f"0@{domain}"
    kept = [(image["label"], image["tree"]) for image in before["images"]]
    assert [(image["label"], image["tree"]) for image in report["images"]] == kept
    outcomes = {test["nodeid"]: test["outcome"] for test in report["patched"]["tests"]}
    assert outcomes == {test["nodeid"]: test["outcome"] for test in before["patched"]["tests"]}


def altered(folder: Path, edits: dict[str, list[tuple[str, str]]], *modules: str) -> Path:
    """A copy of the bundled series.

    Args:
        folder: Where to make it.
        edits: For the beginning of a patch's file name, what stands there once, and what instead.
        modules: The test modules that it names.
    """
    made = folder / SERIES
    shutil.copytree(data.series() / SERIES, made)
    for start_of_name, pairs in edits.items():
        (patch,) = made.glob(f"{start_of_name}-*")
        text = patch.read_text()
        for old, new in pairs:
            assert text.count(old) == 1
            text = text.replace(old, new)
        patch.write_text(text)
    about = made / "series.toml"
    kept = about.read_text().partition("[tests]")[0]
    about.write_text(f"{kept}[tests]\nmodules = {json.dumps(modules)}\n")
    return made


#: Patch 3 counts each page of a balloon twice, and patch 4 no longer does.
TWICE = """\
@@ -24,5 +24,6 @@ static void balloon_page_enqueue_one(struct balloon_dev_info *b_dev_info,
 \tBUG_ON(!trylock_page(page));
 \tballoon_page_insert(b_dev_info, page);
 \tunlock_page(page);
 \t__count_vm_event(BALLOON_INFLATE);
+\t__count_vm_event(BALLOON_INFLATE);
 }
"""
ONCE = """\
diff --git a/mm/balloon_compaction.c b/mm/balloon_compaction.c
--- a/mm/balloon_compaction.c
+++ b/mm/balloon_compaction.c
@@ -24,6 +24,5 @@ static void balloon_page_enqueue_one(struct balloon_dev_info *b_dev_info,
 \tBUG_ON(!trylock_page(page));
 \tballoon_page_insert(b_dev_info, page);
 \tunlock_page(page);
 \t__count_vm_event(BALLOON_INFLATE);
-\t__count_vm_event(BALLOON_INFLATE);
 }
"""


def test_a_middle_patch_that_breaks_only_its_own_boot_test_is_named(
    whole_run: Path, source_6_12: Path, tmp_path: Path
) -> None:
    """What a later patch mends still breaks bisection: the run fails, with patch 3 named."""
    del whole_run  # its images are stored
    edits = {
        "0003": [("@@ -225,6 +225,19 @@", f"{TWICE}@@ -225,6 +226,19 @@")],
        "0004": [("diff --git a/drivers", f"{ONCE}diff --git a/drivers")],
    }
    folder = altered(tmp_path, edits, "test_boot.py")
    out = tmp_path / "out"
    process = start(str(folder), "--tree", str(source_6_12), "--no-control", "--out", str(out))
    said, _ = process.communicate(timeout=1800)
    assert process.returncode == 1, said[-6000:]
    report = report_of(out)
    assert not any(test["outcome"] == "failed" for test in report["patched"]["tests"])
    errors = [row for row in report["findings"] if row["severity"] == "error"]
    assert errors
    assert {row["patch"] for row in errors} == {3}, errors
    assert any("balloon_inflate" in row["text"] for row in errors), errors


def test_wrongly_placed_counter_is_traced_to_its_patch(
    whole_run: Path, source_6_12: Path, tmp_path: Path
) -> None:
    """Count a returned page where it is isolated: patch 2 is named, and the delta shows it."""
    del whole_run  # its images are stored, which makes this a matter of minutes
    right = "+\tcount_balloon_event(COMPACT_BALLOON_RETURNED);"
    first = "+\tcount_balloon_event(COMPACT_BALLOON_ISOLATED);"
    edits = {"0002": [(right, "+xx"), (first, right), ("+xx", first)]}
    folder = altered(tmp_path, edits, "test_boot.py", "test_balloon_compaction.py")
    out = tmp_path / "out"
    words = ("--tree", str(source_6_12), "--no-control", "--out", str(out))
    process = start(str(folder), *words)
    said, _ = process.communicate(timeout=3600)
    assert process.returncode == 1, said[-6000:]
    findings = [row for row in report_of(out)["findings"] if row["severity"] == "error"]
    assert findings
    traced = [row for row in findings if row["kind"] == "test" and row["patch"] == 2]
    assert traced, findings
    assert any("compact_balloon_" in row["text"] and row["numbers"] for row in traced)
    assert "count isolated and returned" in said
