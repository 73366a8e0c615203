# SPDX-License-Identifier: GPL-2.0-or-later
"""Configuring and building a miniature kernel, in real containers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from patchtool.build.container.runtime import PREFIX, Runtime
from patchtool.build.elf.events import enumerators, events_check
from patchtool.build.elf.vmlinux import compare, event_table
from patchtool.build.kernel.kbuild import new_warnings
from patchtool.core.background import Background
from patchtool.core.command_log import CommandLog, recording
from patchtool.errors import BuildError, ConfigMissing, DiskFull

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.conftest import Lab

BROKEN_RUNTIME = Runtime(program="podman", options=("--no-such-option",))
DRIVER = "drivers/virtio/virtio_balloon.c"
HEADER = "include/linux/vm_event_item.h"
UNUSED = "int virtballoon_migratepage(int count)\n{\n\tint unused;\n"


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_an_image_is_built_and_found_again(lab: Lab) -> None:
    """The same content must never be built twice, nor need the container or the source."""
    image = lab.build()
    assert not image.cached
    assert image.bzimage.read_bytes() == image.vmlinux.read_bytes()
    assert "CONFIG_COMPACTION=y" in image.config_path.read_text(encoding="utf-8")
    assert image.release == "6.12.0-miniature"
    assert image.steps == 7
    lab.runtime = BROKEN_RUNTIME
    again = lab.build("again")
    assert again.cached
    assert (again.label, again.vmlinux) == ("again", image.vmlinux)


def test_of_two_builds_of_one_image_at_once_one_compiles(lab: Lab) -> None:
    """The one that waited for the object tree built it all again: it had asked before it waited."""
    config = lab.configure()
    builds = [Background(lambda: lab.build(config=config)) for _ in range(2)]
    assert sorted(build.result().cached for build in builds) == [False, True]


def test_of_two_configurations_at_once_one_runs_make(lab: Lab, tmp_path: Path) -> None:
    log = tmp_path / "commands.sh"
    with recording(CommandLog(log)):
        configs = [Background(lab.configure) for _ in range(2)]
        assert len({config.result().text for config in configs}) == 1
    assert log.read_text().count("allnoconfig") == 1


def test_only_what_changed_is_compiled(lab: Lab) -> None:
    """A patch to one file must not cost the build of all files."""
    lab.build()
    lab.edit("mm/compaction.c", "return order;", "return order + 1;")
    lab.build("1/1")
    compiled = [line for line in lab.log.read_text(encoding="utf-8").splitlines() if " CC " in line]
    assert [line.split()[1] for line in compiled] == ["mm/compaction.o"]


def test_a_patch_without_kconfig_changes_does_not_run_make_config(lab: Lab) -> None:
    """make allnoconfig costs seconds; what it answers depends on the Kconfig files only."""
    first = lab.configure()
    lab.edit("mm/compaction.c", "return order;", "return order + 1;")
    lab.runtime = BROKEN_RUNTIME
    assert lab.configure().digest == first.digest


def test_a_new_warning_belongs_to_the_patch_that_brings_it(lab: Lab) -> None:
    """Incremental builds show only the warnings of files compiled now."""
    lab.edit("mm/compaction.c", "{\n\tvm", "{\n\tint old_one;\n\tvm")
    base = lab.build()
    assert [item.text for item in base.warnings] == ["unused variable 'old_one'"]
    lab.edit(DRIVER, "int virtballoon_migratepage(int count)\n{\n", UNUSED)
    first = lab.build("1/3")
    (warning,) = new_warnings(base, first)
    assert str(warning) == (
        "drivers/virtio/virtio_balloon.c:8: unused variable 'unused' [-Wunused-variable]"
    )
    lab.edit(DRIVER, "// SPDX", "\n// SPDX")
    second = lab.build("2/3")
    assert new_warnings(first, second) == ()
    assert len(second.warnings) == 2
    lab.edit(DRIVER, "\tint unused;\n", "")
    assert len(lab.build("3/3").warnings) == 1


def test_warnings_come_back_from_ccache(lab: Lab) -> None:
    """An object that ccache had must bring its warning along, or it would count as mended."""
    lab.edit("mm/compaction.c", "{\n\tvm", "{\n\tint old_one;\n\tvm")
    lab.build()
    lab.edit("Makefile", "NAME = Miniature", "NAME = Second")  # every object is made again
    again = lab.build("1/1")
    assert len(again.warnings) == 1
    assert again.steps >= 5


def test_a_build_error_names_file_and_line(lab: Lab) -> None:
    """The author wants the first error, not the end of make's output."""
    lab.build()
    lab.edit("mm/compaction.c", "return order;", "return odrer;")
    with pytest.raises(BuildError) as caught:
        lab.build("3/5")
    assert caught.value.message.startswith("3/5 does not compile: mm/compaction.c:9: 'odrer'")
    assert str(lab.log) in caught.value.hint
    assert "odrer" in lab.log.read_text(encoding="utf-8")
    lab.edit("mm/compaction.c", "return odrer;", "return order;")
    assert lab.build().cached  # nothing was lost


