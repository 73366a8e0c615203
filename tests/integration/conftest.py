# SPDX-License-Identifier: GPL-2.0-or-later
"""Real containers and a kernel tree in miniature, for the tests of patchtool.build."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchtool.build.container.detect import choose_runtime
from patchtool.build.kconfig import configure
from patchtool.build.kconfig.fragments import parse_fragment, render
from patchtool.build.kconfig.variants import KernelConfig, Variant, guest_template
from patchtool.build.kernel import kbuild
from patchtool.build.kernel.workshop import Workshop
from patchtool.build.toolchain.toolchain import ensure_toolchain
from patchtool.core import programs, settings
from patchtool.core.progress import Silent
from patchtool.core.store import Store, folder_digest
from tests.lib.bench import TOP, Bench

if TYPE_CHECKING:
    from patchtool.build.container.runtime import Runtime
    from patchtool.build.kernel.kbuild import KernelImage
    from patchtool.build.toolchain.toolchain import Toolchain

MINIKERNEL = Path(__file__).resolve().parents[1] / "data" / "minikernel"


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    """The container program of this machine; a person's machine may lack one, CI may not."""
    if not (programs.which("podman") or programs.which("docker")) and not os.environ.get("CI"):
        pytest.skip("neither podman nor docker is installed")
    return choose_runtime(settings.load(), Silent())


@pytest.fixture(scope="session")
def toolchain(runtime: Runtime) -> Toolchain:
    """The real toolchain image, from the user's own cache: making it takes a minute."""
    chosen = settings.load()
    return ensure_toolchain(runtime, chosen, Store(chosen.cache / "store"), Silent())


def make_minikernel(folder: Path) -> Path:
    """A copy of the miniature tree that knows every symbol a guest's base asks for."""
    shutil.copytree(MINIKERNEL, folder)
    values = {"known": lambda _: True, "depends": lambda *_: False}
    asks = parse_fragment(render(guest_template(), "guest", values), "guest")
    kconfig = folder / "mm" / "Kconfig"
    text = kconfig.read_text(encoding="utf-8")
    have = text + (folder / "drivers/virtio/Kconfig").read_text(encoding="utf-8")
    for ask in asks:
        if f"config {ask.symbol}\n" not in have:
            kind = "int" if ask.value.isdigit() else "bool"
            text += f'\nconfig {ask.symbol}\n\t{kind} "{ask.symbol}"\n'
    kconfig.write_text(text, encoding="utf-8")
    return folder


@dataclass
class Lab:
    """A miniature tree, and what is needed to configure and build it."""

    src: Path
    folder: Path
    runtime: Runtime
    toolchain: Toolchain
    settings: settings.Settings = field(init=False)
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.settings = settings.Settings(cache=self.folder / "cache", jobs=2, build_timeout=120)
        self.store = Store(self.settings.cache / "store")

    @property
    def tree(self) -> str:
        return folder_digest(self.src)

    @property
    def log(self) -> Path:
        return self.folder / "make.log"

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the tree, as a patch does."""
        path = self.src / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def workshop(self) -> Workshop:
        return Workshop(self.toolchain, self.runtime, self.store, self.settings, Silent())

    def configure(
        self, fragment: str = "", *, added: tuple[str, ...] = (), complete: bool = True
    ) -> KernelConfig:
        return configure.configure(
            self.src,
            self.tree,
            Variant(name="on", fragment=fragment, added=added),
            self.workshop,
            objtree="mini",
            complete=complete,
            log=self.log,
        )

    def build(self, label: str = "base", config: KernelConfig | None = None) -> KernelImage:
        return kbuild.build(
            self.src,
            self.tree,
            config or self.configure(),
            self.workshop,
            objtree="mini",
            label=label,
            patch=None,
            log=self.log,
        )


@pytest.fixture
def minikernel(tmp_path: Path) -> Path:
    """A copy of the miniature tree, not in git."""
    return make_minikernel(tmp_path / "linux")


@pytest.fixture
def lab(tmp_path: Path, runtime: Runtime, toolchain: Toolchain) -> Lab:
    """A fresh miniature tree with empty caches."""
    return Lab(make_minikernel(tmp_path / "src"), tmp_path, runtime, toolchain)


@pytest.fixture
def bench(tmp_path: Path, toolchain: Toolchain, minikernel: Path) -> Bench:
    """A user with a miniature tree in git, tagged v6.12, and empty caches but for the toolchain."""
    del toolchain  # made; its record is what matters
    chosen = settings.load()
    cache = tmp_path / "cache"
    (cache / "store").mkdir(parents=True)
    shutil.copytree(chosen.cache / "store/toolchain", cache / "store/toolchain", symlinks=True)
    env = {key: value for key, value in os.environ.items() if not key.startswith("PATCHTOOL_")}
    env |= {
        "PATCHTOOL_CONFIG": str(tmp_path / "none.toml"),
        "PATCHTOOL_CACHE": str(cache),
        "PATCHTOOL_DATA": str(tmp_path / "data"),
        "PATCHTOOL_STATE": str(tmp_path / "state"),
        "PYTHONPATH": str(TOP),
    }
    made = Bench(tmp_path, minikernel, env)
    made.git("init", "-q", "-b", "master")
    made.git("add", "-A", "-f")
    made.git("commit", "-qm", "Linux 6.12")
    made.git("tag", "v6.12")
    return made
