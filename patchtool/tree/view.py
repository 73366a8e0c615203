# SPDX-License-Identifier: GPL-2.0-or-later
"""A user's repository, read so that nothing of it runs and nothing is fetched.

The configuration of a repository names programs that git runs (``core.fsmonitor``,
``gpg.program``, filters, hooks) and files that it reads (``include.path``); whoever made the tree
wrote it. A partial clone (``git clone --filter``) fetches what it lacks when it is asked for: a
download would hang where the server does not answer, and would change a tree that is only to be
read. git before 2.45 cannot be told not to (``GIT_NO_LAZY_FETCH``).

So git never runs on such a repository. It runs on a git directory of our own that borrows the
objects, has the refs by links, and has a configuration written by us. From the tree's own come only
values that are data: the forms of objects and refs, the description and upstream of branches. An
object that is missing is missing, at once: what needs none of those works; all else raises
:class:`patchtool.errors.MissingObjects`.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

from patchtool.core.durable import write_atomic
from patchtool.errors import UsageError
from patchtool.tree import plumbing
from patchtool.tree.borrowing import borrow
from patchtool.tree.kernel_tree import KernelTree, common_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchtool.core.settings import Settings

#: What a git directory has besides HEAD, objects and configuration, as far as questions need it.
_PARTS = ("refs", "packed-refs", "reftable", "shallow", "logs")
_OF_WORKTREE = ("FETCH_HEAD", "ORIG_HEAD")
#: What is taken from its configuration.
_DATA = (
    r"^(extensions\.(objectformat|refstorage)"
    r"|branch\..*\.(description|remote|merge)|remote\..*\.fetch)$"
)
_LONGEST = {"HEAD": 4096, "config": 1 << 20}  # bytes
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\b": "\\b"}
_SPECIAL = re.compile(r'[\\"\n\t\b]')


def view_of(git_dir: Path, name: str, settings: Settings) -> KernelTree:
    """The view of a repository; made, or brought up to date.

    Args:
        git_dir: Its git directory; of a linked worktree, that worktree's own.
        name: What people call the tree.
        settings: The settings in force.

    Raises:
        UsageError: Its HEAD or its configuration is no plain file, or too long.
        CommandError: Its configuration cannot be read.
    """
    common = common_dir(git_dir)
    key = hashlib.sha256(os.fsencode(git_dir.resolve())).hexdigest()[:12]
    view = settings.cache.resolve() / "views" / f"{key}.git"
    borrow(view / "objects", common / "objects")
    for part in _PARTS:
        _link(view / part, common / part)
    for part in _OF_WORKTREE:
        _link(view / part, git_dir / part)
    config = common / "config"
    values = list(_values(_content(config), settings)) if os.path.lexists(config) else []
    write_atomic(view / "config", _written(values))
    write_atomic(view / "HEAD", _content(git_dir / "HEAD").decode("utf-8", "surrogateescape"))
    return KernelTree(name, view, common / "objects")


def _content(path: Path) -> bytes:
    longest = _LONGEST[path.name]
    if not path.is_file():  # a pipe would never end
        raise UsageError(f"{path}: no plain file", hint="`git fsck` there says more")
    with path.open("rb") as file:
        content = file.read(longest + 1)
    if len(content) > longest:
        raise UsageError(f"{path}: longer than {longest} bytes")
    return content


def _values(config: bytes, settings: Settings) -> Iterator[tuple[str, str]]:
    """The keys and values that are taken from a configuration; what it includes is not read."""
    words = ("config", "--no-includes", "--file", "-", "--null", "--get-regexp", _DATA)
    done = plumbing.run(
        words, settings, cwd=settings.cache, check=False, stdin=config, capture=True
    )
    if done.status not in (0, 1):  # 1: there is none
        raise plumbing.failure(done.argv, done.status, done.tail, settings.cache)
    for record in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
        key, _, value = record.partition("\n")
        if key:
            yield key, value


def _written(values: list[tuple[str, str]]) -> str:
    """The text of a configuration."""
    newer = any(key.startswith("extensions.") for key, _ in values)
    text = f"[core]\n\trepositoryformatversion = {int(newer)}\n\tbare = true\n"
    for key, value in values:
        section, _, rest = key.partition(".")
        middle, _, last = rest.rpartition(".")
        title = f'{section} "{_escaped(middle)}"' if middle else section
        text += f'[{title}]\n\t{last} = "{_escaped(value)}"\n'
    return text


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPED[found[0]], text)


def _link(link: Path, target: Path) -> None:
    target = target.resolve()
    if link.is_symlink() and link.readlink() == target:
        return
    if not target.exists():
        link.unlink(missing_ok=True)
        return
    made = link.with_name(f".{link.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    made.symlink_to(target)
    made.replace(link)