def test_a_link_error_is_explained(lab: Lab) -> None:
    """What only the linker finds has no line, but a file and a name."""
    lab.edit("mm/compaction.c", "return order;", "extern int gone(void);\n\treturn gone();")
    with pytest.raises(BuildError, match=r"undefined reference to .gone'"):
        lab.build()


def test_a_full_disk_is_said(lab: Lab) -> None:
    """A compiler that cannot write is not the series' fault."""
    (lab.src / "disk-full").touch()
    with pytest.raises(DiskFull):
        lab.build()


def test_a_kconfig_mistake_names_file_and_line(lab: Lab) -> None:
    """A patch that breaks Kconfig fails before anything is compiled, with the place."""
    lab.edit("mm/Kconfig", "config NEVER", "\tBROKEN\nconfig NEVER")
    with pytest.raises(BuildError, match=r"mm/Kconfig:1: syntax error"):
        lab.configure()


def test_a_symbol_that_does_not_survive_is_named_with_its_dependency(lab: Lab) -> None:
    """The kernel drops what it cannot have without a word; patchtool must not."""
    with pytest.raises(ConfigMissing) as caught:
        lab.configure("CONFIG_NEVER=y\nCONFIG_NO_SUCH_THING=y\n")
    assert "CONFIG_NEVER=y was asked for, n came out: unmet dependency: IMPOSSIBLE=n" in str(
        caught.value
    )
    assert "CONFIG_NO_SUCH_THING=y was asked for, n came out: no such symbol" in str(caught.value)


def test_the_base_is_configured_without_the_series_symbols(lab: Lab) -> None:
    """The control has no option of the series, and that is no mistake."""
    config = lab.configure("CONFIG_NEW_OPTION=y\n", added=("NEW_OPTION",), complete=False)
    assert "NEW_OPTION" not in config.asked
    with pytest.raises(ConfigMissing):
        lab.configure("CONFIG_NEW_OPTION=y\n", added=("NEW_OPTION",), complete=True)


def test_both_variants_share_an_object_tree(lab: Lab) -> None:
    """Switching an option compiles, and gives the same image again when switched back."""
    on = lab.build("on")
    off = lab.build("off", lab.configure("CONFIG_BALLOON_COMPACTION=n\n"))
    assert off.config != on.config
    assert "migratepage" in compare(on.vmlinux, off.vmlinux).shrunk[0].name
    lab.store.root.rename(lab.folder / "forgotten")
    assert (
        lab.build("on").vmlinux.read_bytes()
        == (lab.folder / "forgotten" / on.vmlinux.relative_to(lab.store.root)).read_bytes()
    )


def test_elf_of_base_and_patched_are_compared(lab: Lab) -> None:
    """A counter that is added shows as growth, and its name stands where its number is."""
    base = lab.build()
    lab.edit(
        "include/linux/vm_event_item.h", "\t\tBALLOON_MIGRATE,", "\t\tBALLOON_MIGRATE, BALLOON_NEW,"
    )
    lab.edit("mm/vmstat.c", '"balloon_migrate",', '"balloon_migrate",\n\t"balloon_new",')
    patched = lab.build("1/1")
    diff = compare(base.vmlinux, patched.vmlinux)
    assert [(symbol.name, symbol.delta) for symbol in diff.grown] == [
        ("vm_event_states", 8),
        ("vmstat_text", 8),
    ]
    assert base.events
    assert patched.events
    tables = [event_table(image.vmlinux) for image in (base, patched)]
    enums = [
        enumerators(path.read_text(encoding="utf-8")) for path in (base.events, patched.events)
    ]
    assert tables[0]
    assert tables[1]
    check = events_check(tables[1], enums[1], tables[0], enums[0])
    assert (check.problems, check.added) == ((), ("balloon_new",))
    assert check.entries == check.expected == 11


