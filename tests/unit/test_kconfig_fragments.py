# SPDX-License-Identifier: GPL-2.0-or-later
"""Fragments, variants, and the symbols a series needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.build.kconfig import configure
from patchtool.build.kconfig.fragments import merge, parse_config, parse_fragment, render, to_text
from patchtool.build.kconfig.guards import Guard, line_guards, object_guards
from patchtool.build.kconfig.parse import parse
from patchtool.build.kconfig.symbols import Why, series_symbols
from patchtool.build.kconfig.variants import Variant, guest_template, merged, variants_of
from patchtool.build.toolchain import eras
from patchtool.build.toolchain.toolchain import Toolchain
from patchtool.errors import UsageError
from patchtool.series.file_diff import FileDiff, Hunk
from patchtool.series.model import Patch, Series

if TYPE_CHECKING:
    from pathlib import Path

HEADER = """\
#ifndef VM_EVENT_ITEM_H_INCLUDED
#if defined(CONFIG_COMPACTION) && IS_ENABLED(CONFIG_MIGRATION)
\tCOMPACTSTALL,
#ifdef CONFIG_BALLOON_COUNTERS
\tCOMPACT_BALLOON_ISOLATED,
#endif
#elif defined(CONFIG_A) || defined(CONFIG_B)
\tEITHER,
#endif
#ifndef CONFIG_SMALL
\tLARGE,
#else
\tSMALL,
#endif
#endif
"""
MAKEFILE = """\
obj-y := core.o
obj-$(CONFIG_COMPACTION) += compaction.o
obj-$(CONFIG_ZSWAP)\t+= \\
\tzswap.o
zswap-y := pool.o
zswap-$(CONFIG_DEBUG_ZSWAP) += pool.o
obj-$(CONFIG_KASAN) += kasan/
"""


def series(*files: FileDiff) -> Series:
    patch = Patch(1, "mm: count", "A <a@b>", "", "", None, files, b"")
    return Series("count", "mm: count", 1, None, (patch,), None)


def diff(path: str, start: int, *lines: str) -> FileDiff:
    body = tuple(line.encode() for line in lines)
    hunk = Hunk(start, 1, start, len(lines), "", body)
    return FileDiff(path, path, None, None, "100644", (hunk,))


def test_one_line_per_symbol_and_the_last_wins() -> None:
    """KCONFIG_ALLCONFIG warns about a symbol that is set twice, and its order is not ours."""
    asks = parse_fragment("CONFIG_A=y\nCONFIG_B=8\n# CONFIG_A is not set\n? CONFIG_OLD=y\n", "x")
    kept = merge(asks, {"A", "B"}, ())
    assert to_text(kept) == "CONFIG_B=8\n# CONFIG_A is not set\n"
    assert kept[1].origin == "x:3"


@pytest.mark.parametrize("line", ["CONFIG_A", "A=y", "CONFIG_A=maybe", 'CONFIG_A="x\\', "rm -rf /"])
def test_a_line_that_is_no_setting_is_named(line: str) -> None:
    """make would skip it without a word."""
    with pytest.raises(UsageError, match=r"frag:2: .* is not a config line"):
        parse_fragment(f"# ok\n{line}\n", "frag")


def test_a_template_mistake_is_an_error_with_its_place() -> None:
    """An undefined name must not become an empty line in the fragment."""
    with pytest.raises(UsageError, match=r"guest\.j2: 'nothing' is undefined"):
        render("CONFIG_{{ nothing }}=y", "guest.j2", {})


def test_the_config_is_read_with_what_is_not_set() -> None:
    """``is not set`` is how a .config says n."""
    text = '# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C="a=b"\n# comment\n'
    assert parse_config(text) == {"A": "n", "B": "y", "C": '"a=b"'}


def test_each_line_knows_the_conditions_around_it() -> None:
    """Only conjunctions ask for something; an either-or leaves the choice open."""
    guards = line_guards(HEADER)
    both = (Guard("COMPACTION", "y", 2), Guard("MIGRATION", "y", 2))
    assert guards[2] == both
    assert guards[4] == (*both, Guard("BALLOON_COUNTERS", "y", 4))
    assert guards[7] == ()
    assert guards[10] == (Guard("SMALL", "n", 10),)
    assert guards[12] == (Guard("SMALL", "y", 12),)


def test_makefiles_say_what_an_object_is_built_under() -> None:
    """Through composite objects and continued lines, to the symbol."""
    assert object_guards(MAKEFILE, "compaction.o") == (Guard("COMPACTION", "y", 2),)
    assert object_guards(MAKEFILE, "kasan/") == (Guard("KASAN", "y", 7),)
    assert object_guards(MAKEFILE, "core.o") == ()
    assert [guard.symbol for guard in object_guards(MAKEFILE, "pool.o")] == [
        "DEBUG_ZSWAP",
        "ZSWAP",
    ]


@pytest.fixture
def srctree(tmp_path: Path) -> Path:
    (tmp_path / "mm").mkdir()
    (tmp_path / "mm/Makefile").write_text(MAKEFILE, encoding="utf-8")
    (tmp_path / "mm/compaction.c").write_text("int x;\n", encoding="utf-8")
    (tmp_path / "event.h").write_text(HEADER, encoding="utf-8")
    return tmp_path


@pytest.fixture
def counters() -> Series:
    kconfig = diff(
        "mm/Kconfig", 7, " config OLD", "+config BALLOON_COUNTERS", '+\tbool "Count"',
        "+config BALLOON_HELPER", "+\tbool",
    )  # fmt: skip
    header = diff("event.h", 3, "+\tCOMPACT_BALLOON_ISOLATED,")
    return series(kconfig, header, diff("mm/compaction.c", 1, "+int x;"))


def test_symbols_come_with_their_places(srctree: Path, counters: Series) -> None:
    """The author must see why a symbol is asked for."""
    found = series_symbols(counters, srctree)
    assert found.added == ("BALLOON_COUNTERS", "BALLOON_HELPER")
    assert found.options == ("BALLOON_COUNTERS",)
    assert [(use.symbol, use.value, use.why, use.place) for use in found.uses] == [
        ("BALLOON_COUNTERS", "y", Why.ADDED, "patch 1: mm/Kconfig:8"),
        ("BALLOON_HELPER", "-", Why.ADDED, "patch 1: mm/Kconfig:10"),
        ("COMPACTION", "y", Why.GUARD, "patch 1: event.h:2"),
        ("MIGRATION", "y", Why.GUARD, "patch 1: event.h:2"),
        ("BALLOON_COUNTERS", "y", Why.GUARD, "patch 1: event.h:4"),
        ("COMPACTION", "y", Why.MAKEFILE, "patch 1: mm/Makefile:2"),
    ]
    assert found.requires() == {"COMPACTION": "y", "MIGRATION": "y"}
    assert found.weak() == ("MIGRATION",), "only a condition asks for it"


def test_a_link_out_of_the_tree_is_not_read(srctree: Path, counters: Series) -> None:
    """A tree may hold a link to a file of the user."""
    (srctree / "event.h").unlink()
    (srctree / "event.h").symlink_to("/etc/passwd")
    assert "MIGRATION" not in series_symbols(counters, srctree).requires()


def test_the_variants_switch_the_option(srctree: Path, counters: Series) -> None:
    """On and off differ in the option only; the base leaves out what it cannot know."""
    on, off = variants_of(series_symbols(counters, srctree), counters.title)
    first, second = (
        {ask.symbol: (ask.value, ask.weak) for ask in parse_fragment(variant.fragment, "f")}
        for variant in (on, off)
    )
    assert first == {
        "COMPACTION": ("y", False),
        "MIGRATION": ("y", True),
        "BALLOON_COUNTERS": ("y", False),
    }
    assert second == first | {"BALLOON_COUNTERS": ("n", False)}
    known = parse({"Kconfig": b"config COMPACTION\n\tbool\nconfig MIGRATION\n\tbool\n"}.get)
    base = {ask.symbol: ask.weak for ask in merged(on, known, complete=False)}
    assert (base["COMPACTION"], base["MIGRATION"]) == (False, True)
    assert "BALLOON_COUNTERS" not in base


def test_the_guest_base_is_a_fragment_for_any_tree(srctree: Path, counters: Series) -> None:
    """The template must render, whatever the tree answers."""
    empty = parse(lambda _: None)
    on, _ = variants_of(series_symbols(counters, srctree), counters.title)
    asked = {ask.symbol for ask in merged(on, empty, complete=False)}
    assert {"VIRTIO_BALLOON", "COMPACTION", "9P_FS", "PROC_PAGE_MONITOR"} <= asked
    assert "BALLOON_COUNTERS" not in asked
    assert "BALLOON_COUNTERS" in {ask.symbol for ask in merged(on, empty, complete=True)}
    old = parse(
        lambda path: b"config 9P_FS\n\tbool\n\tdepends on INET\n" if path == "Kconfig" else None
    )
    assert "INET" in {ask.symbol for ask in merged(on, old, complete=False)}
    assert guest_template().startswith("#")


def test_configuration_is_made_anew_when_a_symbol_gets_another_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """7.3 had no PROC_SYSCTL: the name was added to eras.toml, and the old result came back."""
    toolchain = Toolchain(image="i", name="n", digest="d", version="gcc", packages=(), origin="o")
    variant = Variant(name="on", fragment="")
    before = configure.config_key("t", variant, toolchain, complete=True)
    known = eras.read_eras()
    more = known.model_copy(update={"renamed": known.renamed[1:]})
    monkeypatch.setattr(configure, "read_eras", lambda: more)
    assert configure.config_key("t", variant, toolchain, complete=True) != before
