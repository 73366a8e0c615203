# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs in patchtool's containers can do no harm, and nothing of it stays."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchtool.build.container import detect
from patchtool.build.container.detect import Mount, choose_runtime
from patchtool.build.container.runtime import PREFIX, Runtime
from patchtool.build.toolchain.toolchain import ensure_toolchain
from patchtool.core import process, programs
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.core.store import Store
from patchtool.errors import CommandTimeout, InfraError, ToolMissing, UsageError

if TYPE_CHECKING:
    from patchtool.build.toolchain.toolchain import Toolchain


def inside(runtime: Runtime, toolchain: Toolchain, script: str, *mounts: Mount) -> str:
    done = runtime.run(
        toolchain.image, ["sh", "-c", script], timeout=60, mounts=mounts, capture=True, check=False
    )
    return done.stdout.decode()


def names(runtime: Runtime) -> list[str]:
    words = ("ps", "--all", "--filter", f"name={PREFIX}", "--format", "{{.Names}}")
    return runtime.call(*words).stdout.decode().split()


def test_not_root_and_without_any_capability(runtime: Runtime, toolchain: Toolchain) -> None:
    """Untrusted make must not be root, hold a capability, or be able to gain one."""
    answer = inside(runtime, toolchain, "id -u; id -G; grep -E '^(Cap|NoNew)' /proc/self/status")
    lines = answer.split("\n")
    assert lines[0] != "0"
    assert "0" not in lines[1].split()
    facts = dict(line.split(":\t") for line in lines[2:] if line)
    assert facts.pop("NoNewPrivs") == "1"
    assert {int(value, 16) for value in facts.values()} == {0}
    assert len(facts) == 5


def test_no_network(runtime: Runtime, toolchain: Toolchain) -> None:
    """Untrusted make must not be able to send anything anywhere."""
    assert inside(runtime, toolchain, "ls /sys/class/net").split() == ["lo"]


def test_the_source_cannot_be_changed(
    runtime: Runtime, toolchain: Toolchain, tmp_path: Path
) -> None:
    """The tree a series is built from is the tree it was applied to."""
    source, objects = tmp_path / "src", tmp_path / "obj"
    source.mkdir()
    (source / "Makefile").write_text("all:\n", encoding="utf-8")
    runtime.give(objects)
    script = (
        "echo >> /src/Makefile; touch /src/new /usr/new /new; touch /obj/new /tmp/new && echo ok"
    )
    mounts = (Mount(source, "/src"), Mount(objects, "/obj", writable=True))
    assert inside(runtime, toolchain, script, *mounts) == "ok\n"
    assert [path.name for path in source.iterdir()] == ["Makefile"]
    assert (source / "Makefile").read_text(encoding="utf-8") == "all:\n"
    assert [path.name for path in objects.iterdir()] == ["new"]


def test_nothing_of_the_user_is_seen(
    runtime: Runtime, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Home directory, environment, proxies with passwords and processes stay outside."""
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@proxy.invalid:3128")
    monkeypatch.setenv("SECRET_TOKEN", "secret")
    script = (
        f"ls -A /home; ls -d {Path.home()}/* {tmp_path} 2>/dev/null; env; ps 2>/dev/null; ls /proc"
    )
    answer = inside(runtime, toolchain, script)
    assert "secret" not in answer
    assert str(tmp_path) not in answer
    assert f"\n{os.getpid()}\n" not in answer
    assert "HOME=/tmp\n" in answer


def test_a_container_that_takes_too_long_is_gone(runtime: Runtime, toolchain: Toolchain) -> None:
    """A hanging make must not stay behind when its time is up."""
    with pytest.raises(CommandTimeout):
        runtime.run(toolchain.image, ["sleep", "600"], timeout=2)
    assert [name for name in names(runtime) if f"-{os.getpid()}-" in name] == []


def test_containers_of_dead_processes_are_swept(runtime: Runtime, toolchain: Toolchain) -> None:
    """After a crash of the machine's user session, no container of it runs on."""
    dead, alive = f"{PREFIX}999999999-1-abc", f"{PREFIX}{os.getpid()}-0-abc"
    for name in (dead, alive):
        argv = runtime.argv(toolchain.image, ["sleep", "600"], name=name)
        at = argv.index("run") + 1
        process.run([*argv[:at], "--detach", *argv[at:]], cwd=Path("/"), timeout=60)
    assert set(runtime.sweep()) >= {dead, alive}  # the second has another start time
    assert not {dead, alive} & set(names(runtime))


def test_a_path_with_a_comma_is_refused(runtime: Runtime) -> None:
    """Both programs split --mount at commas: such a path would mount something else."""
    with pytest.raises(UsageError, match="comma"):
        runtime.argv("image", ["true"], name="x", mounts=[Mount(Path("/a,b"), "/src")])


@pytest.mark.quiet
def test_the_choice_is_remembered(runtime: Runtime, tmp_path: Path) -> None:
    """Running a probe container costs a second; the answer holds until the next boot."""
    settings = Settings(cache=tmp_path)
    first = choose_runtime(settings, Silent(), fresh=True)
    begin = time.monotonic()
    assert choose_runtime(settings, Silent()) == first
    assert time.monotonic() - begin < 0.2


def test_no_container_program_is_named_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without podman and docker the user is told what to install, not shown a traceback."""
    monkeypatch.setattr(programs, "which", lambda _: None)
    with pytest.raises(ToolMissing) as caught:
        choose_runtime(Settings(cache=tmp_path), Silent())
    assert "podman" in caught.value.hint


def test_programs_that_cannot_run_a_container_are_all_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A podman that is installed and does not work is not the same as none."""
    monkeypatch.setattr(
        detect, "_candidates", lambda _: [Runtime(program="podman", options=("--no-such",))]
    )
    with pytest.raises(InfraError, match="--no-such"):
        choose_runtime(Settings(cache=tmp_path), Silent())


def test_the_toolchain_is_made_once_and_pinned(runtime: Runtime, toolchain: Toolchain) -> None:
    """The image is found again, and is what its record says."""
    from patchtool.core import settings

    chosen = settings.load()
    again = ensure_toolchain(runtime, chosen, Store(chosen.cache / "store"), Silent())
    assert again == toolchain
    assert toolchain.version.startswith("gcc ")
    assert any(line.startswith("ccache ") for line in toolchain.packages)
