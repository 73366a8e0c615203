# SPDX-License-Identifier: GPL-2.0-or-later
"""Eras and fix-ups are chosen by what a tree holds, and say why when none fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from patchtool.build.kconfig.parse import parse
from patchtool.build.kconfig.variants import Variant, merged
from patchtool.build.kernel.make import make_words, target_compiler
from patchtool.build.toolchain.compiler import Compiler
from patchtool.build.toolchain.eras import Era, FixUp, Needs, needs_of, read_eras
from patchtool.build.toolchain.questions import Question
from patchtool.build.toolchain.toolchain import Toolchain
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

COMMON = {"arch/x86/Kconfig": "", "mm/compaction.c": "", "drivers/virtio/virtio_balloon.c": ""}
NOW = {
    **COMMON,
    "Makefile": "KBUILD_CFLAGS += -fno-PIE\n",
    "arch/x86/Makefile": "REALMODE_CFLAGS := -std=gnu11 -m16\n",
    "include/linux/migrate.h": "struct movable_operations {\n};\n",
    "include/linux/compiler-gcc.h": "#define GCC_VERSION 1\n",
    "arch/x86/boot/compressed/Makefile": "KBUILD_CFLAGS += -mno-mmx -mno-sse\n",
}
OF_2012 = {
    **COMMON,
    "Makefile": "VERSION = 3\n",
    "arch/x86/Makefile": "KBUILD_CFLAGS += -m64\n",
    "include/linux/migrate.h": "",
    "include/linux/fs.h": "",
    "include/linux/compiler-gcc.h": "#define _gcc_header(x) __gcc_header(linux/compiler-gcc##x.h)",
    "arch/x86/boot/compressed/Makefile": "KBUILD_CFLAGS := -m64\n",
    "kernel/timeconst.pl": "\t\tif (!defined(@val)) {\n",
    "include/acpi/acpiosxf.h": "acpi_status __initdata acpi_os_initialize(void);\n",
}


def reader(files: dict[str, str]) -> Callable[[str], str | None]:
    return files.get


def gcc(major: int) -> Compiler:
    return Compiler("gcc", (major, 2, 0))


def toolchain() -> Toolchain:
    version = "gcc (Debian 12.2.0-14+deb12u1) 12.2.0"
    return Toolchain(
        image="i", name="bookworm", digest="d", version=version, packages=(), origin="a test"
    )


def test_a_tree_of_today_needs_nothing() -> None:
    needs = needs_of(reader(NOW), "linux", gcc(12))
    assert needs.era.name == "movable-operations"
    assert needs.fixups == ()
    assert toolchain().suited(needs).digest == toolchain().digest


def test_a_tree_of_2012_gets_every_fix_up_its_compiler_makes_necessary() -> None:
    needs = needs_of(reader(OF_2012), "linux", gcc(12))
    assert needs.era.name == "immovable-balloon"
    names = [fixup.name for fixup in needs.fixups]
    assert names == ["no-pie", "compiler-header", "no-sse", "timeconst", "acpi-initdata"]
    older = [fixup.name for fixup in needs_of(reader(OF_2012), "linux", gcc(9)).fixups]
    assert older == ["no-pie", "compiler-header", "timeconst"]


def test_a_fix_up_for_one_compiler_is_kept_from_the_other() -> None:
    needs = needs_of(reader(OF_2012), "linux", Compiler("clang", (19, 1, 7)))
    assert [fixup.name for fixup in needs.fixups] == ["no-pie", "timeconst"]
    newest = needs_of(reader(OF_2012), "linux", gcc(15))
    assert newest.fixups[-1].cc == ("-std=gnu11",)
    assert needs_of(reader(NOW), "linux", gcc(15)).fixups == ()


def test_silent_deaths_a_tree_is_prone_to_are_known_whatever_the_compiler() -> None:
    """A triple fault has to be told with its likely causes, also where nothing was mended."""
    for major in (9, 12):
        (suspect,) = needs_of(reader(OF_2012), "linux", gcc(major)).suspects
        assert suspect.name == "no-sse"
        assert suspect.symptom.startswith("a triple fault")
    assert needs_of(reader(NOW), "linux", gcc(12)).suspects == ()


def test_what_a_tree_needs_reaches_compiler_and_make_and_is_stored_apart() -> None:
    suited = toolchain().suited(needs_of(reader(OF_2012), "linux", gcc(12)))
    assert target_compiler(suited).split()[:2] == ["gcc", "-fno-pie"]
    assert "-mno-sse" in target_compiler(suited).split()
    words = make_words(suited, "vmlinux", CC="/in/cc")
    assert "CFLAGS_osl.o=-include /in/no-initdata.h" in words
    assert words[-2:] == ["CC=/in/cc", "vmlinux"]
    assert suited.digest != toolchain().digest


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (NOW | {"include/linux/migrate.h": "int set_movable_ops(void);"}, "typed-pages"),
        (OF_2012 | {"include/linux/balloon_compaction.h": ""}, "balloon-hooks"),
        (OF_2012 | {"include/linux/fs.h": "bool (*isolate_page)(struct page *);"},
         "address-space-operations"),
    ],
)  # fmt: skip
def test_the_first_era_whose_questions_are_answered_is_chosen(
    files: dict[str, str], name: str
) -> None:
    assert needs_of(reader(files), "linux", gcc(12)).era.name == name


def test_a_tree_of_no_era_is_told_which_questions_it_failed() -> None:
    with pytest.raises(UsageError) as caught:
        needs_of(reader({"Makefile": ""}), "somewhere", gcc(12))
    text = str(caught.value)
    assert text.startswith("somewhere is of no era")
    assert "movable-operations (6.0 to 6.16): not so that there is arch/x86/Kconfig" in text
    assert "include/linux/migrate.h with a match of /struct movable_operations/" in text
    assert "eras.toml" in caught.value.hint


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"file": "a", "missing": "b"},
        {"missing": "b", "has": "x"},
        {"file": "a", "has": "("},
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Question.model_validate(values)


def test_every_entry_gives_its_reason_and_its_end() -> None:
    eras = read_eras()
    names = [entry.name for entry in (*eras.era, *eras.fixup, *eras.refusal)]
    assert len(set(names)) == len(names)
    assert all(fixup.reason and fixup.until for fixup in eras.fixup)
    assert all(refusal.reason and refusal.until for refusal in eras.refusal)
    assert all(entry.until for entry in eras.renamed)


def test_headers_of_several_fix_ups_are_all_given() -> None:
    era = Era(name="e", releases="", when=(Question(file="a"),), title="")
    fixups = tuple(
        FixUp(name=n, releases="", when=era.when, reason="r", until="u", headers={f"{n}.h": n})
        for n in ("one", "two")
    )
    assert Needs(era=era, fixups=fixups).headers == {"one.h": "one", "two.h": "two"}


def test_another_way_to_configure_is_stored_apart() -> None:
    era = Era(name="e", releases="", when=(Question(file="a"),), title="")
    assert Needs(era=era).key == ""
    assert Needs(era=era.model_copy(update={"config": "oldnoconfig"})).key != ""


def test_a_symbol_is_asked_for_under_the_name_the_tree_knows() -> None:
    """3.6 has NO_HZ and no NO_HZ_IDLE; a fragment is written for all releases."""
    eras = read_eras()
    assert eras.name_in("NO_HZ_IDLE", {"NO_HZ"}) == "NO_HZ"
    assert eras.name_in("NO_HZ", {"NO_HZ", "NO_HZ_IDLE"}) == "NO_HZ"
    assert eras.name_in("CC_STACKPROTECTOR", {"STACKPROTECTOR"}) == "STACKPROTECTOR"
    assert eras.name_in("HYPERVISOR_GUEST", {"PARAVIRT"}) == "HYPERVISOR_GUEST"
    assert eras.name_in("PROC_SYSCTL", {"PROC_SYSCTL", "SYSCTL"}) == "PROC_SYSCTL"
    assert eras.name_in("PROC_SYSCTL", {"SYSCTL"}) == "SYSCTL"


def test_a_renamed_symbol_reaches_make_and_says_what_it_was() -> None:
    old = parse(lambda path: b"config NO_HZ\n\tbool\n" if path == "Kconfig" else None)
    asks = merged(Variant(name="on", fragment="CONFIG_NO_HZ_IDLE=y\n"), old, complete=True)
    (ask,) = [ask for ask in asks if ask.symbol == "NO_HZ"]
    assert (ask.value, ask.origin) == ("y", "variant on:1, as CONFIG_NO_HZ_IDLE")
    assert "NO_HZ_IDLE" not in {ask.symbol for ask in asks}
