# SPDX-License-Identifier: GPL-2.0-or-later
"""The toolchain image is made through the host's own package sources, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.build.kernel.objtree import read_result
from patchtool.build.toolchain.recipe import read_recipe
from patchtool.core import data
from patchtool.core.debian import from_deb822, from_one_line, host_sources
from patchtool.errors import BuildError, ManifestError

if TYPE_CHECKING:
    from pathlib import Path

DEB822 = """\
# comment
Types: deb deb-src
URIs: http://mirror.invalid/packages
Suites: bookworm bookworm-updates trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://vendor.invalid/tools
Suites: stable
Components: main

Types: deb
Enabled: no
URIs: http://off.invalid/packages
Suites: bookworm
Components: main
"""
ONE_LINE = """\
deb [signed-by=/etc/x.gpg] http://mirror.invalid/packages bookworm main contrib # x
deb-src http://mirror.invalid/packages bookworm main
# deb http://off.invalid/packages bookworm main
deb http://vendor.invalid/tools cloud-bookworm main
deb http://mirror.invalid/security bookworm-security main
"""


def test_only_stanzas_of_the_suite_are_kept() -> None:
    """A vendor's source on the host has no place in the image."""
    text = from_deb822(DEB822, "bookworm")
    assert "Types: deb\n" in text
    assert "Suites: bookworm bookworm-updates\n" in text
    assert "END PGP" in text
    assert "vendor" not in text
    assert "off.invalid" not in text


def test_only_lines_of_the_suite_are_kept() -> None:
    """The older format, with options in brackets and comments."""
    assert from_one_line(ONE_LINE, "bookworm").splitlines() == [
        "deb [signed-by=/etc/x.gpg] http://mirror.invalid/packages bookworm main contrib",
        "deb http://mirror.invalid/security bookworm-security main",
    ]


def test_another_distribution_has_no_sources_for_it(tmp_path: Path) -> None:
    """Then mmdebstrap's own default is used."""
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://x.invalid/ubuntu noble main\n", "utf-8")
    (tmp_path / "sources.list.d/debian.sources").write_text(DEB822, "utf-8")
    assert list(host_sources("bookworm", tmp_path)) == [".sources"]
    assert host_sources("bullseye", tmp_path) == {}


def test_the_bundled_recipe_is_valid() -> None:
    """Its packages include what the build scripts call."""
    recipe = read_recipe("bookworm")
    assert {"gcc", "make", "ccache", "flex", "bison"} <= set(recipe.packages)


def test_a_recipe_with_mistakes_names_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two mistakes, one error."""
    (tmp_path / "containers").mkdir()
    (tmp_path / "containers/bad.toml").write_text('name = "BAD"\nsuite = 3\n', "utf-8")
    monkeypatch.setattr(data, "kernel", lambda: tmp_path)
    with pytest.raises(ManifestError) as caught:
        read_recipe("bad")
    assert len(caught.value.problems) == 5


def test_results_of_the_container_are_not_followed_out_of_it(tmp_path: Path) -> None:
    """A build may leave a link to a file of the user where its image should be."""
    secret = tmp_path / "secret"
    secret.write_text("secret", "utf-8")
    (tmp_path / "bzImage").symlink_to(secret)
    with pytest.raises(BuildError, match="odd as bzImage"):
        read_result(tmp_path / "bzImage", 100)
    (tmp_path / "vmlinux").hardlink_to(secret)
    with pytest.raises(BuildError, match="not a plain file"):
        read_result(tmp_path / "vmlinux", 100)
    (tmp_path / "vmlinux").unlink()
    assert read_result(tmp_path / "vmlinux", 100) is None
    with pytest.raises(BuildError, match="not a plain file"):
        read_result(secret, 3)
