# SPDX-License-Identifier: GPL-2.0-or-later
"""``bisect.log``: certain verdicts as ``git bisect replay`` takes them, and logs of git's. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from patchtool.bisect.values import Verdict
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchtool.bisect.between import Between, Words

FILE_NAME = "bisect.log"
_TERMS = {
    "--term-old=": Verdict.GOOD,
    "--term-good=": Verdict.GOOD,
    "--term-new=": Verdict.BAD,
    "--term-bad=": Verdict.BAD,
}


def bisect_log(
    between: Between,
    verdicts: Mapping[str, Verdict],
    words: Words,
    *,
    first_parent: bool = False,
    paths: Sequence[str] = (),
    culprit: str = "",
) -> str:
    """The text of the log.

    Args:
        between: The commits.
        verdicts: What is certain, by hash, in the order it became so; the ends among them.
        words: How git is to call the ends.
        first_parent: As git is to search.
        paths: As git is to search.
        culprit: The first bad commit, where it was found.
    """
    return "\n".join(_lines(between, verdicts, words, first_parent, paths, culprit)) + "\n"


def _lines(
    between: Between,
    verdicts: Mapping[str, Verdict],
    words: Words,
    first_parent: bool,
    paths: Sequence[str],
    culprit: str,
) -> Iterator[str]:
    options = []
    if (words.good, words.bad) != ("good", "bad"):
        options += [f"--term-new={words.bad}", f"--term-old={words.good}"]
    if first_parent:
        options.append("--first-parent")
    if paths:
        options += ["--", *paths]
    yield " ".join(["git bisect start", *map(_quoted, options)])
    for name, verdict in verdicts.items():
        word = {Verdict.GOOD: words.good, Verdict.BAD: words.bad}.get(verdict, "skip")
        yield f"# {word}: [{name}] {between.subjects.get(name, '')}"
        yield f"git bisect {word} {name}"
    if culprit:
        yield f"# first {words.bad} commit: [{culprit}] {between.subjects[culprit]}"


def _quoted(word: str) -> str:
    """As git quotes a word, and reads it again (quote.c): always, and ``!`` apart."""
    return "'" + word.replace("'", "'\\''").replace("!", "'\\!'") + "'"


def verdicts_in(text: str) -> tuple[tuple[str, Verdict], ...]:
    """What a log of ``git bisect log`` says of commits, by the names it has for them.

    Raises:
        UsageError: It is no such log.
    """
    words = {"good": Verdict.GOOD, "old": Verdict.GOOD, "bad": Verdict.BAD, "new": Verdict.BAD}
    words["skip"] = Verdict.SKIP
    found: list[tuple[str, Verdict]] = []
    begun = False
    for number, line in enumerate(text.splitlines(), 1):
        rest = line.strip().removeprefix("git bisect ").removeprefix("git-bisect ")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            verb, *names = shlex.split(rest)
        except ValueError:
            verb, names = "", []
        if verb == "start":
            begun = True
            for name in names:
                for option, verdict in _TERMS.items():
                    if name.startswith(option):
                        words[name.removeprefix(option)] = verdict
        elif verb in words and rest != line.strip():
            found += [(name, words[verb]) for name in names]
        else:
            raise UsageError(f"line {number} is not of a `git bisect log`: {line[:60]!r}")
    if not begun:
        raise UsageError("not what `git bisect log` prints: it has no `git bisect start`")
    return tuple(found)
