# SPDX-License-Identifier: GPL-2.0-or-later
"""The patch to blame is named, with the reason; and no patch is named without one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from patchtool.testing.records import Outcome
from patchtool.verdict import attribution
from patchtool.verdict.attribution import Judged, blame_checks, blame_stuck, blame_trace
from patchtool.verdict.findings import gather, verdict
from patchtool.verdict.touches import Part, function_of, key, misplaced, touches


def test_the_spellings_of_a_counter_are_one() -> None:
    """The 2012 series wrote COMPACTBALLOONISOLATED, later ones put underscores in."""
    names = ("compact_balloon_isolated", "COMPACTBALLOONISOLATED", "COMPACT_BALLOON_ISOLATED")
    assert {key(name) for name in names} == {"compactballoonisolated"}


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("static bool balloon_page_isolate(struct page *page)", "balloon_page_isolate"),
        ("int virtballoon_migratepage(struct address_space *mapping,", "virtballoon_migratepage"),
        ("enum vm_event_item { PGPGIN, PGPGOUT, PSWPIN, PSWPOUT,", ""),
        ("const char * const vmstat_text[] = {", ""),
        ("", ""),
    ],
)
def test_the_function_is_read_from_the_hunk(section: str, name: str) -> None:
    assert function_of(section) == name


def test_names_counts_and_places_are_told_apart(sample: Any) -> None:
    found = touches(sample.patches(), [sample.RETURNED])
    assert [(t.patch, t.part, t.path, t.function) for t in found] == [
        (1, Part.NAMES, "include/linux/vm_event_item.h", ""),
        (1, Part.NAMES, "mm/vmstat.c", ""),
        (2, Part.COUNTS, "mm/balloon_compaction.c", "balloon_page_putback"),
    ]


def test_the_2012_series_is_read_as_well(sample: Any) -> None:
    hunk = sample.hunk(
        "bool isolate_balloon_page(struct page *page)",
        "+\t\t\t\tcount_balloon_event(COMPACTBALLOONISOLATED);",
    )
    patch = sample.patch(2, ("mm/balloon_compaction.c", hunk))
    (found,) = touches([patch], ["compact_balloon_isolated"])
    assert (found.part, found.function) == (Part.COUNTS, "isolate_balloon_page")


def test_a_comment_that_mentions_a_counter_is_no_touch(sample: Any) -> None:
    hunk = sample.hunk("void f(void)", "+\t/* COMPACT_BALLOON_ISOLATED is counted above */")
    assert touches([sample.patch(3, ("mm/x.c", hunk))], [sample.ISOLATED]) == ()


def checks(sample: Any, *broken: int) -> list[Judged]:
    from patchtool.testing.relations import parse

    return [
        Judged(parse(text).names, ok=at not in broken) for at, text in enumerate(sample.INVARIANTS)
    ]


def test_a_counter_that_also_stands_in_a_relation_that_held_is_not_suspected(sample: Any) -> None:
    """isolated != migrated + returned, but migrated == released: patch 3 is not to blame."""
    blame = blame_checks(checks(sample, 0), sample.patches())
    assert blame.patch == 2
    assert (
        "compact_balloon_returned in mm/balloon_compaction.c, balloon_page_putback()"
        in blame.reason
    )


def test_one_relation_alone_names_the_patch_that_counts(sample: Any) -> None:
    blame = blame_checks(checks(sample, 1), sample.patches())
    assert blame.patch == 4
    assert "counts compact_balloon_released in mm/migrate.c" in blame.reason


def test_two_patches_in_question_are_both_named(sample: Any) -> None:
    only = [Judged((sample.MIGRATED, sample.RELEASED), ok=False)]
    blame = blame_checks(only, sample.patches())
    assert blame.patch is None
    assert blame.suspects == (3, 4)


def test_the_claimed_figure_that_was_missed_decides(sample: Any) -> None:
    only = [Judged((sample.MIGRATED, sample.RELEASED), ok=False)]
    assert blame_checks(only, sample.patches(), off=[sample.MIGRATED]).patch == 3


def test_enumerator_and_name_in_different_orders(sample: Any) -> None:
    """A name in another's place makes two counters show each other's figures."""
    items = sample.hunk(
        "enum vm_event_item {", "+\tCOMPACT_BALLOON_RETURNED, COMPACT_BALLOON_RELEASED,"
    )
    names = sample.hunk(
        "const char * const vmstat_text[] = {",
        '+\t"compact_balloon_released",',
        '+\t"compact_balloon_returned",',
    )
    first = sample.patch(1, ("include/linux/vm_event_item.h", items), ("mm/vmstat.c", names))
    series = (first, *sample.patches()[1:])
    assert [wrong.patch for wrong in misplaced(series, sample.COUNTERS)] == [1]
    assert misplaced(sample.patches(), sample.COUNTERS) == ()
    blame = blame_checks(checks(sample, 0, 1), series)
    assert blame.patch == 1
    assert "their names in the order compact_balloon_released" in blame.reason


def test_the_image_that_first_shows_the_figure_decides(sample: Any) -> None:
    """Relations that need the whole series fail early; the figure's first image tells more."""
    history = {
        1: {sample.RETURNED: 0, sample.ISOLATED: 0},
        2: {sample.RETURNED: 0, sample.ISOLATED: 16384},
        3: {sample.RETURNED: 16200, sample.ISOLATED: 16384},
        4: {sample.RETURNED: 16384, sample.ISOLATED: 16384},
    }
    wrong = [Judged((sample.RETURNED,), ok=False)]
    blame = blame_checks(wrong, sample.patches(), history=history, first_failing=1)
    assert (blame.patch, blame.certain) == (3, True)
    assert "compact_balloon_returned +16384" in blame.reason


