# SPDX-License-Identifier: GPL-2.0-or-later
"""Commits that change no file the build reads: they have the image of the commit before them.

What is read is known of both ends. A file that only one of them has is taken for read, since what
is between them may read it; so are Kconfig files and makefiles, and the folders with what kbuild
itself runs. Merges are never left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchtool.errors import CommandError
from patchtool.tree import plumbing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from patchtool.bisect.between import Between
    from patchtool.core.settings import Settings
    from patchtool.tree.kernel_tree import KernelTree

#: What kbuild reads itself, or runs; no dependency file lists it.
_ALWAYS = re.compile(
    r"(?:\A|/)(?:Kconfig|Makefile|Kbuild|Platform)[^/]*\Z|\A(?:scripts|tools|usr)/"
)
#: What may be compiled or included.
_CODE = re.compile(r"\.(?:[chS]|lds|tbl|rs|asn1|uni|y|l)\Z")
_START = "\x01"


def unread(
    between: Between, read: Collection[str], tree: KernelTree, settings: Settings
) -> frozenset[int]:
    """The numbers of the commits that change nothing of what is read.

    Args:
        between: The commits.
        read: The files that the builds of both ends read.
        tree: The user's tree.
        settings: The settings in force.
    """
    try:
        good, bad = (_files(tree, end, settings) for end in (between.good, between.last))
        changes = dict(_changes(between, tree, settings))
    except CommandError:
        return frozenset()  # a partial clone lacks trees: each commit may be anything
    both = good & bad
    found = set()
    for name, paths in changes.items():
        at = between.places.get(name)
        if at is not None and paths and not any(_is_read(path, read, both) for path in paths):
            found.add(at)
    return frozenset(found)


def _is_read(path: str, read: Collection[str], both: Collection[str]) -> bool:
    if path in read or _ALWAYS.search(path):
        return True
    return path not in both and bool(_CODE.search(path))


def _changes(
    between: Between, tree: KernelTree, settings: Settings
) -> Iterator[tuple[str, list[str]]]:
    """Each commit with a single parent, and the paths it changes."""
    form = ("--no-merges", "--no-renames", "--name-only", "-z", f"--format={_START}%H")
    told = _ask(tree, settings, "log", *form, between.bad, f"^{between.good}")
    for entry in told.split(_START)[1:]:
        name, _, rest = entry.partition("\0")
        yield name.strip(), [path.lstrip("\n") for path in rest.split("\0") if path.strip()]


def _files(tree: KernelTree, commit: str, settings: Settings) -> frozenset[str]:
    return frozenset(_ask(tree, settings, "ls-tree", "-r", "-z", "--name-only", commit).split("\0"))


def _ask(tree: KernelTree, settings: Settings, *words: str) -> str:
    env = {"GIT_DIR": str(tree.git_dir), "GIT_OPTIONAL_LOCKS": "0"}
    plain = ("-c", "log.showSignature=false", "-c", "diff.noprefix=false")
    done = plumbing.run([*plain, *words], settings, cwd=tree.git_dir, env=env, capture=True)
    return done.stdout.decode("utf-8", "replace")
