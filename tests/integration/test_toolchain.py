# SPDX-License-Identifier: GPL-2.0-or-later
"""Toolchains that are named: images as they are, and what is missing in them."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from patchtool.build.container.detect import PROBE_IMAGE
from patchtool.build.toolchain.eras import Needs, era_of
from patchtool.build.toolchain.toolchain import Toolchain, ensure_toolchain, find_toolchain
from patchtool.commands import doctor
from patchtool.commands.options import Context
from patchtool.commands.toolchain import command
from patchtool.core import settings
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.core.store import Store
from patchtool.errors import InfraError, UsageError
from tests.lib.bench import PATCHES
from tests.lib.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from patchtool.build.container.runtime import Runtime
    from tests.integration.conftest import Lab
    from tests.lib.bench import Bench

    #: Makes an image from the toolchain's, less some files; its name.
    Derive = Callable[..., str]


@pytest.fixture
def less(runtime: Runtime, toolchain: Toolchain, tmp_path: Path) -> Iterator[Derive]:
    """Images like the toolchain's without some of its files; gone afterwards."""
    made: list[str] = []

    def derive(*gone: str) -> str:
        name = f"localhost/patchtool-test-{secrets.token_hex(4)}:1"
        file = tmp_path / "Containerfile"
        run = f"RUN rm {' '.join(gone)}\n" if gone else ""
        file.write_text(f"FROM {toolchain.image}\n{run}ENTRYPOINT /bin/false\n", "utf-8")
        words = ["build", "--tag", name, "--file", str(file)]
        if runtime.program == "podman":
            words += ["--isolation", "chroot", "--format", "docker"]
        runtime.call(*words, str(tmp_path), timeout=300)
        image = runtime.has_image(name)
        assert image is not None
        made.append(image)
        return name

    yield derive
    for image in made:
        runtime.call("rmi", "--force", "--no-prune", image, check=False)


def test_an_image_is_used_as_it_is_and_pinned_by_its_content(
    runtime: Runtime, toolchain: Toolchain, less: Derive, tmp_path: Path
) -> None:
    """The name of an image may mean another one tomorrow: what was built is not its."""
    chosen, store = Settings(cache=tmp_path), Store(tmp_path / "store")
    image = less()
    name = f"registry:{image}"
    assert find_toolchain(runtime, chosen, store, name) is None
    first = ensure_toolchain(runtime, chosen, store, Silent(), name)
    assert (first.name, first.version, first.program) == (name, toolchain.version, "gcc")
    assert "ccache" not in first.lacks
    assert find_toolchain(runtime, chosen, store, name) == first
    runtime.call("tag", less("/usr/bin/ccache"), image)
    assert find_toolchain(runtime, chosen, store, name) is None
    second = ensure_toolchain(runtime, chosen, store, Silent(), name)
    assert "ccache" in second.lacks
    assert second.digest != first.digest


def test_an_image_without_a_compiler_or_make_is_refused_by_name(
    runtime: Runtime, less: Derive, tmp_path: Path
) -> None:
    """Else the first make would fail with `not found`, once for each patch."""
    chosen, store = Settings(cache=tmp_path), Store(tmp_path / "store")
    with pytest.raises(UsageError, match="no gcc and no clang answers in it"):
        ensure_toolchain(runtime, chosen, store, Silent(), f"registry:{PROBE_IMAGE}")
    name = f"registry:{less('/usr/bin/make', '/usr/include/stdio.h', '/usr/bin/bc')}"
    with pytest.raises(UsageError) as caught:
        ensure_toolchain(runtime, chosen, store, Silent(), name)
    assert "it has gcc (Debian" in str(caught.value)
    assert str(caught.value).endswith("but no make, stdio.h")


