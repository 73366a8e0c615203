# SPDX-License-Identifier: GPL-2.0-or-later
"""Make a git tree of a source tarball, a source folder, or a git repository."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core.durable import write_atomic
from patchtool.core.locks import held
from patchtool.core.store import file_digest
from patchtool.errors import UsageError
from patchtool.tree import archive, plumbing, whole
from patchtool.tree.borrowing import take_over
from patchtool.tree.imported import (
    RECORD,
    ImportedTree,
    ImportRecord,
    list_trees,
    read_record,
    read_tree,
    trees_folder,
)
from patchtool.tree.kernel_tree import find_git_dir
from patchtool.tree.release import BUILD_OUTPUT, KernelRelease, check_kernel, release_of
from patchtool.tree.view import view_of

if TYPE_CHECKING:
    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}\Z")


def import_tree(
    source: Path,
    settings: Settings,
    progress: Progress,
    name: str | None = None,
    said: str | None = None,
) -> ImportedTree:
    """Make a git tree of *source* in patchtool's data folder.

    What was imported before is found again by its content, and nothing is done then. A kill
    at any moment leaves either no tree or a whole one.

    Args:
        source: A tarball, a source folder, or a git repository (worktree or bare).
        settings: The settings in force.
        progress: Told how far it is.
        name: What to call the tree; ``linux-`` and its release if None, with the start of
            its commit behind that when another tree has that name already.
        said: What the list of trees says it was made from; the path if None.

    Raises:
        UsageError: The source is no kernel, or not whole, or another tree has that *name*.
            A git repository whose HEAD is not whole is imported, and said to be so.
    """
    if name is not None and not NAME.match(name):
        raise UsageError(f"{name!r} is no name for a tree; use letters, digits and . _ + -")
    source = source.expanduser().resolve()
    if not source.exists():
        raise UsageError(f"{source}: no such tarball, folder or git repository")
    git_dir = find_git_dir(source) if source.is_dir() else None
    trees = trees_folder(settings)
    with held(trees / ".lock", f"the trees in {trees}", progress):
        for leftover in trees.glob(".import-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        digest = _digest(source, git_dir, settings)
        known = _known(digest, name, settings)
        if known is not None:
            return known
        made = Path(tempfile.mkdtemp(dir=trees, prefix=".import-"))
        try:
            if git_dir is not None:
                release, commit = _clone(git_dir, made, settings, progress)
            else:
                release, commit = _intake(source, made, settings, progress)
            record = ImportRecord(
                source=said or str(source),
                digests=(digest,),
                version=release.version,
                tag=release.tag,
                commit=commit,
            )
            write_atomic(made / RECORD, record.model_dump_json(indent=1))
            made.chmod(0o755)
            return _settle(made, record, name, settings)
        finally:
            shutil.rmtree(made, ignore_errors=True)


def find_import(source: Path, settings: Settings) -> ImportedTree | None:
    """The tree that was made of *source* as it is now, or None; imports nothing."""
    return _known(_digest(source, find_git_dir(source.resolve()), settings), None, settings)


def known_as(digest: str, settings: Settings) -> ImportedTree | None:
    """The tree that is remembered by *digest*, or None."""
    return _known(digest, None, settings)


def remember(tree: ImportedTree, digest: str, settings: Settings, progress: Progress) -> None:
    """Find *tree* by *digest* as well from now on; see :func:`known_as`."""
    trees = trees_folder(settings)
    with held(trees / ".lock", f"the trees in {trees}", progress):
        record = read_record(tree.path)
        if record is not None and digest not in record.digests:
            more = record.model_copy(update={"digests": (*record.digests, digest)})
            write_atomic(tree.path / RECORD, more.model_dump_json(indent=1))


def _digest(source: Path, git_dir: Path | None, settings: Settings) -> str:
    if git_dir is None:
        return archive.folder_digest(source) if source.is_dir() else file_digest(source)
    tree = view_of(git_dir, str(git_dir), settings)
    with plumbing.open_repository(tree.git_dir, settings) as repo:
        refs = repo.ask("for-each-ref", "refs/heads", "refs/tags")
        head = repo.find("HEAD")
    return hashlib.sha256(f"{head}\n{refs}".encode()).hexdigest()


def _known(digest: str, name: str | None, settings: Settings) -> ImportedTree | None:
    for tree in list_trees(settings):
        record = read_record(tree.path)
        if record is not None and digest in record.digests and name in (None, tree.name):
            return tree
    return None


def _settle(made: Path, record: ImportRecord, name: str | None, settings: Settings) -> ImportedTree:
    """Give a finished import its name."""
    wanted = name or f"linux-{record.version}"
    for choice in (wanted, f"{wanted}-{record.commit[:7]}"):
        target = trees_folder(settings) / f"{choice}.git"
        present = read_record(target)
        if present is not None and present.commit != record.commit:
            if name is not None:
                raise UsageError(
                    f"the name {name!r} is taken by a tree made from {present.source}",
                    hint=f"choose another --name, or remove {target}",
                )
            continue
        if target.exists():
            if present is not None and _same_refs(target, made, settings):
                both = present.model_copy(update={"digests": (*present.digests, *record.digests)})
                write_atomic(target / RECORD, both.model_dump_json(indent=1))
                break
            shutil.rmtree(target)
        made.rename(target)
        break
    tree = read_tree(target)
    assert tree is not None
    return tree


def _same_refs(one: Path, other: Path, settings: Settings) -> bool:
    refs = []
    for path in (one, other):
        with plumbing.open_repository(path, settings) as repo:
            refs.append(repo.ask("for-each-ref"))
    return refs[0] == refs[1]


def _clone(
    git_dir: Path, made: Path, settings: Settings, progress: Progress
) -> tuple[KernelRelease, str]:
    """Clone a git repository; on one file system its packs are linked, not copied."""
    progress.update(f"cloning {git_dir}")
    tree = view_of(git_dir, str(git_dir), settings)
    words = ["clone", "--quiet", "--bare", "--shared", str(tree.git_dir), str(made)]
    plumbing.run(words, settings, cwd=made.parent, env={"GIT_ALLOW_PROTOCOL": "file"})
    take_over(made / "objects", tree.objects)
    with plumbing.open_repository(made, settings) as repo:
        commit = repo.find("HEAD^{commit}")
        if not commit:
            raise UsageError(f"{git_dir}: its HEAD names no commit")
        release = release_of(repo, commit, str(git_dir))
        found = whole.look(repo, commit)  # another of its commits may be better
        for line in (*found.broken, *found.notes):
            progress.note(f"{git_dir} at HEAD: {line}")
        if not repo.find(f"refs/tags/{release.tag}"):
            _tag(repo, release, commit)
    return release, commit


def _intake(
    source: Path, made: Path, settings: Settings, progress: Progress
) -> tuple[KernelRelease, str]:
    """Import a tarball or a folder."""
    if source.is_dir():
        names = {path.name for path in source.iterdir()}
        check_kernel(names, str(source))
        for output in BUILD_OUTPUT:
            if (source / output).exists():
                raise UsageError(
                    f"{source}: a kernel was built in this folder ({output} is there)",
                    hint="`make mrproper` there, or import a clean source",
                )
        entries = archive.from_folder(source, progress)
    else:
        entries = archive.from_tarball(source, progress)
    plumbing.run(["init", "--quiet", "--bare", str(made)], settings, cwd=made.parent)
    archive.feed(entries, made, settings, str(source))
    with plumbing.open_repository(made, settings) as repo:
        tree = archive.kernel_folder(repo)
        release = release_of(repo, tree, str(source))
        whole.check(repo, tree, str(source), progress)
        dates = {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"}
        commit = repo.ask("commit-tree", "-m", f"Linux {release.short}", tree, env=dates)
        _tag(repo, release, commit)
        repo.ask("update-ref", "refs/heads/main", commit)
        repo.ask("update-ref", "-d", archive.INTAKE)
    return release, commit


def _tag(repo: plumbing.Questions, release: KernelRelease, commit: str) -> None:
    words = ("-a", "-m", f"Linux {release.short}", release.tag, commit)
    repo.ask("tag", *words, env={"GIT_COMMITTER_DATE": "@0 +0000"})
