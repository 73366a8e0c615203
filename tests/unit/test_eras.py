# SPDX-License-Identifier: GPL-2.0-or-later
"""Eras and fix-ups are chosen by what a tree holds, and say why when none fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from patchtool.build.eras import Era, FixUp, Needs, Question, needs_of, read_eras
from patchtool.build.objtree import make_words, target_gcc
from patchtool.build.toolchain import Toolchain
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

COMMON = {"arch/x86/Kconfig": "", "mm/compaction.c": "", "drivers/virtio/virtio_balloon.c": ""}
NOW = {
    **COMMON,
    "Makefile": "KBUILD_CFLAGS += -fno-PIE\n",
    "include/linux/migrate.h": "struct movable_operations {\n};\n",
    "include/linux/compiler-gcc.h": "#define GCC_VERSION 1\n",
    "arch/x86/boot/compressed/Makefile": "KBUILD_CFLAGS += -mno-mmx -mno-sse\n",
}
OF_2012 = {
    **COMMON,
    "Makefile": "VERSION = 3\n",
    "include/linux/migrate.h": "",
    "include/linux/fs.h": "",
    "include/linux/compiler-gcc.h": "#define _gcc_header(x) __gcc_header(linux/compiler-gcc##x.h)",
    "arch/x86/boot/compressed/Makefile": "KBUILD_CFLAGS := -m64\n",
    "kernel/timeconst.pl": "\t\tif (!defined(@val)) {\n",
    "include/acpi/acpiosxf.h": "acpi_status __initdata acpi_os_initialize(void);\n",
}


def reader(files: dict[str, str]) -> Callable[[str], str | None]:
    return files.get


def toolchain(gcc: str = "gcc (Debian 12.2.0-14+deb12u1) 12.2.0") -> Toolchain:
    return Toolchain(image="i", name="bookworm", digest="d", gcc=gcc, packages=(), origin="a test")


def test_a_tree_of_today_needs_nothing() -> None:
    needs = needs_of(reader(NOW), "linux", 12)
    assert needs.era.name == "movable-operations"
    assert needs.fixups == ()
    assert toolchain().suited(needs).digest == toolchain().digest


def test_a_tree_of_2012_gets_every_fix_up_its_compiler_makes_necessary() -> None:
    needs = needs_of(reader(OF_2012), "linux", 12)
    assert needs.era.name == "immovable-balloon"
    names = [fixup.name for fixup in needs.fixups]
    assert names == ["no-pie", "compiler-header", "no-sse", "timeconst", "acpi-initdata"]
    older = [fixup.name for fixup in needs_of(reader(OF_2012), "linux", 9).fixups]
    assert older == ["no-pie", "compiler-header", "timeconst"]


def test_what_a_tree_needs_reaches_compiler_and_make_and_is_stored_apart() -> None:
    suited = toolchain().suited(needs_of(reader(OF_2012), "linux", 12))
    assert target_gcc(suited).split()[:2] == ["gcc", "-fno-pie"]
    assert "-mno-sse" in target_gcc(suited).split()
    words = make_words(suited, "vmlinux", CC="/in/cc")
    assert "CFLAGS_osl.o=-include /in/no-initdata.h" in words
    assert words[-2:] == ["CC=/in/cc", "vmlinux"]
    assert suited.digest != toolchain().digest


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (OF_2012 | {"include/linux/balloon_compaction.h": ""}, "balloon-hooks"),
        (OF_2012 | {"include/linux/fs.h": "bool (*isolate_page)(struct page *);"},
         "address-space-operations"),
    ],
)  # fmt: skip
def test_the_first_era_whose_questions_are_answered_is_chosen(
    files: dict[str, str], name: str
) -> None:
    assert needs_of(reader(files), "linux", 12).era.name == name


def test_a_tree_of_no_era_is_told_which_questions_it_failed() -> None:
    with pytest.raises(UsageError) as caught:
        needs_of(reader({"Makefile": ""}), "somewhere", 12)
    text = str(caught.value)
    assert text.startswith("somewhere is of no era")
    assert "movable-operations (6.0 and later): not so that there is arch/x86/Kconfig" in text
    assert "include/linux/migrate.h with a match of /struct movable_operations/" in text
    assert "eras.toml" in caught.value.hint


def test_a_compiler_is_known_by_its_major_version() -> None:
    assert toolchain().gcc_major == 12
    assert toolchain("gcc (GCC) 4.9.4").gcc_major == 4
    assert toolchain("gcc (Debian 10.2.1-6) 10.2.1 20210110").gcc_major == 10


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
    names = [entry.name for entry in (*eras.era, *eras.fixup)]
    assert len(set(names)) == len(names)
    assert all(fixup.reason and fixup.until for fixup in eras.fixup)


def test_headers_of_several_fix_ups_are_all_given() -> None:
    era = Era(name="e", releases="", when=(Question(file="a"),), title="")
    fixups = tuple(
        FixUp(name=n, releases="", when=era.when, reason="r", until="u", headers={f"{n}.h": n})
        for n in ("one", "two")
    )
    assert Needs(era=era, fixups=fixups).headers == {"one.h": "one", "two.h": "two"}
