# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel trees are imported whole, found again, and refused when they are none."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import CommandError, CommandTimeout, UsageError
from patchtool.series.manifest import parse
from patchtool.series.model import Dependency, DependsOn, Series
from patchtool.tree import importing
from patchtool.tree.base.choose import choose_base
from patchtool.tree.plumbing import open_repository
from patchtool.tree.release import read_release
from patchtool.tree.repository import KernelTree, ensure_tree, import_tree, list_trees, open_tree
from tests.lib.gitrepo import git

MAKEFILE = "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\nEXTRAVERSION =\nNAME = Baby\n"
FILES = {
    "Makefile": MAKEFILE,
    "Kconfig": "config A\n",
    ".gitignore": "*.o\n.*\n",
    "ignored.o": "object\n",
    "mm/with blank.c": "int a;\r\n",
    'mm/quo"te\\.c': "x\n",
    "empty": "",
}
SERIES = Series("s", "t", 1, None, (), None)


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    top = tmp_path / "linux-source-6.12"
    for name, text in FILES.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    (top / "run.sh").write_text("#!/bin/sh\n")
    (top / "run.sh").chmod(0o755)
    (top / "link").symlink_to("mm/with blank.c")
    return top


def packed(source: Path, suffix: str = "tar.xz") -> Path:
    kind = {"tar.xz": "xztar", "tar.gz": "gztar", "tar.bz2": "bztar"}[suffix]
    made = shutil.make_archive(str(source), kind, source.parent, source.name)
    return Path(made)


def repository(source: Path) -> Path:
    git(source, "init", "-q", "-b", "main")
    git(source, "add", "-A", "-f")
    git(source, "commit", "-q", "-m", "one")
    git(source, "tag", "v6.12")
    git(source, "commit", "-q", "--allow-empty", "-m", "two")
    return source


def state_of(tree: Path) -> tuple[object, ...]:
    """Everything a user would notice a change of."""
    found = sorted(
        (str(path.relative_to(tree)), path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in tree.rglob("*")
    )
    refs = git(tree, "for-each-ref") if (tree / ".git").exists() else ""
    return found, refs


@pytest.mark.parametrize("suffix", ["tar.xz", "tar.gz", "tar.bz2"])
def test_a_tarball_becomes_a_tree_with_every_file(
    source: Path, conf: Settings, suffix: str
) -> None:
    tree = import_tree(packed(source, suffix), conf, Silent())
    assert (tree.name, tree.tag, tree.release.version) == (
        "linux-6.12.117",
        "v6.12.117",
        "6.12.117",
    )
    listed = git(tree.path, "ls-tree", "-r", "v6.12.117")
    modes = {line.partition("\t")[2]: line.split()[0] for line in listed.splitlines()}
    assert len(modes) == len(FILES) + 2
    assert (modes["run.sh"], modes["link"], modes["Makefile"]) == ("100755", "120000", "100644")
    assert "ignored.o" in modes
    show = subprocess.run(
        ["git", "show", "v6.12.117:mm/with blank.c"], cwd=tree.path, check=True, capture_output=True
    )
    assert show.stdout == b"int a;\r\n"
    assert git(tree.path, "rev-parse", "HEAD") == tree.commit
    assert git(tree.path, "fsck", "--strict", "--no-dangling") == ""


def test_the_same_source_is_imported_once(source: Path, conf: Settings) -> None:
    first = import_tree(packed(source), conf, Silent())
    before = first.path.stat().st_mtime_ns
    assert import_tree(packed(source), conf, Silent()) == first
    by_folder = import_tree(source, conf, Silent())
    assert (by_folder.name, by_folder.commit) == (first.name, first.commit)
    assert first.path.stat().st_mtime_ns >= before
    assert [tree.name for tree in list_trees(conf)] == ["linux-6.12.117"]


def test_link_targets_are_taken_as_they_are(source: Path, conf: Settings) -> None:
    """pathlib tidied `../.././x` up, so a folder's tree differed from its tarball's."""
    (source / "mm" / "odd").symlink_to(".././Kconfig")
    by_tarball = import_tree(packed(source), conf, Silent())
    by_folder = import_tree(source, conf, Silent())
    assert by_folder.commit == by_tarball.commit
    assert git(by_folder.path, "show", "HEAD:mm/odd") == ".././Kconfig"


def test_an_import_that_is_known_does_no_work(
    source: Path, conf: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = import_tree(source, conf, Silent())
    monkeypatch.delattr(importing, "_intake")
    assert import_tree(source, conf, Silent()) == first
    assert ensure_tree(str(source), conf, Silent()).git_dir == first.path


def test_another_source_of_the_same_release_gets_another_name(source: Path, conf: Settings) -> None:
    first = import_tree(source, conf, Silent())
    (source / "empty").write_text("no longer")
    second = import_tree(source, conf, Silent())
    assert second.name == f"linux-6.12.117-{second.commit[:7]}"
    assert len(list_trees(conf)) == 2
    with pytest.raises(UsageError, match="taken"):
        import_tree(source, conf, Silent(), first.name)


def test_a_killed_import_leaves_nothing_in_the_way(source: Path, conf: Settings) -> None:
    leftover = conf.data / "trees" / ".import-dead"
    leftover.mkdir(parents=True)
    half = conf.data / "trees" / "linux-6.12.117.git"
    half.mkdir()
    tree = import_tree(source, conf, Silent())
    assert not leftover.exists()
    assert tree.path == half


def test_a_git_repository_is_imported_whole_and_not_changed(source: Path, conf: Settings) -> None:
    before = state_of(repository(source))
    tree = import_tree(source, conf, Silent(), "mine")
    assert state_of(source) == before
    assert tree.commit == git(source, "rev-parse", "HEAD")
    assert git(tree.path, "tag", "-l").split() == ["v6.12", "v6.12.117"]
    assert import_tree(source, conf, Silent(), "mine") == tree


def test_hard_links_in_a_tarball_are_files(source: Path, conf: Settings) -> None:
    os.link(source / "Makefile", source / "Zmakefile")
    tree = import_tree(packed(source), conf, Silent())
    assert git(tree.path, "show", "HEAD:Zmakefile") == MAKEFILE.rstrip("\n")


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (["Makefile", "Kconfig"], ["no Makefile", "no Kconfig"]),
        (["Kconfig"], ["no Kconfig"]),
    ],
)
def test_what_is_no_kernel_is_refused_by_what_it_lacks(
    source: Path, conf: Settings, missing: list[str], words: list[str]
) -> None:
    for name in missing:
        (source / name).unlink()
    for given in (source, packed(source)):
        with pytest.raises(UsageError) as caught:
            import_tree(given, conf, Silent())
        for word in words:
            assert word in str(caught.value)
    assert list_trees(conf) == ()
    assert not list((conf.data / "trees").glob(".import-*"))


