# SPDX-License-Identifier: GPL-2.0-or-later
"""apply-and-test from the command line to the report, on a kernel tree in miniature.

Real git, real containers; only booting needs a real kernel (tests/e2e).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from patchtool.run import record
from patchtool.verdict.by_patch import new_warnings
from tests.lib.bench import MANIFEST, PATCHES, Bench, hear_interrupts, wait_for_images


def state_of(bench: Bench) -> tuple[str, ...]:
    files = sorted(
        (
            str(path.relative_to(bench.tree)),
            0 if "objects" in path.parts else path.stat().st_mtime_ns,
        )
        for path in bench.tree.rglob("*")
        if path.is_file() and path.name != "index"  # git status itself writes that
    )
    return (bench.git("for-each-ref"), bench.git("status", "--porcelain"), str(files))


def test_series_is_applied_configured_and_built_patch_by_patch(bench: Bench) -> None:
    bench.series()
    before = state_of(bench)
    done = bench.run(*bench.job())
    assert done.returncode == 0, done.stderr
    report = bench.report()
    assert [patch["outcome"] for patch in report["apply"]] == ["applied"] * 5
    builds = [*report["images"], *report["compiled"]]
    labels = [build["label"] for build in builds]
    assert labels == ["base", "1/5", "2/5", "3/5", "4/5", "5/5", "off"]
    assert not any(build["cached"] for build in builds)
    assert {config["variant"] for config in report["kconfig"]} == {"on", "off"}
    assert any(report["elf"]["diff"].values()), "patched and base differ"
    folder = Path(max(bench.folder.glob("run-*")))
    for name in ("report.html", "report.txt", "junit.xml", "report.ktap", "commands.sh"):
        assert (folder / name).is_file()
    assert "podman" in (folder / "commands.sh").read_text()
    assert str(folder) in done.stdout.splitlines()[-1]
    assert state_of(bench) == before, "the user's tree was touched"
    assert not bench.leftovers()

    again = bench.run(*bench.job())
    assert again.returncode == 0
    report = bench.report()
    assert all(build["cached"] for build in [*report["images"], *report["compiled"]])
    assert "(stored)" in again.stderr

    plan = bench.run(*bench.job(), "--plan")
    assert plan.returncode == 0
    assert plan.stdout.count("stored") >= 8
    assert "build 5/5    stored" in plan.stdout


def test_plan_of_a_new_series_runs_nothing(bench: Bench) -> None:
    bench.series()
    done = bench.run(*bench.job(), "--plan")
    assert done.returncode == 0, done.stderr
    assert "to do" in done.stdout
    assert not (bench.folder / "cache/src").exists()


def test_build_failure_names_the_third_patch_of_five(bench: Bench) -> None:
    patches = list(PATCHES)
    patches[2] = ("mm/compaction.c", "\torder++;", "\torder++\n\torder += 2;")
    bench.series(patches)
    done = bench.run(*bench.job())
    assert done.returncode == 1, done.stderr
    report = bench.report()
    (finding,) = [row for row in report["findings"] if row["severity"] == "error"]
    assert finding["kind"] == "build"
    assert finding["patch"] == 3
    assert "mm/compaction.c:" in finding["text"]
    assert "mm: step 3" in done.stdout


def test_images_that_do_not_hang_on_a_broken_patch_are_built_all_the_same(bench: Bench) -> None:
    """Patch 3 breaks the build and patch 5 mends it: that cannot be bisected, and is said once."""
    patches = list(PATCHES)
    patches[2] = ("mm/compaction.c", "\torder++;", "\torder++\n\torder += 2;")
    patches[4] = ("mm/compaction.c", "\torder++\n\torder += 2;", "\torder += 3;")
    bench.series(patches)
    done = bench.run(*bench.job())
    assert done.returncode == 1, done.stderr
    report = bench.report()
    assert [image["label"] for image in report["images"]] == ["base", "1/5", "2/5", "5/5"]
    assert [build["label"] for build in report["compiled"]] == ["off"]
    assert report["elf"] is not None
    (finding,) = [row for row in report["findings"] if row["severity"] == "error"]
    assert (finding["kind"], finding["patch"]) == ("build", 3)


def test_new_warning_is_attributed_to_the_patch_that_brought_it(bench: Bench) -> None:
    patches = list(PATCHES)
    patches[3] = (
        "mm/vmstat.c",
        "void start_kernel(void)\n{",
        "void start_kernel(void)\n{\n\tint unused;\n",
    )
    bench.series(patches)
    done = bench.run(*bench.job())
    assert done.returncode == 0, done.stderr
    new = new_warnings(record.read(max(bench.folder.glob("run-*"))))
    assert [label for label, rows in new.items() if rows] == ["4/5"]
    assert new["4/5"][0].flag == "-Wunused-variable"


def test_patch_that_does_not_apply_is_named_with_what_the_tree_has(bench: Bench) -> None:
    bench.series()
    path = bench.tree / "mm/vmstat.c"
    path.write_text(path.read_text().replace("[PGFREE]++", "[PGFREE] += 7"))
    bench.git("commit", "-qam", "mm: something else")
    done = bench.run(*bench.job("--base", "master"))
    assert done.returncode == 1
    assert "patch 4/5" in done.stderr
    assert "[PGFREE] += 7" in done.stderr
    report = bench.report()
    assert [row["outcome"] for row in report["apply"]][-1] == "conflict"


def test_symbol_that_cannot_be_set_is_named_with_its_dependency(bench: Bench) -> None:
    bench.series(requires='NEVER = "y"')
    done = bench.run(*bench.job())
    assert done.returncode == 1
    assert "NEVER" in done.stderr
    assert "IMPOSSIBLE" in done.stderr


def test_base_and_tree_that_do_not_exist_are_usage_errors(bench: Bench) -> None:
    bench.series()
    wrong_base = bench.run(*bench.job("--base", "v9.9"))
    assert wrong_base.returncode == 2
    assert "v9.9" in wrong_base.stderr
    wrong_tree = bench.run("apply-and-test", str(bench.folder / "series"), "--tree", "/nowhere")
    assert wrong_tree.returncode == 2
    (bench.folder / "empty").mkdir()
    no_kernel = bench.run(
        "apply-and-test", str(bench.folder / "series"), "--tree", str(bench.folder / "empty")
    )
    assert no_kernel.returncode == 2
    assert "Makefile" in no_kernel.stderr


def test_manifest_with_mistakes_has_them_all_named(bench: Bench) -> None:
    folder = bench.series()
    text = (folder / "series.toml").read_text()
    text = text.replace("revision = 1", "revision = 0\nnonsense = 1")
    text = text.replace('["COMPACTION_NOISE"]', '["noise"]').replace('"v6.12"', "612")
    text = text.replace('COMPACTION = "y"', 'COMPACTION = "maybe"')
    (folder / "series.toml").write_text(text)
    done = bench.run(*bench.job())
    assert done.returncode == 2
    for key in ("revision", "nonsense", "kconfig.options.0", "base.tag", "COMPACTION"):
        assert key in done.stderr


def test_missing_container_program_is_infra_and_says_how_to_get_it(bench: Bench) -> None:
    bench.series()
    tools = bench.folder / "bin"
    tools.mkdir()
    for name in ("git", "sh", "env"):
        (tools / name).symlink_to(Path(shutil.which(name) or "/"))
    done = bench.run(*bench.job(), PATH=str(tools), PATCHTOOL_CONTAINER="docker")
    if shutil.which("docker", path="/usr/sbin:/sbin") is None:
        assert done.returncode == 3, done.stderr
        assert "apt-get install" in done.stderr


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_run_that_was_killed_while_building_is_continued(
    bench: Bench, signum: signal.Signals
) -> None:
    """Kill patchtool while the third image is built; the same command finishes the run."""
    bench.series()
    with subprocess.Popen(
        bench.argv(*bench.job()), env=bench.env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=hear_interrupts,  # noqa: PLW1509 (pytest has no threads here)
    ) as process:  # fmt: skip
        wait_for_images(bench, 2, process)
        time.sleep(0.5)
        process.send_signal(signum)
        _, said = process.communicate(timeout=60)
    if signum != signal.SIGKILL:
        assert process.returncode == 130
        assert "the same command continues" in said
        assert bench.report()["outcome"] == "interrupted"
    end = time.monotonic() + 20
    while bench.leftovers():
        assert time.monotonic() < end, bench.leftovers()
        time.sleep(0.1)
    done = bench.run(*bench.job())
    assert done.returncode == 0, done.stderr
    report = bench.report()
    images = report["images"]
    assert [row["cached"] for row in images[:2]] == [True, True], "what was finished is kept"
    assert [row["label"] for row in [*images, *report["compiled"]]][-2:] == ["5/5", "off"]


def test_full_disk_is_said_and_nothing_is_lost(bench: Bench) -> None:
    bench.series()
    small = bench.folder / "small"
    small.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(small)], check=True)
    try:
        shutil.copytree(
            bench.folder / "cache/store/toolchain", small / "store/toolchain", symlinks=True
        )
        done = bench.run(*bench.job(), PATCHTOOL_CACHE=str(small))
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)
    assert done.returncode == 3, done.stderr
    assert "no space left" in done.stderr.lower()
    assert bench.run(*bench.job()).returncode == 0


def test_rerun_repeats_a_run_from_its_bundle(bench: Bench) -> None:
    bench.series()
    assert bench.run(*bench.job()).returncode == 0
    first = max(bench.folder.glob("run-*"))
    moved = bench.folder / "elsewhere"
    shutil.copytree(first / "bundle", moved)
    shutil.rmtree(bench.folder / "series")
    out = bench.folder / "run-again"
    done = bench.run("rerun", str(moved), "--tree", str(bench.tree), "--out", str(out))
    assert done.returncode == 0, done.stderr
    one = json.loads((first / "report.json").read_text())
    two = json.loads((out / "report.json").read_text())
    assert [row["tree"] for row in one["images"]] == [row["tree"] for row in two["images"]]


def test_the_same_command_goes_on_in_its_run_directory(bench: Bench) -> None:
    """It was refused the second time, though it had said that it would continue."""
    bench.series()
    command = bench.job()
    broken = bench.run(*command, PATCHTOOL_BUILD_TIMEOUT="0.01")
    assert broken.returncode == 3, broken.stderr
    assert bench.report()["outcome"] == "infra"
    done = bench.run(*command)
    assert done.returncode == 0, done.stderr
    assert bench.report()["outcome"] == "passed"
    other = bench.run(*command, "--quick")
    assert other.returncode == 2
    assert "another request: quick differs" in other.stderr
    assert bench.report()["outcome"] == "passed"


def test_a_part_of_a_series_is_run_and_said_to_be_one(bench: Bench) -> None:
    folder = bench.series()
    for path in (*folder.glob("0003-*"), *folder.glob("0005-*"), folder / "series.toml"):
        path.unlink()
    refused = bench.run(*bench.job("--quick"))
    assert refused.returncode == 1
    assert "patch 0003 is missing" in refused.stderr
    assert "--partial" in refused.stderr
    first = bench.run(*bench.job("--quick", "--partial"))
    assert first.returncode == 0, first.stderr
    part = "only a part of the series, 3 of 5 patches: 3/5, 5/5 are missing"
    assert part in "\n".join(first.stderr.splitlines()[:3])
    assert part in " ".join(first.stdout.split())
    run = max(bench.folder.glob("run-*"))
    assert part in (run / "report.html").read_text()
    assert part in bench.report()["left_out"][0]
    assert part in bench.run("report", str(run), "--format", "markdown").stdout
    again = bench.run("rerun", str(run), "--tree", str(bench.tree), "--out", f"{run}-again")
    assert again.returncode == 0, again.stderr
    assert part in again.stderr
    assert bench.report()["series"]["missing"] == [3, 5]


def test_run_directory_that_is_in_use_is_refused(bench: Bench) -> None:
    bench.series()
    (bench.folder / "full").mkdir()
    (bench.folder / "full/file").touch()
    where = ("--tree", str(bench.tree), "--out", str(bench.folder / "full"))
    done = bench.run("apply-and-test", str(bench.folder / "series"), *where)
    assert done.returncode == 2
    assert "is there already" in done.stderr


def test_tree_that_has_a_series_already_is_built_as_it_is(bench: Bench) -> None:
    """Nothing is applied: the tree's HEAD, not a release's tag, is what is built and tested."""
    bench.git("commit", "-q", "--allow-empty", "-m", "newer than the tag")
    folder = bench.folder / "merged"
    folder.mkdir()
    text = MANIFEST.format(patches="", requires='COMPACTION = "y"')
    text = text.replace("patches = []", "merged = true").replace(
        'options = ["COMPACTION_NOISE"]', ""
    )
    (folder / "series.toml").write_text(text)
    out = bench.folder / "run-1"
    words = ("--tree", str(bench.tree), "--no-tests", "--out", str(out))
    done = bench.run("apply-and-test", str(folder), *words)
    assert done.returncode == 0, done.stderr
    report = bench.report()
    assert report["base"]["commit"] == bench.git("rev-parse", "HEAD").strip()
    assert [image["label"] for image in report["images"]] == ["base"]
    assert report["apply"] == []
    assert "nothing: the tree has it" in done.stderr
    again = bench.run("apply-and-test", str(folder), "--tree", str(bench.tree), "--plan")
    assert "build base   stored" in again.stdout, again.stdout + again.stderr


def test_a_first_answer_builds_the_whole_series_alone(bench: Bench) -> None:
    """And says what it left out; the whole run afterwards finds its image again."""
    bench.series()
    done = bench.run(*bench.job("--quick"))
    assert done.returncode == 0, done.stderr
    report = bench.report()
    assert [image["label"] for image in report["images"]] == ["5/5"]
    assert report["elf"] is None
    assert report["left_out"][0].endswith("each patch alone, other variants")
    assert "left out: the base" in done.stdout
    assert "new warnings" not in done.stderr
    plan = bench.run(*bench.job("--quick"), "--plan").stdout
    assert "build 5/5    stored" in plan
    assert "build base" not in plan
    bench.run(*bench.job())
    cached = {image["label"]: image["cached"] for image in bench.report()["images"]}
    assert [label for label, stored in cached.items() if stored] == ["5/5"]


def test_a_test_module_that_is_not_there_is_named_before_anything_is_built(bench: Bench) -> None:
    bench.series()
    done = bench.run(*bench.job("--module", "test_ballon.py"))
    assert done.returncode == 2
    assert "--module test_ballon.py: no such test module" in done.stderr
    assert "test_boot.py" in done.stderr
    assert not list(bench.folder.glob("run-*"))