def test_an_image_that_cannot_be_had_is_named(runtime: Runtime, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    name = "registry:localhost:1/none:1"
    with pytest.raises(InfraError, match=r"the image localhost:1/none:1 could not be pulled: \S"):
        ensure_toolchain(runtime, Settings(cache=tmp_path), store, Silent(), name)
    offline = Settings(cache=tmp_path, offline=True)
    with pytest.raises(InfraError, match="`offline` is set"):
        ensure_toolchain(runtime, offline, store, Silent(), name)


def test_a_kernel_is_built_in_an_image_without_ccache(lab: Lab, less: Derive) -> None:
    """Images of a registry have no ccache: nothing compiled in them."""
    name = f"registry:{less('/usr/bin/ccache')}"
    lab.toolchain = ensure_toolchain(lab.runtime, lab.settings, lab.store, Silent(), name)
    image = lab.build()
    assert image.toolchain == lab.toolchain.digest
    assert image.events is not None


def test_the_target_of_an_era_configures_the_tree(lab: Lab) -> None:
    """A kernel whose allnoconfig is of no use is configured by oldnoconfig."""
    lab.edit("Makefile", "$(filter allnoconfig,", "$(filter allnoconfig oldnoconfig,")
    rule = '\noldnoconfig:\n\t@echo "# completed" >> $(KCONFIG_CONFIG)\n'
    lab.edit("Makefile", ".DELETE_ON_ERROR:", f".DELETE_ON_ERROR:{rule}")

    def read(path: str) -> str | None:
        file = lab.src / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    era = era_of(read, "mini").model_copy(update={"config": "oldnoconfig"})
    lab.toolchain = lab.toolchain.suited(Needs(era=era))
    config = lab.configure()
    assert config.text == config.fragment + "# completed\n"


def test_toolchains_are_listed_with_the_compilers_that_are_there(toolchain: Toolchain) -> None:
    done = CliRunner().invoke(command, ["list"], obj=Context(settings.load(), Silent()))
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].split("\t") == [
        "bookworm", "gcc 12, binutils 2.40, bookworm (default)", toolchain.version,
    ]  # fmt: skip
    assert lines[-1].startswith("registry:IMAGE\t")


def ask_doctor(lab: Lab, *words: str) -> str:
    chosen = settings.Settings(cache=lab.folder / "cache", data=lab.folder / "data")
    arguments = ["--tree", str(lab.src), *words]
    done = CliRunner().invoke(doctor.command, arguments, obj=Context(chosen, Silent()))
    return str(done.exception) if isinstance(done.exception, UsageError) else done.output


def test_a_toolchain_is_refused_or_unknown_before_anything_is_built(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain
) -> None:
    (lab.src / "arch/x86/Makefile").write_text("# as of 2012\n", encoding="utf-8")
    git(lab.src, "init", "-q")
    git(lab.src, "add", "-A")
    git(lab.src, "commit", "-qm", "base")
    assert "no toolchain 'gcc-1'" in ask_doctor(lab, "--toolchain", "gcc-1")
    clang = toolchain.model_copy(update={"version": "Debian clang version 19.1.7 (3+b1)"})
    asked: list[object] = []

    def found(*words: object) -> Toolchain:
        asked.append(words[-1])
        return clang

    monkeypatch.setattr("patchtool.commands.doctor.ensure_toolchain", found)
    said = ask_doctor(lab, "--toolchain", "clang")
    assert "cannot be built with clang 19.1.7" in said
    assert "no-clang, before 4.13" in said
    ask_doctor(lab)
    assert asked == ["clang", "bookworm"]


def test_a_run_builds_with_the_toolchain_it_is_given(bench: Bench, less: Derive) -> None:
    """``--toolchain`` was an option that nothing read."""
    bench.series(PATCHES[:1])
    name = f"registry:{less('/usr/bin/ccache')}"
    done = bench.run(*bench.job("--toolchain", name))
    assert done.returncode == 0, done.stderr
    report = bench.report()
    assert not any(build["cached"] for build in [*report["images"], *report["compiled"]])
    (folder,) = bench.folder.glob("run-*")
    plan = json.loads((folder / "bundle/plan.json").read_text(encoding="utf-8"))
    assert plan["options"]["toolchain"] == name
    again = bench.run(*bench.job("--toolchain", name, "--plan"))
    assert f"toolchain    stored  {name}, " in again.stdout
    assert "build 1/1    stored" in again.stdout
    other = bench.run(*bench.job("--plan"))
    assert "toolchain    stored  bookworm, " in other.stdout
    assert "build 1/1    to do" in other.stdout


def test_a_run_with_an_unknown_toolchain_does_not_begin(bench: Bench) -> None:
    bench.series(PATCHES[:1])
    done = bench.run(*bench.job("--toolchain", "gcc-1"))
    assert done.returncode == 2
    assert "no toolchain 'gcc-1'" in done.stderr
    assert "known: bookworm, bullseye" in done.stderr
