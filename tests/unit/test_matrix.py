# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix: which runs there are, what becomes of each in the table, and how it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.build.kconfig.check import Missing
from patchtool.build.kernel.touched import Compiled
from patchtool.errors import InfraError, UsageError
from patchtool.matrix import matrix_files, table
from patchtool.matrix.combinations import Combination, combined, has_off, split_names
from patchtool.matrix.matrix_record import FILE_NAME, Cell, MatrixRecord, MatrixRow
from patchtool.matrix.rows import row_of, steps, waiting
from patchtool.run.record import Boot, StageTime
from patchtool.tree.apply import Outcome
from patchtool.tree.base.choose import Base
from patchtool.tree.release import KernelRelease

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchtool.run.record import RunRecord

FOLDER = Path("/home/me/.local/state/patchtool/runs/20261121-081502-balloon-counters-matrix")
TREES = ("linux-6.12.117", "linux-6.1.192", "linux-5.10.249", "linux-3.6.5", "linux-next")


def test_every_tree_is_run_with_every_toolchain_tree_by_tree() -> None:
    trees = [("linux-6.1", "linux-6.1"), ("linux", "/home/me/linux")]
    assert [c.name for c in combined(trees, ())] == ["linux-6.1", "linux"]
    both = combined(trees, ("bookworm", "clang"))
    assert [(c.tree, c.toolchain) for c in both] == [
        ("linux-6.1", "bookworm"),
        ("linux-6.1", "clang"),
        ("/home/me/linux", "bookworm"),
        ("/home/me/linux", "clang"),
    ]


def test_folders_of_runs_have_names_of_their_own_and_nothing_odd_in_them() -> None:
    """Two trees called linux, and a toolchain named after an image of a registry."""
    trees = [("linux", "/a/linux"), ("linux", "/b/linux")]
    names = [c.name for c in combined(trees, ("registry:example.org/gcc:4.9",))]
    assert names == [
        "linux-registry-example.org-gcc-4.9",
        "linux-registry-example.org-gcc-4.9-2",
    ]


def test_options_take_several_names_and_may_be_repeated() -> None:
    assert split_names(("a,b", "c", "b"), "--trees") == ("a", "b", "c")
    assert split_names((), "--toolchains") == ()
    with pytest.raises(UsageError, match="--trees"):
        split_names(("a,,b",), "--trees")


def test_variants_are_on_and_off() -> None:
    assert not has_off(())
    assert not has_off(("on",))
    assert has_off(("on", "off"))
    with pytest.raises(UsageError, match="maybe"):
        has_off(("maybe",))


def on(sample: Any, tree: str, *, broken: bool = False, **changes: object) -> RunRecord:
    """The record of a run on a tree."""
    made: RunRecord = sample.record(returned_twice=broken)
    release = KernelRelease(tree.replace("linux-", ""))
    base = Base("1f0a" * 10, "ba5e" * 10, release, release.tag, "--base")
    return made.model_copy(update={"tree": tree, "base": base, **changes})


def cut_short(record: RunRecord, *, patches: int, images: int) -> RunRecord:
    """A run that went no further."""
    return record.model_copy(
        update={
            "apply": record.apply[:patches], "images": record.images[:images], "boots": (),
            "patched": None, "control": None, "other_runs": (), "findings": (), "stages": (),
        }
    )  # fmt: skip


def conflict(sample: Any, tree: str) -> RunRecord:
    made = cut_short(on(sample, tree), patches=3, images=0)
    last = replace(made.apply[2], outcome=Outcome.CONFLICT, commit=None, tree=None)
    what = "does not apply: drivers/virtio/virtio_balloon.c @@ -471,6 +471,7 @@"
    finding = sample.record(returned_twice=True).findings[0].model_copy(
        update={"kind": "apply", "patch": 3, "what": what, "test": "", "subject": last.subject}
    )  # fmt: skip
    return made.model_copy(
        update={
            "apply": (*made.apply[:2], last), "kconfig": (), "findings": (finding,),
            "outcome": "failed", "exit_code": 1,
        }
    )  # fmt: skip


