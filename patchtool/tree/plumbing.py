# SPDX-License-Identifier: GPL-2.0-or-later
"""How git is called: one configuration of our own, one environment, our errors.

Two ways, on purpose. What only asks a repository (revisions, blobs, trees) goes through
GitPython, opened and closed at once by :func:`opened`: these commands end by themselves
within moments. What changes a worktree or may take long (checkout, am, clone) goes through
:mod:`patchtool.core.process`, because GitPython's children outlive a patchtool that is killed,
and would then fight with the next run over its worktree.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import process, programs
from patchtool.core.durable import write_atomic
from patchtool.core.text import command_line
from patchtool.errors import CommandError, CommandTimeout, DiskFull, UsageError
from patchtool.tree import partial_clone
from patchtool.tree.kernel_tree import find_git_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from git import Git

    from patchtool.core.process import Completed
    from patchtool.core.settings import Settings

IDENTITY = ("patchtool", "patchtool@localhost")

#: All of the configuration git sees besides a repository's own: no hooks, no signing, no
#: conversions, no clean-up in the background. The repositories that git runs on are patchtool's
#: own, so git may go on refusing those of somebody else.
CONFIG = """\
# written by patchtool; what git gets in place of the user's and the system's configuration
[core]
\thooksPath = /dev/null
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tautocrlf = false
\tsafecrlf = false
\tfsmonitor = false
\tlogAllRefUpdates = false
\tcompression = 1
[init]
\tdefaultBranch = main
\ttemplateDir =
[gc]
\tauto = 0
[maintenance]
\tauto = false
[commit]
\tgpgSign = false
[tag]
\tgpgSign = false
[rerere]
\tenabled = false
[advice]
\tdetachedHead = false
[protocol "file"]
\tallow = always
"""
#: What GitPython says in place of a command's own words after it has ended it.
TIMED_OUT = re.compile(r"Timeout: the command")
_NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|disk full", re.IGNORECASE)


def environment(settings: Settings) -> dict[str, str]:
    """The variables every git command gets; writes the configuration they name."""
    path = settings.cache / "gitconfig"
    if not path.is_file() or path.read_text(encoding="utf-8") != CONFIG:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, CONFIG)
    name, address = IDENTITY
    return {
        "GIT_CONFIG_GLOBAL": str(path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",  # nothing is fetched, whatever a tree is set up for
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": address,
    }


@dataclass(frozen=True, slots=True)
class Questions:
    """An open repository that can be asked.

    Attributes:
        git: GitPython's commands on it.
        timeout: Seconds one command may take.
    """

    git: Git
    timeout: float

    def ask(self, verb: str, *words: str, env: Mapping[str, str] | None = None) -> str:
        """What ``git VERB WORDS`` prints, without the last line end.

        Raises:
            CommandError: It failed (raised by the block of :func:`opened`).
        """
        command = getattr(self.git, verb.replace("-", "_"))
        with self.git.custom_environment(**(env or {})):
            return str(command(*words, kill_after_timeout=self.timeout))

    def find(self, name: str) -> str:
        """The hash of the object *name*, or an empty string where there is none."""
        words = ("--verify", "--quiet", "--end-of-options", name)
        status, out, _ = self.git.rev_parse(
            *words, with_extended_output=True, with_exceptions=False
        )
        return str(out).strip() if status == 0 else ""

    def blob(self, name: str) -> bytes:
        """The content of a blob, such as ``HEAD:Makefile``."""
        content = self.git.cat_file(
            "blob",
            name,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            kill_after_timeout=self.timeout,
        )
        assert isinstance(content, bytes)
        return content


@contextmanager
def open_repository(git_dir: Path, settings: Settings) -> Iterator[Questions]:
    """A repository, for questions that git answers at once.

    Raises:
        UsageError: It is no git repository.
        CommandError: git failed.
        CommandTimeout: git did not end within ``settings.git_timeout``.
        ToolMissing: git is not installed.
    """
    programs.require("git")  # GitPython fails to import without it
    from git import GitCommandError

    from patchtool.tree.gitpython import CleanGit

    if find_git_dir(git_dir) is None:
        raise UsageError(f"{git_dir}: not a git repository")
    git = CleanGit(str(git_dir))
    git.update_environment(**environment(settings), GIT_DIR=str(git_dir), GIT_OPTIONAL_LOCKS="0")
    try:
        yield Questions(git, settings.git_timeout)
    except GitCommandError as error:
        raise _translated(error, settings.git_timeout, git_dir) from None
    finally:
        git.clear_cache()  # ends the programs it keeps for more questions


def _translated(error: Exception, timeout: float, where: Path) -> Exception:
    from patchtool.tree.gitpython import git_words

    argv = git_words([str(word) for word in getattr(error, "command", ["git"])])
    text = str(getattr(error, "stderr", "")).strip().removeprefix("stderr: '").removesuffix("'")
    if TIMED_OUT.search(text):
        return CommandTimeout(argv, timeout, command_line(argv))
    status = getattr(error, "status", None)
    return failure(argv, status if isinstance(status, int) else 1, text, where)


def run(
    arguments: Sequence[str | Path],
    settings: Settings,
    *,
    cwd: Path,
    check: bool = True,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    capture: bool = False,
    timeout: float | None = None,
) -> Completed:
    """Run a git command that changes something or may take long, to its end.

    Args:
        timeout: Seconds it may take; ``settings.git_timeout`` if None.

    Raises:
        CommandError: It failed.
        CommandTimeout: It did not end in time.
        DiskFull: No space was left for it.
        ToolMissing: git is not installed.
    """
    done = process.run(
        ["git", *arguments],
        cwd=cwd,
        timeout=settings.git_timeout if timeout is None else timeout,
        check=False,
        env={**environment(settings), **(env or {})},
        stdin=stdin,
        capture=capture,
    )
    where = Path((env or {}).get("GIT_DIR") or cwd)
    error = failure(done.argv, done.status, done.tail, where)
    if done.status != 0 and (check or isinstance(error, DiskFull)):
        raise error
    return done


def failure(argv: Sequence[str], status: int, text: str, where: Path) -> CommandError | DiskFull:
    """The error for a git command that ended with a bad *status* in the repository *where*."""
    if _NO_SPACE.search(text):
        return DiskFull(str(where))
    return partial_clone.missing(argv, status, text, where) or CommandError(argv, status, text)


def batch(data: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Hash, type and content of each object that ``git cat-file --batch`` printed.

    Objects that are missing are left out.
    """
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        fields = data[at:end].decode("ascii", "replace").split()
        at = end + 1
        if len(fields) == 3 and fields[2].isdigit():
            size = int(fields[2])
            yield fields[0], fields[1], data[at : at + size]
            at += size + 1
