# SPDX-License-Identifier: GPL-2.0-or-later
"""A toolchain that cannot build a tree is refused before make is called, with the reason."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from patchtool.build.toolchain.compiler import Compiler, read_compiler, read_version
from patchtool.build.toolchain.eras import Refusal, refuse
from patchtool.build.toolchain.questions import Question
from patchtool.errors import Exit, UsageError

MINIMUM = """\
case "$1" in
binutils)
\techo 2.25.0
\t;;
gcc)
\tif [ "$ARCH" = parisc64 ]; then
\t\techo 12.0.0
\telse
\t\techo 5.1.0
\tfi
\t;;
llvm)
\tif [ "$SRCARCH" = s390 ]; then
\t\techo 15.0.0
\telse
\t\techo 13.0.1
\tfi
\t;;
rustc)
\techo 1.78.0
\t;;
esac
"""
TODAY = {
    "arch/x86/Makefile": "cc_stack_align8 := -mstack-alignment=8\n",
    "scripts/min-tool-version.sh": MINIMUM,
    "include/linux/compiler-gcc.h": "#if GCC_VERSION < 90100\n",
    "kernel/time/timeconst.bc": "",
    "tools/objtool/Makefile": "",
    "arch/x86/Kconfig.debug": "config UNWINDER_ORC\n",
}
OF_5_10 = {
    "arch/x86/Makefile": "cc_stack_align8 := -mstack-alignment=8\n",
    "include/linux/compiler-gcc.h": "#if GCC_VERSION < 40900\n# error too old\n",
    "include/linux/compiler-clang.h": "#if CLANG_VERSION < 100001\n# error too old\n",
}
OF_2012 = {
    "arch/x86/Makefile": "KBUILD_CFLAGS += -maccumulate-outgoing-args\n",
    "include/linux/compiler-gcc.h": "",
    "scripts/kconfig/zconf.lex.c_shipped": "",
    "kernel/timeconst.pl": "",
}


@pytest.mark.parametrize(
    ("files", "compiler", "says"),
    [
        (TODAY, Compiler("gcc", (4, 9, 4)), "gcc 5.1.0 or newer is needed: the tree says so"),
        (TODAY, Compiler("clang", (11, 0, 1)), "clang 13.0.1 or newer is needed"),
        (OF_5_10, Compiler("gcc", (4, 8, 5)), "gcc 4.9.0 or newer is needed"),
        (OF_5_10, Compiler("clang", (9, 0)), "clang 10.0.1 or newer is needed"),
        (OF_2012, Compiler("clang", (19, 1, 7)), "clang cannot: x86 was built with gcc alone"),
    ],
)
def test_a_compiler_that_cannot_is_refused_with_the_reason(
    files: dict[str, str], compiler: Compiler, says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        refuse(files.get, "linux at v1", compiler)
    assert caught.value.exit_code == Exit.USAGE
    assert str(caught.value).startswith(f"linux at v1 cannot be built with {compiler}:\n")
    assert says in str(caught.value)
    assert "patchtool toolchain list" in caught.value.hint


@pytest.mark.parametrize(
    ("files", "compiler"),
    [
        (TODAY, Compiler("gcc", (5, 1, 0))),
        (TODAY, Compiler("clang", (13, 0, 1))),
        (OF_5_10, Compiler("gcc", (4, 9, 0))),
        (OF_5_10, Compiler("clang", (19, 1, 7))),
        (OF_2012, Compiler("gcc", (4, 4, 7))),
        (OF_2012, Compiler("gcc", (14, 2, 0))),
    ],
)
def test_a_compiler_that_can_is_let_in(files: dict[str, str], compiler: Compiler) -> None:
    refuse(files.get, "linux", compiler)


def test_everything_an_image_lacks_for_a_tree_is_named() -> None:
    gcc = Compiler("gcc", (12, 2, 0))
    with pytest.raises(UsageError) as caught:
        refuse(TODAY.get, "linux", gcc, ("bc", "bison", "flex", "perl", "libelf.h"))
    text = str(caught.value)
    for gone in ("bc", "flex, bison", "libelf.h"):
        assert f"there is no {gone} beside it" in text
    assert "perl" not in text
    with pytest.raises(UsageError, match="there is no perl beside it"):
        refuse(OF_2012.get, "linux", gcc, ("bc", "bison", "flex", "perl", "libelf.h"))


def test_a_refusal_may_begin_with_a_version() -> None:
    entry = Refusal(
        name="x", releases="", when=(Question(file="a"),), reason="r", until="u",
        compiler="gcc", first="14",
    )  # fmt: skip
    read = {"a": ""}.get
    assert entry.against(Compiler("gcc", (13, 3, 0)), (), read) == ""
    assert entry.against(Compiler("gcc", (14, 2, 0)), (), read) == "gcc before 14 is needed"
    assert entry.against(Compiler("clang", (19, 1)), (), read) == ""
    with pytest.raises(ValidationError, match="at most one"):
        Refusal.model_validate({**entry.model_dump(), "without": ("bc",)})


@pytest.mark.parametrize(
    ("line", "compiler"),
    [
        ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", Compiler("gcc", (12, 2, 0))),
        ("gcc (Debian 10.2.1-6) 10.2.1 20210110", Compiler("gcc", (10, 2, 1))),
        ("gcc-9 (Debian 9.3.0-22) 9.3.0", Compiler("gcc", (9, 3, 0))),
        ("gcc (GCC) 4.9.4", Compiler("gcc", (4, 9, 4))),
        ("x86_64-linux-gnu-gcc (Ubuntu 4.8.4 (x)) 4.8.4", Compiler("gcc", (4, 8, 4))),
        ("Debian clang version 19.1.7 (3+b1)", Compiler("clang", (19, 1, 7))),
        ("clang version 22.0.0git", Compiler("clang", (22, 0, 0))),
    ],
)
def test_compilers_are_known_by_what_they_say(line: str, compiler: Compiler) -> None:
    assert read_compiler(line) == compiler


def test_what_is_no_compiler_is_refused() -> None:
    with pytest.raises(UsageError, match="neither gcc nor clang"):
        read_compiler("icc (ICC) 2021.10.0 20230609")


def test_the_kernels_packed_versions_are_read() -> None:
    assert read_version("40900") == (4, 9, 0)
    assert read_version("100001") == (10, 0, 1)
    assert read_version("5.1.0") == (5, 1, 0)
    assert read_version("15") == (15,)
