# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree that is not whole is told from one that is, by what its own makefiles name."""

from __future__ import annotations

import pytest

from patchtool.tree.whole import findings, read_of

MAKEFILE = """\
obj-y := head.o made.o composite.o built.o sub/ shipped.o \\
\tcontinued.o
obj-$(CONFIG_A)\t+= sometimes.o $(objs) x-$(BITS).o ../lib/far.o
lib-y += getuser.o  # commented.o
composite-y := one.o
$(obj)/made.c: $(src)/made.table
$(obj)/vdso-%.c: $(obj)/vdso.so
obj-m += vdso-64.o vdso-32.o selinux/built-in.o
built-objs := two.o
"""
NAMES = {
    "Makefile",
    "Kconfig",
    "arch/x86/kernel/Makefile",
    "arch/x86/kernel/head.S",
    "arch/x86/kernel/one.c",
    "arch/x86/kernel/two.c",
    "arch/x86/kernel/continued.c",
    "arch/x86/kernel/shipped.c_shipped",
    "arch/x86/kernel/sometimes.c",
    "arch/x86/kernel/getuser.S",
    "include/linux/netfilter/Kbuild",
    "include/linux/netfilter/xt_dscp.h",
    "include/linux/netfilter/xt_DSCP.h",
}
TEXTS = {
    "Makefile": "VERSION = 3\n",
    "arch/x86/kernel/Makefile": MAKEFILE,
    "include/linux/netfilter/Kbuild": "header-y += xt_DSCP.h xt_dscp.h sub/ $(wildcard x)\n",
}


def test_a_whole_tree_is_whole() -> None:
    found = findings(NAMES, TEXTS)
    assert (found.broken, found.notes) == ((), ())


def test_the_makefiles_of_drivers_and_of_other_architectures_are_not_read() -> None:
    more = {"drivers/a/Makefile", "arch/arm/Makefile", "arch/x86/um/Makefile", "fs/Makefile"}
    assert sorted(read_of(NAMES | more)) == [
        "Makefile",
        "arch/x86/kernel/Makefile",
        "fs/Makefile",
        "include/linux/netfilter/Kbuild",
    ]


def test_a_tree_without_assembler_sources_cannot_be_built() -> None:
    found = findings({name for name in NAMES if not name.endswith(".S")}, TEXTS)
    assert found.broken[0] == "there is no assembler source (*.S) below arch/x86/"
    assert "arch/x86/kernel/head, arch/x86/kernel/getuser" in found.broken[1]


def test_a_source_of_every_kernel_that_is_missing_is_named() -> None:
    found = findings(NAMES - {"arch/x86/kernel/continued.c"}, TEXTS)
    assert found.broken == ("sources of every kernel are missing: arch/x86/kernel/continued",)
    assert not found.notes


def test_a_source_of_some_kernels_that_is_missing_is_a_note() -> None:
    found = findings(NAMES - {"arch/x86/kernel/sometimes.c"}, TEXTS)
    assert not found.broken
    assert found.notes == ("files that makefiles name are missing: arch/x86/kernel/sometimes",)


def test_what_a_file_system_without_case_lost_is_said_so() -> None:
    found = findings(NAMES - {"include/linux/netfilter/xt_DSCP.h"}, TEXTS)
    assert not found.broken
    (note,) = found.notes
    assert note.endswith("xt_DSCP.h (there is include/linux/netfilter/xt_dscp.h)")


@pytest.mark.parametrize("product", ["drivers/a/modules.order", "a/b.mod.c", "mm/a.o", "fs/b.ko"])
def test_products_of_a_build_are_a_note(product: str) -> None:
    found = findings(NAMES | {product}, TEXTS)
    assert not found.broken
    assert found.notes == (f"products of a build are among the sources: {product}",)


def test_sources_are_no_products() -> None:
    names = {"arch/x86/mm/mmio-mod.c", "kernel/kmod.c", "a/modules.order.txt", "fs/a.o_shipped"}
    assert not findings(NAMES | names, TEXTS).notes


@pytest.mark.parametrize("product", [".config", "include/config/auto.conf", "vmlinux"])
def test_a_tree_that_was_built_in_cannot_be_built_elsewhere(product: str) -> None:
    (line,) = findings(NAMES | {product}, TEXTS).broken
    assert line.startswith("a kernel was built in it: ")


def test_line_ends_of_another_system_all_over_are_an_error() -> None:
    texts = {path: text.replace("\n", "\r\n") for path, text in TEXTS.items()}
    found = findings(NAMES, texts)
    (line,) = found.broken
    assert line.startswith("line ends are CRLF in 3 of 3 makefiles")
    assert not found.notes


def test_one_file_with_such_line_ends_is_a_note() -> None:
    texts = {**TEXTS, "Makefile": "VERSION = 3\r\n"}
    found = findings(NAMES, texts)
    assert not found.broken
    assert found.notes == ("line ends are CRLF in 1 of 3 makefiles: Makefile",)