def test_a_makefile_of_another_project_is_refused() -> None:
    with pytest.raises(UsageError, match="VERSION, PATCHLEVEL, SUBLEVEL"):
        read_release("all:\n\tcc x.c\n", "here")
    assert read_release(MAKEFILE, "here").tag == "v6.12.117"
    rc = MAKEFILE.replace("= 117", "= 0").replace("EXTRAVERSION =", "EXTRAVERSION = -rc1")
    assert read_release(rc, "here").tag == "v6.12-rc1"
    assert read_release(rc, "here").version == "6.12.0-rc1"
    old = MAKEFILE.replace("= 6", "= 2").replace("= 12\n", "= 6\n").replace("= 117", "= 39")
    assert read_release(old, "here").tag == "v2.6.39"


def test_a_source_with_build_output_is_refused(source: Path, conf: Settings) -> None:
    (source / ".config").write_text("CONFIG_A=y\n")
    with pytest.raises(UsageError, match="built in this folder") as caught:
        import_tree(source, conf, Silent())
    assert "mrproper" in caught.value.hint


@pytest.mark.parametrize("cut", [0, 100, -200])
def test_a_damaged_tarball_is_a_usage_error(source: Path, conf: Settings, cut: int) -> None:
    for number in range(40):
        (source / f"random{number}").write_bytes(os.urandom(2000))
    path = packed(source)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(UsageError, match="damaged"):
        import_tree(path, conf, Silent())
    assert list_trees(conf) == ()


@pytest.mark.parametrize("name", ["top/../../evil", "/evil", "top/.git/config"])
def test_a_tarball_with_paths_out_of_the_tree_is_refused(
    tmp_path: Path, conf: Settings, name: str
) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(UsageError):
        import_tree(path, conf, Silent())