def test_the_first_failing_image_decides_when_the_diff_does_not(sample: Any) -> None:
    only = [Judged((sample.MIGRATED, sample.RELEASED), ok=False)]
    assert blame_checks(only, sample.patches(), first_failing=4).patch == 4
    assert (
        blame_checks([Judged(("pgfault",), ok=False)], sample.patches(), first_failing=2).patch == 2
    )


def test_no_patch_is_named_without_a_reason(sample: Any) -> None:
    blame = blame_checks([Judged(("pgfault",), ok=False)], sample.patches())
    assert (blame.patch, blame.suspects) == (None, ())


def test_a_splat_is_matched_by_the_functions_in_its_trace(sample: Any) -> None:
    trace = [
        "RIP: 0010:__list_del_entry_valid+0x5e/0x90",
        " balloon_page_putback.isra.0+0x1c/0x60",
        " virtballoon_migratepage+0x8f/0x1a0",
    ]
    blame = blame_trace(trace, sample.patches())
    assert blame.patch == 2
    assert "balloon_page_putback()" in blame.reason
    assert blame_trace(["RIP: 0010:kmalloc+0x1/0x2"], sample.patches()).patch is None
    assert blame_trace([], sample.patches(), first_failing=3).patch == 3


def test_each_processor_of_a_stuck_guest_is_heard(sample: Any) -> None:
    """The first in the console was blamed, which only waited for what the other held."""
    waits = ["  | CPU 0: kernel", "  | Call Trace:", "  |  virtballoon_migratepage+0xf3/0x23e"]
    holds = ["  | CPU 1: kernel", "  | Call Trace:", "  |  balloon_page_putback+0x56/0x74"]
    blame = blame_stuck([*waits, *holds], sample.patches())
    assert blame.patch is None
    assert len(blame.suspects) > 1
    assert set(blame_trace(holds, sample.patches()).suspects) < set(blame.suspects)
    assert "virtballoon_migratepage()" in blame.reason
    assert "balloon_page_putback()" in blame.reason
    alone = blame_stuck(["  | Call Trace:", "  |  kmalloc+0x1/0x2", *holds], sample.patches())
    assert alone.patch == 2
    assert blame_stuck(["  | Call Trace:"], sample.patches()).suspects == ()


def test_the_finding_names_patch_test_and_delta(sample: Any) -> None:
    """A counter in the wrong place: exit 1, and everything is in one sentence."""
    record = sample.record(returned_twice=True)
    assert (record.outcome, record.exit_code) == ("failed", 1)
    found = [f for f in record.findings if f.severity == "error"]
    assert {f.patch for f in found} == {2}
    assert 'patch 2/4 "mm/balloon_compaction: count isolated and returned' in found[0].text
    assert "test_inflate_compact.py::test_six_writers[64]" in found[0].text
    assert "compact_balloon_returned +16384 (0 -> 16384)" in found[0].text
    assert found[0].numbers[sample.RETURNED] == 16384


