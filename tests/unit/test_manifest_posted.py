# SPDX-License-Identifier: GPL-2.0-or-later
"""The manifests of series that were posted to the lists: what they say, and that it agrees."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from patchtool.core import data
from patchtool.report.series_files import to_toml
from patchtool.series import manifest

if TYPE_CHECKING:
    from pathlib import Path

POSTED = {
    "balloon-v7": ("cover.1344619987.git.aquini@redhat.com", 7, 4),
    "balloon-v8": ("cover.1345519422.git.aquini@redhat.com", 8, 5),
    "balloon-v9": ("cover.1345869378.git.aquini@redhat.com", 9, 5),
    "balloon-v10": ("cover.1347897793.git.aquini@redhat.com", 10, 5),
    "balloon-v11": ("cover.1352256081.git.aquini@redhat.com", 11, 7),
    "balloon-v12": ("cover.1352656285.git.aquini@redhat.com", 12, 7),
    "driver-pages-v1": ("1436776519-17337-1-git-send-email-gioh.kim@lge.com", 1, 4),
    "non-lru-v2": ("1458541867-27380-1-git-send-email-minchan@kernel.org", 2, 18),
}
ISOLATED, MIGRATED, RETURNED, RELEASED = (
    f"compact_balloon_{name}" for name in ("isolated", "migrated", "returned", "released")
)
MANIFESTS = sorted(data.series().glob(f"*/{manifest.FILE_NAME}"))
every = pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parent.name)


def posted(name: str) -> manifest.Manifest:
    return manifest.load(data.series() / name / manifest.FILE_NAME)


def test_no_seed_is_missing() -> None:
    assert {path.parent.name for path in MANIFESTS} == {
        *POSTED,
        "balloon-counters",
        "balloon-merged",
    }


@pytest.mark.parametrize("name", POSTED)
def test_a_posted_series_is_known_by_message_id_and_subjects(name: str) -> None:
    read = posted(name)
    assert (read.message_id, read.revision, len(read.subjects)) == POSTED[name]
    assert len(set(read.subjects)) == len(read.subjects)


@every
def test_its_test_modules_exist(path: Path) -> None:
    for module in manifest.load(path).tests.modules:
        assert (data.guest_tests() / module).is_file()


@every
def test_it_survives_being_written_as_toml(path: Path) -> None:
    read = manifest.load(path)
    assert manifest.Manifest.model_validate(tomllib.loads(to_toml(read))) == read


@pytest.mark.parametrize("name", POSTED)
def test_where_its_facts_are_from_is_said(name: str) -> None:
    read = posted(name)
    known = {fact.split(".")[0] for source in read.sources for fact in source.facts}
    wanted = {"title", "subjects", "base"}
    wanted |= {"counters"} if read.counters.adds else set()
    wanted |= {key for key in ("claims", "figures") if getattr(read, key)}
    assert known >= wanted


@pytest.mark.parametrize("revision", range(7, 13))
def test_the_counters_of_each_revision_of_the_balloon_series(revision: int) -> None:
    """v7 and v8 show "returned" before "released", v9 to v11 after it, v12 has no "released"."""
    counters = posted(f"balloon-v{revision}").counters
    last = (RETURNED, RELEASED) if revision < 9 else (RELEASED, RETURNED)
    assert counters.adds == (
        (ISOLATED, MIGRATED, RETURNED) if revision == 12 else (ISOLATED, MIGRATED, *last)
    )
    assert counters.invariants[0] == f"{ISOLATED} == {MIGRATED} + {RETURNED}"
    assert counters.invariants[1:] == (() if revision == 12 else (f"{RELEASED} == {MIGRATED}",))
    assert counters.uses == ()


@pytest.mark.parametrize("revision", [7, 8, 9])
def test_the_claimed_deltas_keep_the_invariants(revision: int) -> None:
    claims = posted(f"balloon-v{revision}").claims
    assert [claim.balloon_mib for claim in claims] == [64, 128]
    for claim in claims:
        deltas = claim.deltas
        assert deltas[ISOLATED] == deltas[MIGRATED] + deltas[RETURNED]
        assert deltas[RELEASED] == deltas[MIGRATED]


@pytest.mark.parametrize("revision", [10, 11])
def test_the_benchmark_of_the_later_letters_is_kept_whole(revision: int) -> None:
    figures = posted(f"balloon-v{revision}").figures
    assert [len(entry.patched) for entry in figures] == [3, 3, 3, 2, 27]
    assert all(entry.base.keys() == entry.patched.keys() for entry in figures)
    vmstat = figures[-1]
    for side in (vmstat.base, vmstat.patched):
        assert side["swap_outs"] == side["page_writes_anon"]
        assert side["compaction_stalls"] == side["compaction_success"] + side["compaction_failures"]
        written = side["page_writes_file"] + side["page_writes_anon"]
        assert side["page_writes_by_reclaim"] == written


def test_a_base_that_is_no_release_is_said_with_its_tree() -> None:
    assert posted("balloon-v12").base.tree == "linux-next"
    assert posted("non-lru-v2").base.tree == "mmotm"
    assert posted("driver-pages-v1").base == manifest.Base(tag="v4.1")


def test_a_figure_may_be_a_bound() -> None:
    (figures,) = posted("driver-pages-v1").figures
    assert figures.bound == "at least"
    assert figures.patched["used"] == 512


@every
def test_what_measures_a_figure_is_a_test_of_the_series(path: Path) -> None:
    """A name that no test has would leave its figures unmeasured for ever."""
    read = manifest.load(path)
    settings = [claim.setting for claim in read.claims]
    assert not settings or "test_claims.py" in read.tests.modules
    for name in filter(None, (entry.measured_by for entry in read.figures)):
        module, _, test = name.partition("::")
        assert module in read.tests.modules
        function, _, parameters = test.removesuffix("]").partition("[")
        text = (data.guest_tests() / module).read_text(encoding="utf-8")
        assert f"def {function}(" in text
        assert not parameters or parameters in settings
