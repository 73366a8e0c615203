# SPDX-License-Identifier: GPL-2.0-or-later
"""``bisect.log``: the certain verdicts of a search, as ``git bisect replay`` takes them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchtool.bisect.values import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchtool.bisect.between import Between, Words

FILE_NAME = "bisect.log"


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
