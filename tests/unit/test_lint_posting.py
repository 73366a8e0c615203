# SPDX-License-Identifier: GPL-2.0-or-later
"""Subjects, diffstats, white space, and the series as a posting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchtool.errors import UsageError
from patchtool.lint import diffstat, posting, subject, whitespace
from patchtool.lint.checks import CHECKS, choose, lint
from patchtool.lint.findings import Finding, Severity, in_order, reaches, tally
from patchtool.series.diffstat import Diffstat, StatLine
from patchtool.series.model import Change, Series
from tests.lib.posted import SIGNED, diff_of, patch_of, series_of


def ids(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.id for finding in findings]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("mm/vmstat: count pages", []),
        ("scsi: ufs: core: wait", []),
        ("dt-bindings: net: add", []),
        ("x86/cpu, kvm: wait", []),
        ('Revert "mm: a subject as long as it takes to be longer than all that may be"', []),
        ("count pages", ["subject-prefix"]),
        ("Add a new way to do what nobody did before: counting", ["subject-prefix"]),
        ("mm: count pages.", ["subject-period"]),
        ("mm: count pages and so on...", []),
        ("mm: " + "x" * 71, []),
        ("mm: " + "x" * 72, ["subject-long"]),
    ],
)  # fmt: skip
def test_the_form_of_subjects(text: str, want: list[str]) -> None:
    assert ids(subject.check(series_of(patch_of(subject=text)))) == want


def test_two_patches_must_not_have_one_subject() -> None:
    (found,) = subject.check(series_of(patch_of(), patch_of(number=2)))
    assert (found.id, found.patch) == ("subject-twice", 2)
    assert "patch 1" in found.text


def claiming(claim: Diffstat, text: str) -> list[str]:
    patch = replace(patch_of(diff=text), diffstat=claim)
    findings = diffstat.check(series_of(patch))
    assert ids(findings) == ["diffstat-mismatch"] * len(findings)
    return [finding.text for finding in findings]


def test_a_diffstat_that_is_right() -> None:
    text = diff_of("mm/a.c", "one", "two", removed=("three",)) + diff_of("mm/b.c", "four")
    lines = (StatLine("mm/a.c", 3), StatLine("mm/b.c", 1))
    assert claiming(Diffstat(lines, 2, 3, 1), text) == []


def test_shortened_and_renamed_paths_are_found() -> None:
    text = diff_of("drivers/net/ethernet/vendor/core.c", "one") + diff_of("new/b.c", "two")
    lines = (StatLine(".../vendor/core.c", 1), StatLine("{old => new}/b.c", 1))
    assert claiming(Diffstat(lines, 2, 2, 0), text) == []


def test_a_diffstat_that_is_wrong_names_each_path() -> None:
    text = diff_of("mm/a.c", "one", "two") + diff_of("mm/b.c", "three")
    lines = (StatLine("mm/a.c", 1), StatLine("mm/c.c", 1))
    assert claiming(Diffstat(lines, 2, 2, 0), text) == [
        "mm/c.c: in the diffstat, but not in the diff",
        "mm/b.c: in the diff, but not in the diffstat",
        "mm/a.c: the diffstat says 1 changed line, the diff has 2 changed lines",
        "the diffstat sums up to 2 files, +2 -0; the diff has 2 files, +3 -0",
    ]


def covered(claim: Diffstat, *diffs: str) -> list[str]:
    patches = [patch_of(diff=text) for text in diffs]
    series = replace(series_of(*patches, cover="All."), diffstat=claim)
    findings = diffstat.check(series)
    assert all(finding.patch == 0 for finding in findings)
    return [finding.text for finding in findings]


def test_what_patches_take_back_does_not_show_in_the_cover_letter() -> None:
    adds, removes = diff_of("mm/a.c", "one", "two"), diff_of("mm/a.c", removed=("one",))
    assert covered(Diffstat((StatLine("mm/a.c", 1),), 1, 1, 0), adds, removes) == []
    gone = diff_of("mm/b.c", "x"), diff_of("mm/b.c", removed=("x",))
    assert covered(Diffstat((StatLine("mm/a.c", 2),), 1, 2, 0), adds, *gone) == []


def test_a_cover_letter_of_another_revision() -> None:
    claim = Diffstat((StatLine("mm/a.c", 5), StatLine("mm/old.c", 1)), 2, 6, 0)
    assert covered(claim, diff_of("mm/a.c", "one"), diff_of("mm/new.c", "two")) == [
        "mm/old.c: in the diffstat, but not in the diff",
        "mm/new.c: in the diff, but not in the diffstat",
        (
            "by the cover letter's diffstat the series makes the tree 6 lines longer; "
            "by its diffs, 2 lines longer"
        ),
    ]


def test_bad_white_space_has_the_line_of_the_new_file() -> None:
    text = diff_of(
        "mm/a.c", "good", "bad ", "\tif (x)\t", "", " " * 100_000 + "x", "  \tblank first", at=20
    )
    trailing, indent = whitespace.check(series_of(patch_of(diff=text)))
    assert (trailing.id, trailing.place) == ("whitespace-trailing", "mm/a.c:22")
    assert "1 more" in trailing.text
    assert (indent.id, indent.place) == ("whitespace-indent", "mm/a.c:26")
    assert trailing.severity is indent.severity is Severity.WARNING


def test_dos_line_ends_are_no_bad_white_space() -> None:
    assert whitespace.check(series_of(patch_of(diff=diff_of("mm/dos.c", "a\r")))) == ()


def test_a_cover_letter_nobody_wrote() -> None:
    series = series_of(cover="*** BLURB HERE ***")
    assert ids(posting.cover(series)) == ["cover-placeholder"]
    assert posting.cover(series_of(cover="Words.")) == ()
    assert posting.cover(series_of()) == ()


def test_a_later_revision_says_what_changed() -> None:
    first = series_of(cover="Words.")
    later = replace(first, revision=3)
    assert posting.changelog(first) == ()
    (found,) = posting.changelog(later)
    assert (found.id, found.patch) == ("changelog-missing", 0)
    assert "v3" in found.text
    assert "v2" in found.todo
    told = (Change(2, "rebased"),)
    assert posting.changelog(replace(later, changelog=told)) == ()
    patches = (replace(later.patches[0], changelog=told),)
    assert posting.changelog(replace(later, patches=patches)) == ()


def test_one_change_twice() -> None:
    same = diff_of("mm/a.c", "one")
    series = series_of(patch_of(diff=same), patch_of(diff=same), patch_of(number=3))
    (found,) = posting.duplicates(series)
    assert (found.id, found.patch) == ("duplicates-patch", 2)


def test_findings_stand_by_patch_and_the_worst_first() -> None:
    made = [
        Finding(Severity.NOTE, "a-x", None, ""),
        Finding(Severity.WARNING, "b-x", 2, ""),
        Finding(Severity.ERROR, "c-x", 2, ""),
        Finding(Severity.WARNING, "d-x", 0, ""),
    ]
    assert ids(in_order(made)) == ["d-x", "c-x", "b-x", "a-x"]
    assert tally(made) == "1 error, 2 warnings, 1 note"
    assert reaches(made[1:2], Severity.WARNING)
    assert not reaches(made[1:2], Severity.ERROR)


def bad() -> Series:
    return series_of(patch_of("Why.", subject="count pages."))


def test_what_needs_a_tree_is_named_without_one() -> None:
    findings = lint(bad(), None)
    notes = [each.check for each in findings if each.severity is Severity.NOTE]
    assert sorted(notes) == ["base", "checkpatch", "fixes", "prefix", "recipients"]
    assert {"signoff-missing", "subject-prefix", "subject-period"} <= set(ids(findings))


def test_checks_are_chosen_by_name_or_by_id() -> None:
    assert ids(lint(bad(), None, only=["subject"])) == ["subject-prefix", "subject-period"]
    assert ids(lint(bad(), None, only=["subject-period"])) == ["subject-period"]
    assert ids(lint(bad(), None, ["subject"], ["subject-prefix"])) == ["subject-period"]
    assert "signoff-missing" not in ids(lint(bad(), None, skip=["signoff"]))
    assert choose([], []) == frozenset(CHECKS)


def test_a_check_that_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no check 'style'"):
        lint(bad(), None, only=["style"])


def test_a_flawless_series_has_notes_only() -> None:
    findings = lint(series_of(patch_of(f"Why.\n\n{SIGNED}")), None)
    assert {each.severity for each in findings} == {Severity.NOTE}