def refused() -> UsageError:
    error = UsageError("trixie (gcc 14) cannot build this tree: no such header", hint="use another")
    error.stage = "toolchain"
    return error


def matrix(sample: Any) -> MatrixRecord:
    """A matrix of five trees: one of each outcome, and one that was not begun."""
    runs = [Combination(name, name) for name in TREES]
    rows = (
        row_of(runs[0], on(sample, TREES[0])),
        row_of(runs[1], on(sample, TREES[1], broken=True)),
        row_of(runs[2], conflict(sample, TREES[2])),
        row_of(runs[3], cut_short(on(sample, TREES[3]), patches=4, images=0), refused()),
        waiting(runs[4]),
    )  # fmt: skip
    made = sample.record()
    return MatrixRecord(
        tool_version="0.1.0",
        started=made.started,
        finished=made.started + timedelta(seconds=1320),
        argv=("patchtool", "matrix", "balloon-counters", "--trees", ",".join(TREES)),
        series=made.series,
        rows=rows,
    )


def test_the_table(sample: Any, golden: Callable[[str, str], None]) -> None:
    golden("matrix.txt", table.text(matrix(sample), FOLDER))


def test_toolchains_have_a_column_where_they_differ(
    sample: Any, golden: Callable[[str, str], None]
) -> None:
    rows = []
    for name, says in (
        ("bookworm", "gcc (Debian 12.2.0-14) 12.2.0"),
        ("clang", "clang version 14.0.6"),
    ):
        run = on(sample, TREES[0])
        host = run.host.model_copy(update={"compiler": says})
        one = Combination(f"{TREES[0]}-{name}", TREES[0], name)
        rows.append(row_of(one, run.model_copy(update={"host": host})))
    golden(
        "matrix_toolchains.txt", table.text(matrix(sample).model_copy(update={"rows": tuple(rows)}))
    )


def test_a_step_that_no_run_reached_has_no_column(sample: Any) -> None:
    rows = (row_of(Combination("a", "a"), conflict(sample, "a")),)
    record = matrix(sample).model_copy(update={"rows": rows})
    assert table.columns(record) == ("apply",)
    assert "boot" not in table.text(record)


def test_nothing_was_run_yet(sample: Any) -> None:
    rows = tuple(waiting(Combination(name, name)) for name in TREES)
    record = matrix(sample).model_copy(update={"rows": rows, "finished": None})
    text = table.text(record, FOLDER)
    assert "0 of 5 passed; 5 not run" in text
    assert "took" not in text


def test_the_exit_code_is_the_highest_of_the_runs(sample: Any) -> None:
    record = matrix(sample)
    assert [row.exit_code for row in record.rows] == [0, 1, 1, 2, 0]
    assert record.exit_code == 2
    infra = row_of(Combination("a", "a"), None, InfraError("no space left"))
    assert (infra.outcome, infra.exit_code) == ("infra", 3)
    assert record.model_copy(update={"rows": (*record.rows, infra)}).exit_code == 3


def test_a_run_that_could_not_even_write_its_report_has_a_row() -> None:
    row = row_of(Combination("a", "a"), None, InfraError("no space left", hint="free some"))
    assert row.steps == {}
    assert row.reason == "no space left (free some)"


def test_the_reason_names_the_stage_that_refused(sample: Any) -> None:
    row = matrix(sample).rows[3]
    assert row.outcome == "refused"
    assert row.reason.startswith("toolchain: trixie (gcc 14) cannot build this tree")
    assert row.steps["apply"].text == "4/4", "what was done before is kept"


def stage(name: str) -> StageTime:
    return StageTime(name=name, ok=False)


def test_a_patch_that_does_not_build_is_counted(sample: Any) -> None:
    made = cut_short(on(sample, "linux"), patches=4, images=3)
    found = steps(made.model_copy(update={"stages": (stage("build 3/4"),)}))
    assert found["base"].state == "stored"
    assert found["patches"] == Cell(text="2/4 failed", state="bad")
    assert "off" not in found


def test_a_base_that_does_not_build(sample: Any) -> None:
    made = cut_short(on(sample, "linux"), patches=4, images=0)
    found = steps(made.model_copy(update={"stages": (stage("build base"),)}))
    assert found["base"] == Cell(text="failed", state="bad")
    assert "patches" not in found