def test_a_test_that_fails_on_the_base_is_not_the_series_fault(sample: Any) -> None:
    record = sample.record(returned_twice=True)
    control = record.patched.model_copy(update={"label": "base"})
    findings = gather(record.model_copy(update={"control": control}))
    errors = [f for f in findings if f.severity == "error"]
    assert errors
    assert all(f.patch is None and "fails on the base as well" in f.why for f in errors)


def test_this_machines_fault_is_no_verdict_on_the_series(sample: Any) -> None:
    record = sample.record()
    lost = record.patched.tests[0].model_copy(
        update={"outcome": Outcome.ERROR, "cause": "LostGuest", "reason": "the guest went silent"}
    )
    patched = record.patched.model_copy(update={"tests": (lost, *record.patched.tests[1:])})
    record = record.model_copy(update={"patched": patched})
    findings = gather(record)
    assert verdict(record, findings) == ("infra", 3)


def test_a_run_that_did_not_end_has_no_verdict(sample: Any) -> None:
    record = sample.record()
    patched = record.patched.model_copy(update={"complete": False})
    record = record.model_copy(update={"patched": patched})
    assert verdict(record, gather(record)) == ("infra", 3)


def test_nothing_run_is_no_pass(sample: Any) -> None:
    record = sample.record()
    skipped = [t for t in record.patched.tests if t.outcome is Outcome.SKIPPED]
    record = record.model_copy(
        update={"patched": record.patched.model_copy(update={"tests": tuple(skipped)})}
    )
    assert verdict(record, gather(record)) == ("failed", 1)


def test_names_and_events_apart_are_blamed_on_the_patch_that_names(sample: Any) -> None:
    record = sample.record()
    events = sample.events(159, "159 names for 160 events")
    elf = record.elf.model_copy(update={"patched": events})
    hunk = sample.hunk("const char * const vmstat_text[] = {", f'+\t"{sample.ISOLATED}",')
    series = replace(record.series, patches=(sample.patch(1, ("mm/vmstat.c", hunk)),))
    changed = record.model_copy(update={"elf": elf, "series": series})
    found = [f for f in gather(changed) if f.kind == "elf"]
    assert [(f.severity, f.patch) for f in found] == [("error", 1)]
    assert "159 names for 160 events" in found[0].text


def test_figures_that_race_do_not_blame_the_last_patch() -> None:
    """The last image alone showed its own racing figures, and its patch was blamed for them."""
    racing = {2: {"moved": 10}, 3: {"moved": 17}, 5: {"moved": 23}}
    assert attribution._first_shown(racing, {"moved"}) is None
    fresh = {2: {"moved": 0}, 3: {"moved": 0}, 5: {"moved": 23}}
    blame = attribution._first_shown(fresh, {"moved"})
    assert blame is not None
    assert blame.patch == 5


def test_kernel_that_died_after_the_first_reason_is_told_and_traced(sample: Any) -> None:
    """v8 on 3.6: "the balloon is at 64 MiB and was told 16 MiB" hid a BUG in leak_balloon()."""
    record = sample.record()
    reason = (
        "the balloon is at 64 MiB and was told 16 MiB 30.0 s ago\n"
        "and then: the kernel oopsed: kernel BUG at include/linux/mm.h:277!, during a call\n"
        "  | [   95.3] Call Trace:\n"
        "  | [   95.3]  [<ffffffff8111cb87>] ? balloon_page_putback+0x12e/0x137"
    )
    dead = record.patched.tests[0].model_copy(
        update={"outcome": Outcome.FAILED, "cause": "BalloonTimeout", "reason": reason,
                "checks": (), "splats": ()}
    )  # fmt: skip
    patched = record.patched.model_copy(update={"tests": (dead, *record.patched.tests[1:])})
    findings = gather(record.model_copy(update={"patched": patched}))
    (found,) = [f for f in findings if f.severity == "error"]
    assert found.patch == 2
    assert "balloon_page_putback(), which is in the trace" in found.why
    assert "16 MiB 30.0 s ago; and then: the kernel oopsed: kernel BUG" in found.text
