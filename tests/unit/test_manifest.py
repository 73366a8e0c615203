# SPDX-License-Identifier: GPL-2.0-or-later
"""A series.toml is read whole, and every mistake in it is reported at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchtool.errors import ManifestError
from patchtool.series import manifest

GOOD = """\
title = "mm: count"
revision = 2
patches = ["0001-a.patch"]
[base]
tag = "v6.12"
[kconfig]
options = ["BALLOON_EVENTS"]
[kconfig.requires]
COMPACTION = "y"
[counters]
adds = ["compact_balloon_isolated", "compact_balloon_migrated"]
invariants = ["compact_balloon_isolated == compact_balloon_migrated"]
[[claims]]
balloon_mib = 64
guest_mib = 1024
source = "cover letter"
deltas = { compact_balloon_isolated = 16384 }
[tests]
modules = ["test_balloon.py"]
"""


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ManifestError) as caught:
        manifest.parse(text, Path("series.toml"))
    return caught.value.problems


def test_a_good_manifest_is_read() -> None:
    read = manifest.parse(GOOD, Path("series.toml"))
    assert read.revision == 2
    assert read.kconfig.options == ("BALLOON_EVENTS",)
    assert read.claims[0].deltas == {"compact_balloon_isolated": 16384}


def test_five_mistakes_of_every_kind_are_reported_together(tmp_path: Path) -> None:
    bad = (
        GOOD.replace("revision = 2", 'revision = "two"')
        .replace('"BALLOON_EVENTS"', '"CONFIG_balloon"')
        .replace("== compact_balloon_migrated", "== compact_balloon_lost")
        .replace("[tests]", "[tests]\ncolour = 1")
    )
    path = tmp_path / "series.toml"
    path.write_text(bad)
    with pytest.raises(ManifestError) as caught:
        manifest.load(path)
    found = caught.value.problems
    starts = sorted(problem.partition(":")[0] for problem in found)
    assert starts == [
        "counters.invariants.0",
        "kconfig.options.0",
        "patches.0",
        "revision",
        "tests.colour",
    ]
    assert "compact_balloon_lost" in str(caught.value)
    assert str(path) in str(caught.value)
    assert "5 problems" in str(caught.value)


def test_a_role_is_filled_by_a_counter_of_the_manifest() -> None:
    roles = "[counters.roles]\nisolated = 'compact_balloon_lost'\nmoved = 'compact_success'\n"
    found = problems(GOOD.replace("[[claims]]", roles + "[[claims]]"))
    starts = [problem.partition(":")[0] for problem in found]
    assert sorted(starts) == [
        "counters.roles.isolated",
        "counters.roles.moved",
        "counters.roles.moved.[key]",
    ]


@pytest.mark.parametrize("name", ["/etc/passwd", "../0001.patch", "a/../../b.patch"])
def test_a_patch_outside_the_folder_is_refused(name: str) -> None:
    assert "patches.0" in problems(GOOD.replace("0001-a.patch", name))[0]


@pytest.mark.parametrize("text", ["", "title = ", "patches = 3\ncounters = 5\n", "\x00"])
def test_nonsense_is_a_manifest_error(text: str) -> None:
    assert problems(text)


def test_a_manifest_that_cannot_be_read_is_a_manifest_error(tmp_path: Path) -> None:
    path = tmp_path / "series.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestError):
        manifest.load(path)
    with pytest.raises(ManifestError):
        manifest.load(tmp_path / "none.toml")


def test_the_schema_names_every_key() -> None:
    schema = manifest.schema()
    assert set(schema["properties"]) == set(manifest.Manifest.model_fields)
    assert schema["additionalProperties"] is False


def test_every_key_of_the_schema_is_described() -> None:
    schema = manifest.schema()
    tables = [schema, *schema["$defs"].values()]
    bare = [
        f"{table['title']}.{key}"
        for table in tables
        for key, entry in table.get("properties", {}).items()
        if not entry.get("description")
    ]
    assert bare == []


WITHOUT_MAILS = GOOD.replace(
    'patches = ["0001-a.patch"]',
    'message_id = "a.b@host"\nsubjects = ["mm: one", "mm: two"]',
)


def test_a_series_can_be_described_without_its_mails() -> None:
    read = manifest.parse(WITHOUT_MAILS, Path("series.toml"))
    assert read.message_id == "a.b@host"
    assert read.subjects == ("mm: one", "mm: two")
    assert read.patches == ()


def test_without_mails_and_message_id_there_is_nothing_to_take() -> None:
    (problem,) = problems(GOOD.replace('patches = ["0001-a.patch"]', ""))
    assert problem.startswith("patches: ")
    assert "message_id" in problem


def test_subjects_and_patches_agree_in_number() -> None:
    both = GOOD.replace('patches = ["0001-a.patch"]', 'patches = ["a"]\nsubjects = ["x", "y"]')
    assert problems(both) == ("subjects: 2 of them for 1 patches",)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"a.b@host"', '"<a.b@host>"', "message_id"),
        ('"mm: one"', '"[PATCH v2 1/2] mm: one"', "subjects.0"),
        ('"mm: two"', '"Re: mm: two"', "subjects.1"),
        ('"mm: two"', '" "', "subjects.1"),
        ('"mm: two"', r'"mm:\ntwo"', "subjects.1"),
        ('tag = "v6.12"', 'tag = "--exec"', "base.tag"),
        ('tag = "v6.12"', 'tag = "v6.12"\ncommit = "HEAD"', "base.commit"),
    ],
)
def test_a_wrong_value_is_named_by_its_key(old: str, new: str, key: str) -> None:
    (problem,) = problems(WITHOUT_MAILS.replace(old, new))
    assert problem.startswith(f"{key}: ")


FIGURES = """\
[[figures]]
procedure = "a benchmark"
source = "cover letter"
unit = "percent"
base = { pass_1 = 47 }
patched = { pass_1 = 85.5, pass_2 = 87 }
"""


def test_figures_that_no_test_measures_are_kept() -> None:
    (figures,) = manifest.parse(GOOD + FIGURES, Path("series.toml")).figures
    assert figures.base == {"pass_1": 47.0}
    assert figures.patched == {"pass_1": 85.5, "pass_2": 87.0}
    assert figures.bound == "exact"


def test_mistakes_in_figures_and_sources_are_reported_together() -> None:
    wrong = (
        FIGURES.replace("pass_1 = 47", "pass_3 = 47").replace("85.5", "nan")
        + '[[sources]]\nfacts = ["base.tag", "base.commit", "patches.1"]\nwhere = "a letter"\n'
    )
    assert sorted(problem.partition(":")[0] for problem in problems(GOOD + wrong)) == [
        "figures.0.base.pass_3",
        "figures.0.patched.pass_1",
        "sources.0.facts.1",
        "sources.0.facts.2",
        "sources.0.where",
    ]


@pytest.mark.parametrize("where", ["a.b@host", "https://lore.kernel.org/all/a.b@host/"])
def test_a_source_is_a_message_id_or_a_url(where: str) -> None:
    text = GOOD + f'[[sources]]\nfacts = ["base.tag", "patches.0"]\nwhere = "{where}"\n'
    assert manifest.parse(text, Path("series.toml")).sources[0].where == where


def test_deep_nesting_is_a_manifest_error() -> None:
    """tomllib descends by recursion: 5000 brackets ended in a RecursionError."""
    assert problems("a = " + "[" * 5000) == ("arrays or tables are nested too deeply",)


def test_a_number_of_thousands_of_digits_is_a_manifest_error() -> None:
    """int() refuses more than 4300 digits with a plain ValueError, which nobody caught."""
    assert problems("revision = " + "1" * 5000)


@pytest.mark.parametrize("name", ["a" * 300, "", r"\u0000"])
def test_a_file_name_that_no_file_can_have_is_a_manifest_error(tmp_path: Path, name: str) -> None:
    """A name of 300 letters made Path.is_file raise; an empty one named the folder itself."""
    path = tmp_path / "series.toml"
    path.write_text(GOOD.replace("0001-a.patch", name))
    with pytest.raises(ManifestError, match=r"patches\.0"):
        manifest.load(path)


@pytest.mark.parametrize("line", ["{} = 1", "[{}]", "[[{}]]", "a = {{ b = 'x', {} = 1 }}"])
def test_a_key_of_very_many_parts_is_refused_before_it_is_read(line: str) -> None:
    """A key of 50,000 parts, 100 kB, kept tomllib busy for a minute."""
    (problem,) = problems(GOOD + line.format(".".join("k" * 40)) + "\n")
    assert "a key of more than 30 parts" in problem


def test_dots_in_text_are_no_key() -> None:
    dots = "." * 99
    text = GOOD.replace("mm: count", dots).replace("[base]", f"[base] # {dots}")
    assert manifest.parse(text, Path("series.toml")).title == dots


MERGED = GOOD.replace('patches = ["0001-a.patch"]', "merged = true")


def test_what_is_merged_needs_no_mails() -> None:
    assert manifest.parse(MERGED, Path("series.toml")).merged
    for key in ('patches = ["0001-a.patch"]', 'cover = "0000.patch"', 'message_id = "a@b.example"'):
        (problem,) = problems(f"{key}\n{MERGED}")
        assert problem.startswith(f"{key.split()[0]}: what is merged has no mails")
    (problem,) = problems(GOOD.replace('patches = ["0001-a.patch"]', ""))
    assert "merged = true" in problem
