# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's root is made from packages, whole or not at all, and holds nothing of the host."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from patchtool.core import process, programs
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings, load
from patchtool.core.store import Store
from patchtool.errors import CommandError, DiskFull, InfraError, ManifestError, ToolMissing
from patchtool.guest import root as guest_root
from patchtool.guest.root import HOST_ROOT, GuestRoot, ensure_root, init_in, read_recipe


@pytest.fixture(scope="session")
def made() -> GuestRoot:
    """The real root, in the user's own cache: making it takes some 15 s."""
    if programs.which("mmdebstrap") is None and not os.environ.get("CI"):
        pytest.skip("mmdebstrap is not installed")
    settings = load()
    return ensure_root(settings, Store(settings.cache / "store"), Silent())


def test_it_has_what_virtme_ng_and_the_agent_need(made: GuestRoot) -> None:
    assert (made.path / "bin/sh").resolve().name == "busybox"
    assert (made.path / "usr/bin/python3").exists()
    assert os.access(made.path / init_in(made).lstrip("/"), os.X_OK)
    for folder in ("proc", "sys", "dev", "run", "tmp", "var/tmp", "lib/modules", "root"):
        assert (made.path / folder).is_dir()
    assert list((made.path / "usr/lib").glob("python3*/__pycache__/threading.*.pyc"))
    assert list((made.path / "usr/lib").glob("python3*/ctypes/__init__.py"))


def test_it_holds_nothing_of_the_host(made: GuestRoot) -> None:
    assert (made.path / "etc/passwd").read_text() == "root:x:0:0:root:/root:/bin/sh\n"
    assert list((made.path / "home").iterdir()) == []
    assert list((made.path / "root").iterdir()) == []
    assert not (made.path / "etc/apt").exists()
    assert list((made.path / "dev").iterdir()) == []


def test_links_in_it_stay_in_it(made: GuestRoot) -> None:
    """A link to an absolute path is followed by the guest inside its root: it must be there."""
    for name in ("bin/sh", "sbin", "lib", "lib64", "usr/bin/python3"):
        target = made.path / name
        assert not target.is_symlink() or not target.readlink().is_absolute()


def test_the_user_who_made_it_may_read_all_of_it(made: GuestRoot) -> None:
    """QEMU reads it as that user: what the user may not read is missing in the guest."""
    for path in made.path.rglob("*"):
        if not path.is_symlink() and made.path / "root" not in (path, *path.parents):
            needed = 0o500 if path.is_dir() else 0o400
            assert path.stat().st_mode & needed == needed, path


def test_it_is_made_once(made: GuestRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "run", lambda *_args, **_named: pytest.fail("made again"))
    settings = load()
    assert ensure_root(settings, Store(settings.cache / "store"), Silent()) == made


def fails(tail: str) -> object:
    def run(argv: list[str], **named: object) -> None:
        Path(str(named["cwd"]), "half").write_text("half a root")
        raise CommandError(argv, 1, tail)

    return run


@pytest.mark.parametrize(
    ("tail", "error"),
    [("E: Failed to fetch", InfraError), ("No space left on device", DiskFull)],
)
def test_a_root_that_fails_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tail: str, error: type[InfraError]
) -> None:
    monkeypatch.setattr(process, "run", fails(tail))
    monkeypatch.setattr(programs, "require", lambda name: Path("/usr/bin") / name)
    settings = Settings(cache=tmp_path / "cache")
    with pytest.raises(error):
        ensure_root(settings, Store(tmp_path / "store"), Silent())
    assert list((settings.cache / "roots").iterdir()) == []


def test_what_a_killed_run_left_is_swept_away(
    made: GuestRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(cache=tmp_path / "cache")
    left = settings.cache / "roots" / f".{made.path.name}.killed"
    left.mkdir(parents=True)

    def unpack(recipe: object, work: object, folder: Path, progress: object) -> None:
        folder.mkdir()

    monkeypatch.setattr(guest_root, "_unpack", unpack)
    monkeypatch.setattr(guest_root, "_complete", lambda _folder, _progress: None)
    found = ensure_root(settings, Store(tmp_path / "store"), Silent())
    assert found.digest == made.digest
    assert [path.name for path in found.path.parent.iterdir()] == [made.path.name]
    shutil.rmtree(settings.cache)


def test_without_mmdebstrap_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "which", lambda _name: None)
    with pytest.raises(ToolMissing, match="mmdebstrap") as caught:
        ensure_root(Settings(cache=tmp_path), Store(tmp_path / "store"), Silent())
    assert "apt-get install mmdebstrap" in caught.value.hint


def test_all_mistakes_of_a_recipe_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "guest-root"
    folder.mkdir()
    (folder / "bad.toml").write_text('name = 1\npackages = "x"\nunknown = 2\n', encoding="utf-8")
    monkeypatch.setattr("patchtool.core.data.kernel", lambda: tmp_path)
    with pytest.raises(ManifestError) as caught:
        read_recipe("bad")
    assert {line.split(":")[0] for line in caught.value.problems} == {
        "name",
        "packages",
        "suite",
        "unknown",
    }


def test_the_hosts_own_root_has_virtme_ngs_init_where_the_host_has_it() -> None:
    assert Path(init_in(HOST_ROOT)).is_file()
