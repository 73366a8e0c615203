# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool kconfig``, on a series for the miniature kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from patchtool.commands import doctor
from patchtool.commands.kconfig import command
from patchtool.commands.options import Context
from patchtool.core import settings
from patchtool.core.progress import Silent
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from pathlib import Path

    from patchtool.build.container.runtime import Runtime
    from patchtool.build.toolchain.toolchain import Toolchain
    from tests.integration.conftest import Lab

OPTION = """\
config BALLOON_COUNTERS
\tbool "Count"
\tdepends on {needs}

config NEVER
"""


def patch_adding_an_option(lab: Lab, needs: str) -> Path:
    """One patch that adds an option and code behind it, as a mail."""
    git(lab.src, "init", "-q")
    git(lab.src, "add", "-A")
    git(lab.src, "commit", "-qm", "base")
    lab.edit("mm/Kconfig", "config NEVER\n", OPTION.format(needs=needs))
    lab.edit("mm/compaction.c", "return order;", "return order + 1;")
    git(lab.src, "commit", "-qam", "mm: count balloon pages\n\nText.\n\nSigned-off-by: A <a@b>")
    folder = lab.folder / "series"
    git(lab.src, "format-patch", "-q", "-1", "-o", str(folder))
    git(lab.src, "reset", "-q", "--hard", "HEAD~1")
    return folder


@pytest.mark.parametrize(
    ("needs", "status", "says"),
    [
        ("BALLOON_COMPACTION", 0, "symbols survive"),
        ("IMPOSSIBLE", 1, "BALLOON_COUNTERS=y was asked for, n came out: unmet dependency"),
    ],
)
def test_symbols_fragments_and_the_check_are_shown(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    runtime: Runtime,
    toolchain: Toolchain,
    needs: str,
    status: int,
    says: str,
) -> None:
    """An author sees what would be built, and whether it can be, without building it."""
    series = patch_adding_an_option(lab, needs)
    monkeypatch.setattr("patchtool.run.workplace.ensure_toolchain", lambda *_: toolchain)
    chosen = settings.Settings(cache=lab.folder / "cache", data=lab.folder / "data")
    arguments = [str(series), "--tree", str(lab.src)]
    done = CliRunner().invoke(
        command, arguments, obj=Context(chosen, Silent()), standalone_mode=False
    )
    assert done.exception is None, done.output
    assert done.return_value == status
    assert "patch 1: mm/Kconfig:16" in done.output
    assert "patch 1: Makefile" not in done.output
    assert says in done.output
    for name in ("on", "off", "base"):
        assert f"Variant {name}:" in done.output
    assert done.output.count("CONFIG_BALLOON_COUNTERS=") >= 2
    assert "Era: movable-operations (6.0 to 6.16)" in done.output


def test_doctor_says_what_a_tree_needs_and_why(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain
) -> None:
    lab.edit("Makefile", "-fno-PIE", "-fno-pic")
    git(lab.src, "init", "-q")
    git(lab.src, "add", "-A")
    git(lab.src, "commit", "-qm", "base")
    monkeypatch.setattr("patchtool.commands.doctor.ensure_toolchain", lambda *_: toolchain)
    chosen = settings.Settings(cache=lab.folder / "cache", data=lab.folder / "data")
    done = CliRunner().invoke(
        doctor.command, ["--tree", str(lab.src)], obj=Context(chosen, Silent())
    )
    assert done.exit_code == 0, done.output
    assert "movable-operations" in done.output
    assert "no-pie: distributions build gcc" in done.output
    assert "because there is Makefile without a match of" in done.output
