# SPDX-License-Identifier: GPL-2.0-or-later
"""GitPython, with the environment of our other programs in place of our own.

GitPython hands the whole environment of its process on to git, and its ``Repo`` looks into it as
well (``GIT_COMMON_DIR``, ``GIT_WORK_TREE``, ``GIT_OBJECT_DIRECTORY``). Where patchtool runs from a
hook, that would turn our commands on the user's repository. A variable can be added to what git
gets, but none be taken away; so git is started by ``env -i``, which becomes git. Without a
``Repo`` there is nothing else that looks: the repository is named by ``GIT_DIR``.

Only :mod:`patchtool.tree.plumbing` imports this, and late, since GitPython asks for git when
it is imported.
"""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from git import Git

from patchtool.core import programs

if TYPE_CHECKING:
    from collections.abc import Sequence

#: By its path: the user's PATH need not have it (POSIX scripts count on it being there).
_CLEAN = ("/usr/bin/env", "-i")


class CleanGit(Git):
    """Git commands as GitPython runs them, but in an environment made from nothing."""

    def execute(self, command: str | Sequence[Any], *options: Any, **named: Any) -> Any:
        """Run one command, given as a list; see GitPython for the rest."""
        env = programs.environment(self.environment())
        words = [f"{name}={value}" for name, value in env.items()]
        return super().execute([*_CLEAN, *words, *command], *options, **named)


def git_words(command: Sequence[str]) -> list[str]:
    """The words of a command that :class:`CleanGit` ran, from git on."""
    return list(dropwhile(lambda word: word in _CLEAN or "=" in word, command))
