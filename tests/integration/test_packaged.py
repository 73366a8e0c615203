# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel source that a distribution packages is a tree by its name."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import InfraError
from patchtool.tree import packaged
from patchtool.tree.repository import ensure_tree, open_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")


@pytest.fixture
def mmdebstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minikernel: Path) -> Path:
    """In the place of mmdebstrap: makes a package of the tree in miniature, and counts calls.

    The real one is used by the tests of containers and guest roots, and fetches the source of
    the 5.10 tests.
    """
    source = tmp_path / "source.tar.xz"
    with tarfile.open(source, "w:xz") as tar:
        tar.add(minikernel, "linux-6.12")
    package = tmp_path / "package.tar"
    with tarfile.open(package, "w") as tar:
        tar.add(source, "./usr/src/linux-source-6.12.tar.xz")
        tar.add(source, "./usr/src/linux-source-6.12-other.tar.xz")
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "mmdebstrap"
    program.write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
for word; do case $word in *.tar) out=$word;; --include=*) name=${{word#--include=}};; esac; done
[ "$name" = linux-source-6.12 ] || {{ echo "E: Unable to locate package $name" >&2; exit 100; }}
cp {package} "$out"
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path / "calls"


def test_package_is_fetched_once(chosen: Settings, mmdebstrap: Path) -> None:
    spec = "bookworm-backports:linux-source-6.12"
    tree = ensure_tree(spec, chosen, Silent())
    assert tree.name == "linux-6.12.0"
    assert "bookworm-backports" in mmdebstrap.read_text()
    assert ensure_tree(spec, chosen, Silent()) == tree
    assert open_tree(spec, chosen) == tree
    assert len(mmdebstrap.read_text().splitlines()) == 1
    assert not list(chosen.cache.glob(".package.*"))


def test_package_that_is_not_there_is_told(chosen: Settings, mmdebstrap: Path) -> None:
    with pytest.raises(InfraError, match=r"bookworm:linux-source-9\.9 could not be fetched") as it:
        ensure_tree("bookworm:linux-source-9.9", chosen, Silent())
    assert "Unable to locate package" in str(it.value)
    assert it.value.hint is not None
    assert "bookworm" in it.value.hint


@pytest.mark.parametrize("spec", ["bookworm:linux-image-6.12", "x/y:linux-source-6", ":a", "a:"])
def test_other_names_are_no_packages(spec: str) -> None:
    assert packaged.package_of(spec) is None
