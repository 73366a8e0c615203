# SPDX-License-Identifier: GPL-2.0-or-later
"""What a build's log says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.build.kernel.warnings import added_warnings, parse_log, parse_warning, step

LOG = """\
make: Entering directory '/src'
  GEN     Makefile
  CC      mm/compaction.o
/src/mm/compaction.c: In function 'isolate':
\x1b[01m/src/mm/compaction.c:12:6:\x1b[0m warning: unused variable 'x' [-Wunused-variable]
   12 |  int x;
      |      ^
In file included from /src/include/linux/mm.h:7,
                 from /src/mm/vmstat.c:3:
  CC [M]  drivers/a-b.o
/src/include/linux/mm.h:99:1: warning: 'f' defined but not used [-Wunused-function]
  CC      mm/vmstat.o
/src/include/linux/mm.h:99:1: warning: 'f' defined but not used [-Wunused-function]
  LD      vmlinux.o
vmlinux.o: warning: objtool: isolate+0x1f: unreachable instruction
  MODPOST Module.symvers
WARNING: modpost: vmlinux: section mismatch in reference: a+0x10 (section: .text) -> b
ld: warning: arch/x86/boot/pmjump.o: missing .note.GNU-stack section implies executable stack
"""


def test_warnings_belong_to_the_target_they_were_printed_for() -> None:
    """An incremental build replaces the warnings of what it compiled, and of nothing else."""
    log = parse_log(LOG)
    assert log.error is None
    assert log.steps == 6
    texts = {target: [str(item) for item in found] for target, found in log.by_target.items()}
    assert texts["mm/compaction.o"] == [
        "mm/compaction.c:12: unused variable 'x' [-Wunused-variable]"
    ]
    assert texts["mm/vmstat.o"] == texts["drivers/a-b.o"]
    assert texts["vmlinux.o"] == ["vmlinux.o: isolate: unreachable instruction [objtool]"]
    assert len(texts["Module.symvers"]) == 2
    assert len(log.warnings) == 5


def test_the_same_warning_on_another_line_is_not_new() -> None:
    """Each patch moves lines; only file, flag and text make a warning."""
    before = parse_log(LOG).warnings
    moved = LOG.replace(":12:6:", ":14:6:").replace("+0x1f", "+0x2f")
    assert added_warnings(before, parse_log(moved).warnings) == ()
    other = parse_log(moved.replace("'x'", "'y'")).warnings
    assert [item.text for item in added_warnings(before, other)] == ["unused variable 'y'"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/src/mm/a.c:3:1: error: expected ';'", "mm/a.c:3: expected ';'"),
        ("/src/mm/a.c:3:1: error: 'x' undeclared [-Werror]", "mm/a.c:3: 'x' undeclared [-Werror]"),
        ("/src/mm/a.c:3:10: fatal error: b.h: No such file", "mm/a.c:3: b.h: No such file"),
        ("ld: mm/a.o: in function `f':\nmm/a.c:(.text+0x5): undefined reference to `g'",
         "mm/a.c: undefined reference to `g'"),
        ("ERROR: modpost: \"f\" [drivers/b.ko] undefined!", '"f" [drivers/b.ko] undefined!'),
        ("mm/Kconfig:12: syntax error", "mm/Kconfig:12: syntax error"),
        ("make[3]: *** [/src/scripts/Makefile.build:243: mm/a.o] Killed",
         "[scripts/Makefile.build:243: mm/a.o] Killed"),
    ],
)  # fmt: skip
def test_the_first_error_is_found(line: str, expected: str) -> None:
    """make's own last words say which target failed, not why."""
    log = parse_log(f"  CC      mm/a.o\n{line}\nmake[2]: *** [mm/a.o] Error 1\n")
    assert str(log.error) == expected


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "/in/fragment:3:warning: symbol value 'm' invalid for A",
            "symbol value 'm' invalid for A",
        ),
        ("warning: (A && B) selects C", "(A && B) selects C"),
        (
            "WARNING: unmet direct dependencies detected for BALLOON",
            "unmet direct dependencies of BALLOON",
        ),
        ("mm/Kconfig:7:warning: ignoring a character", "ignoring a character"),
        ("mm/Kconfig:7: warning: multi-line strings", "multi-line strings"),
    ],
)
def test_kconfig_warns_too(line: str, text: str) -> None:
    """A series that adds a bad `select` is warned about by Kconfig, not by the compiler."""
    found = parse_warning(line)
    assert found
    assert (found.text, found.flag) == (text, "Kconfig")


def test_steps_are_what_make_announces() -> None:
    """They are counted for the progress display."""
    assert step("  CC      mm/foo.o") == ("CC", "mm/foo.o")
    assert step("  AR [M]  lib/lib.a") == ("AR", "lib/lib.a")
    assert step("  HOSTCC  scripts/basic/fixdep") == ("HOSTCC", "scripts/basic/fixdep")
    assert step("   12 |  int x;") is None


@given(st.text())
def test_no_log_breaks_the_reader(text: str) -> None:
    """The build is untrusted, and so is what it prints."""
    parse_log(text)


def test_a_very_long_line_takes_no_time() -> None:
    """A build that prints a gigabyte in one line must not hang patchtool."""
    parse_log("/src/" * 200_000 + "\n" + "a:" * 200_000 + " warning: x")