def test_a_symbol_that_was_lost(sample: Any) -> None:
    made = on(sample, "linux")
    lost = Missing(symbol="COMPACTION", wanted="y", got="n", reason="depends on MMU")
    config = made.kconfig[0].model_copy(update={"missing": (lost,)})
    found = steps(made.model_copy(update={"kconfig": (config,)}))
    assert found["kconfig"] == Cell(text="1 lost", state="bad")


@pytest.mark.parametrize(
    ("linked", "ran", "text"),
    [(False, False, "compiled"), (True, False, "built"), (True, True, "boots")],
)
def test_the_variant_off_is_compiled_built_or_booted(
    sample: Any, linked: bool, ran: bool, text: str
) -> None:
    made = on(sample, "linux")
    runs = (sample.run("off", series=False),) if ran else ()
    image = sample.image("off", 4, variant="off", seconds=20)
    compiled = Compiled(
        label="off", patch=4, tree="", config="", variant="off", folders=("mm/",), warnings=(),
        seconds=20, cpu_seconds=0,
    )  # fmt: skip
    built = {"images": (*made.images, image)} if linked else {"compiled": (compiled,)}
    changed = made.model_copy(update={**built, "other_runs": runs})
    assert steps(changed)["off"].text == text
    assert steps(changed)["patches"].text.startswith("4/4"), "it is none of the patches"


def test_a_kernel_that_does_not_come_up_is_seen_in_its_column(sample: Any) -> None:
    bad = Boot(image="4/4", outcome="Kernel panic")
    made = on(sample, "linux", boots=(bad,))
    assert steps(made)["boot"] == Cell(text="1 failed", state="bad")


def test_a_series_that_the_tree_has_already_has_no_patches_to_build(sample: Any) -> None:
    made = on(sample, "linux")
    series = replace(made.series, patches=())
    images = made.images[:1]
    found = steps(made.model_copy(update={"series": series, "apply": (), "images": images}))
    assert "apply" not in found
    assert "patches" not in found
    assert found["base"].text == "stored"


def test_what_runs_left_out_is_told_below_the_table(sample: Any) -> None:
    """A first answer must not be taken for a whole run."""
    record = matrix(sample)
    row = record.rows[0].model_copy(update={"left_out": ("the tests on the base",)})
    found = record.model_copy(update={"rows": (row, *record.rows[1:])})
    assert table.legend(found).endswith("left out: the tests on the base")
    assert "left out" not in table.legend(record)
    assert "left out: the tests on the base" in matrix_files.page(found)


def test_the_page_is_whole_and_fetches_nothing(sample: Any, tmp_path: Path) -> None:
    matrix_files.write_all(matrix(sample), tmp_path)
    page = (tmp_path / "matrix.html").read_text()
    assert page.count("<tr>") == len(TREES) + 1
    assert page.count("</table>") == page.count("<caption>") == 1
    assert 'href="./linux-6.12.117/report.html"' in page
    assert "./linux-next/report.html" not in page, "it has no report yet"
    assert not any(word in page for word in ("http:", "https:", "src=", "<script", "<link"))
    assert "default-src 'none'" in page


def test_foreign_text_is_shown_not_obeyed(sample: Any) -> None:
    hostile = "<script>alert(1)</script>\x1b[2J\u202e"
    row = MatrixRow(folder="a/../../b", tree=hostile, reason=hostile, outcome="failed", exit_code=1)
    record = matrix(sample).model_copy(update={"rows": (row,)})
    for text in (matrix_files.page(record), table.text(record)):
        assert not any(char in text for char in "\x1b\u202e")
    assert "<script>" not in matrix_files.page(record)
    assert "../../b/report.html" not in matrix_files.page(record)


def test_what_was_written_reads_back(sample: Any, tmp_path: Path) -> None:
    record = matrix(sample)
    matrix_files.write_all(record, tmp_path)
    text = (tmp_path / FILE_NAME).read_text()
    assert MatrixRecord.model_validate_json(text) == record
    assert json.loads(text)["rows"][1]["tests"] == {"passed": 5, "failed": 2, "skipped": 1}