def test_a_name_apart_from_its_number_is_caught_in_the_image(lab: Lab) -> None:
    """The kernel builds and boots with swapped names; only the numbers are wrong."""
    old, new = "isolated", "stall"
    for text, other in ((f"compact_{old}", "X"), (f"compact_{new}", f"compact_{old}")):
        lab.edit("mm/vmstat.c", f'"{text}"', f'"{other}"')
    lab.edit("mm/vmstat.c", '"X"', f'"compact_{new}"')
    image = lab.build()
    table = event_table(image.vmlinux)
    assert table
    assert image.events
    check = events_check(table, enumerators(image.events.read_text(encoding="utf-8")))
    assert check.problems[0] == (
        "COMPACTISOLATED is printed as compact_stall; compact_isolated stands beside COMPACTSTALL"
    )


def test_image_holds_the_kernel_of_this_build(lab: Lab) -> None:
    """ccache gave back an old piggy.o: the image booted was that of an earlier patch."""
    first = lab.build()
    lab.edit("mm/compaction.c", "+= order", "-= order")
    second = lab.build("1/1")
    assert first.vmlinux.read_bytes() != second.vmlinux.read_bytes()
    for image in (first, second):
        assert (
            image.vmlinux.read_bytes() == image.bzimage.read_bytes()[: image.vmlinux.stat().st_size]
        )


CHILD = """
import sys
from pathlib import Path
from patchtool.build.kernel import kbuild
from patchtool.build.kconfig.variants import KernelConfig
from patchtool.build.container.runtime import Runtime
from patchtool.build.toolchain.toolchain import Toolchain
from patchtool.build.kernel.workshop import Workshop
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.core.store import Store
src, tree, folder, config, toolchain, runtime = sys.argv[1:]
settings = Settings(cache=Path(folder) / "cache", jobs=2)
kbuild.build(Path(src), tree, KernelConfig.model_validate_json(Path(config).read_text()),
    Workshop(Toolchain.model_validate_json(toolchain), Runtime.model_validate_json(runtime),
    Store(settings.cache / "store"), settings, Silent()), objtree="mini", label="killed",
    patch=None, log=Path(folder) / "make.log")
"""


def test_kill_in_the_middle_of_a_build_leaves_nothing_bad(lab: Lab) -> None:
    """SIGKILL leaves half an object, newer than its source: make would link it."""
    lab.build()
    config = lab.configure()
    values = {**config.model_dump(mode="json"), "text": config.text}
    (lab.folder / "config.json").write_text(json.dumps(values), encoding="utf-8")
    lab.edit("mm/compaction.c", "return order;", "return order + 1;")
    (lab.src / "stand-still").touch()
    argv = [sys.executable, "-c", CHILD, str(lab.src), lab.tree, str(lab.folder)]
    argv += [str(lab.folder / "config.json"), lab.toolchain.model_dump_json()]
    child = subprocess.Popen([*argv, lab.runtime.model_dump_json()], stdin=subprocess.DEVNULL)
    try:
        (tree,) = (lab.settings.cache / "obj").glob("*/tree")
        until((tree / "standing").exists)
        os.kill(child.pid, signal.SIGKILL)
    finally:
        child.kill()
        child.wait()

    def gone() -> bool:
        words = ("ps", "--all", "--filter", f"name={PREFIX}{child.pid}-", "--format", "{{.Names}}")
        return not lab.runtime.call(*words).stdout.split()

    until(gone)
    assert (tree / ".patchtool-busy").exists()
    (tree / "mm" / "compaction.o").write_bytes(b"half\n")  # make may have removed it, if it could
    (lab.src / "stand-still").unlink()
    image = lab.build("again")
    assert not image.cached
    compiled = lab.log.read_text(encoding="utf-8").count("  CC ")
    assert compiled == 1