def test_what_tree_may_name(source: Path, conf: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a git tree") as caught:
        open_tree(str(source), conf)
    assert "patchtool tree import" in caught.value.hint
    with pytest.raises(UsageError, match="no kernel tree"):
        open_tree("linux-1.2", conf)
    imported = ensure_tree(str(source), conf, Silent())
    assert open_tree(imported.name, conf) == imported
    repository(source)
    git(source, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    git(tmp_path, "clone", "-q", "--bare", str(source), "bare.git")
    same = open_tree(str(source), conf)
    linked = open_tree(str(tmp_path / "linked"), conf)
    bare = open_tree(str(tmp_path / "bare.git"), conf)
    assert same.key == linked.key != bare.key
    with pytest.raises(UsageError, match="not a git tree"):
        open_tree(str(source / "mm"), conf)


def test_the_base_is_chosen_in_the_documented_order(source: Path, conf: Settings) -> None:
    repository(source)
    first, head = git(source, "rev-parse", "v6.12", "HEAD").split()
    tree = open_tree(str(source), conf)
    text = 'title="t"\nrevision=1\npatches=["a"]\n[tests]\nmodules=["m"]\n[base]\ntag="{}"\n'

    def base(tag: str, rev: str | None = None, commit: str = "", also: str = "") -> tuple[str, str]:
        extra = also + (f'commit="{commit}"\n' if commit else "")
        facts = parse(text.format(tag) + extra, Path("series.toml"))
        found = choose_base(tree, Series("s", "t", 1, None, (), facts), rev, conf, Silent())
        return found.commit, found.chosen_by

    assert base("v6.12") == (first, "base.tag of the manifest")
    assert base("v5.0") == (head, "the tree's HEAD")
    other = 'also=["v5.1", "v6.12"]\n'
    assert base("v5.0", also=other) == (first, "base.also of the manifest")
    assert base("v5.0", commit=first) == (first, "base.commit of the manifest")
    assert base("v5.0", commit="0" * 40) == (head, "the tree's HEAD")
    assert base("v6.12", "HEAD~0") == (head, "--base")
    says = Dependency(DependsOn.BASE_COMMIT, first, 0)
    cover = Series("s", "t", 1, None, (), None, dependencies=(says,))
    assert choose_base(tree, cover, None, conf, Silent()).commit == first
    assert choose_base(tree, SERIES, None, conf, Silent()).release.version == "6.12.117"


@pytest.mark.parametrize("rev", ["v9.9", "0" * 40, "--help", "HEAD:Makefile", ""])
def test_a_base_that_does_not_exist_is_a_usage_error(
    source: Path, conf: Settings, rev: str
) -> None:
    tree = open_tree(str(repository(source)), conf)
    with pytest.raises(UsageError, match="does not exist") as caught:
        choose_base(tree, SERIES, rev, conf, Silent())
    assert "v6.12" in caught.value.hint


def test_a_git_tree_that_is_no_kernel_is_a_usage_error(tmp_path: Path, conf: Settings) -> None:
    top = tmp_path / "other"
    top.mkdir()
    (top / "README").write_text("x")
    tree = open_tree(str(repository(top)), conf)
    with pytest.raises(UsageError, match="no Makefile and no Kconfig"):
        choose_base(tree, SERIES, None, conf, Silent())
    with pytest.raises(UsageError, match="no Makefile and no Kconfig"):
        import_tree(top, conf, Silent())


def test_an_unborn_head_is_a_usage_error(tmp_path: Path, conf: Settings) -> None:
    git(tmp_path, "init", "-q", "empty")
    tree = open_tree(str(tmp_path / "empty"), conf)
    with pytest.raises(UsageError, match="no commit to start from"):
        choose_base(tree, SERIES, None, conf, Silent())


def test_git_variables_of_the_user_do_not_reach_our_git(
    source: Path, conf: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(source)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_COMMON_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "nowhere"))
    before = dict(os.environ)
    assert choose_base(open_tree(str(source), conf), SERIES, None, conf, Silent()).commit
    assert dict(os.environ) == before


def test_a_command_of_git_that_fails_or_hangs_is_named_without_our_environment(
    source: Path, conf: Settings
) -> None:
    repository(source)
    git_dir = source / ".git"
    with pytest.raises(CommandError) as failed, open_repository(git_dir, conf) as repo:
        repo.ask("rev-parse", "--verify", "no-such-name")
    assert failed.value.argv == ("git", "rev-parse", "--verify", "no-such-name")
    hanging = ["git", "-c", "alias.hang=!sleep 60", "hang"]
    with pytest.raises(CommandTimeout) as late, open_repository(git_dir, conf) as repo:
        repo.git.execute(hanging, kill_after_timeout=0.3)
    assert late.value.argv == tuple(hanging)
    assert "env" not in late.value.tail


def test_the_record_is_plain_json(source: Path, conf: Settings) -> None:
    tree = import_tree(source, conf, Silent())
    record = json.loads((tree.path / "patchtool.json").read_text())
    assert record["commit"] == tree.commit
    assert isinstance(open_tree(tree.name, conf), KernelTree)
