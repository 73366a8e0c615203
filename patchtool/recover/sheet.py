# SPDX-License-Identifier: GPL-2.0-or-later
"""The new file of a structure, line by line, with the added lines still to be written.

What is known of the file besides its words: the step by which it indents, where each line stands;
and of an added line: the removed line that it takes the place of, and the same words elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from patchtool.core.columns import TAB, indent_of, reach, width
from patchtool.recover.syntax import Place, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchtool.recover.structure import HunkLine, Structure

#: Lines above and below the change that are looked at.
_ABOVE, _BELOW = 200, 160
#: Removed lines looked at for an added one, and how many words they must share.
_NEAR, _LIKE = 60, 0.4
_C = (".c", ".h", ".cc", ".cpp", ".hpp", ".S", ".y", ".l")
Pieces = tuple[bytes, ...]
_STEPS = (2, 3, 4, 8)
#: What an entry of a Kconfig file begins with, and its help.
_ENTRIES = frozenset(
    b"config menuconfig choice endchoice menu endmenu if endif comment source mainmenu".split()
)
_HELP = frozenset([b"help", b"---help---"])


@dataclass(frozen=True, slots=True)
class Style:
    """How a file indents: columns of one step, and whether eight columns become a tab."""

    step: int
    tabs: bool

    def moved(self, indent: bytes, steps: int) -> bytes:
        """*indent*, so many steps deeper (or less deep)."""
        if steps == 0:
            return indent
        if self.tabs and self.step == TAB and not indent.strip(b"\t"):
            return b"\t" * max(0, len(indent) + steps)
        return reach(0, max(0, width(indent) + steps * self.step), tabs=self.tabs)


#: The styles a new file may have, and what each costs in bits where nothing else is known.
STYLES = ((Style(TAB, tabs=True), 1.0), (Style(4, tabs=False), 2.5), (Style(2, tabs=False), 3.0),
          (Style(TAB, tabs=False), 6.0))  # fmt: skip


def style_of(texts: Iterable[bytes]) -> Style:
    """The style of a file, from its lines; tabs where they do not tell."""
    tabs = blanks = before = 0
    steps: Counter[int] = Counter()
    opened = False
    for text in texts:
        bare = text.strip()
        if not bare or bare[:1] in b"*#":
            continue
        tabs += text[:1] == b"\t"
        blanks += text[:2] == b"  "
        here = width(indent_of(text))
        steps[here - before] += opened
        before, opened = here, bare.endswith(b"{")
    if not tabs and not blanks:
        return Style(TAB, tabs=True)
    likely = max(_STEPS, key=lambda step: (steps[step], step))
    if not steps[likely]:
        likely = TAB if tabs > blanks else 4
    return Style(likely, tabs=tabs > blanks if likely == TAB else tabs * 4 > blanks)


@dataclass(frozen=True, slots=True)
class Donors:
    """Lines that may have been moved or copied, by their words, and the files they came from.

    Lines *lent* are those alone that the series adds to files that are proved, by their words
    without what ends a declaration or opens a body.
    """

    lines: dict[Pieces, bytes]
    lent: dict[bytes, bytes]
    texts: tuple[bytes, ...]

    @classmethod
    def of(
        cls, texts: Iterable[bytes], lines: Iterable[bytes] = (), lent: Iterable[bytes] = ()
    ) -> Donors:
        """Take whole *texts* (base files, files proved), removed *lines*, and lines *lent*."""
        kept = tuple(texts)
        found: dict[Pieces, bytes] = {}
        for line in (*lines, *(line for text in kept for line in text.split(b"\n"))):
            if pieces := tuple(line.split()):
                found.setdefault(pieces, line)
        return cls(found, {_bare(line.split()): line for line in lent}, kept)

    def lending(self, pieces: Pieces) -> bytes | None:
        """A line that the same author wrote with nearly these words, if it stands at tabs alone.

        What is aligned under a parenthesis would stand elsewhere in another declaration.
        """
        line = self.lent.get(_bare(pieces))
        return line if line is not None and not indent_of(line).strip(b"\t") else None


def _bare(pieces: Sequence[bytes]) -> bytes:
    return b" ".join(pieces).rstrip(b";{, \\")


@dataclass(slots=True)
class Sheet:
    """The new file.

    Attributes:
        texts: Its lines; an added line is None until it is written.
        added: What the structure says of the added lines, in order.
        alike: An added line -> the removed line it most likely stands for, or None.
        neat: How its author is taken to pad every list, table and macro to one column:
            ``tabs`` (to a tab stop) or ``blanks``; empty if they need not be padded.
        ends: Whether the last line has a line end.
        dos: Whether the known lines end in a carriage return.
        loose: The share of lines that end in white space.
        kinds: The kinds of a line's gaps, once they were looked at.
        lists: Whether it has rows that may be padded to a column of their own.
    """

    texts: list[bytes | None]
    pieces: list[Pieces]
    added: dict[int, HunkLine]
    places: list[Place]
    alike: dict[int, bytes | None]
    style: Style
    neat: str
    donors: Donors
    ends: bool
    dos: bool
    loose: float
    kinds: dict[int, list[str]] = field(default_factory=dict)
    lists: bool = False

    def text(self, line: int) -> bytes:
        """A line as it is written so far."""
        return self.texts[line] or b""

    def before(self, line: int) -> int:
        """The last line above *line* that is not empty; -1 if there is none."""
        line -= 1
        while line >= 0 and not self.pieces[line]:
            line -= 1
        return line

    def after(self, line: int) -> int:
        """The next line below *line* that is known and not empty; -1 if there is none."""
        for below in range(line + 1, min(line + 400, len(self.texts))):
            if self.pieces[below] and below not in self.added:
                return below
        return -1


def sheet_of(
    structure: Structure, donors: Donors, style: Style | None = None, *, neat: str = ""
) -> Sheet:
    """Lay the hunks of *structure* over its base; *style* is what a new file is to have."""
    old = (structure.base or b"").split(b"\n")
    ends = not old[-1]
    if ends:
        del old[-1]
    texts: list[bytes | None] = []
    pieces: list[Pieces] = []
    added: dict[int, HunkLine] = {}
    alike: dict[int, bytes | None] = {}
    at = 0
    for hunk in structure.hunks:
        kept = old[at : hunk.above]
        texts += kept
        pieces += [tuple(line.split()) for line in kept]
        at = hunk.above + hunk.old_count
        for context, run in groupby(hunk.lines, key=lambda line: line.mark == " "):
            lines = list(run)
            group = [line for line in lines if line.mark != "-"]
            if not context:
                removed = [line.text or b"" for line in lines if line.mark == "-"]
                rows = range(len(texts), len(texts) + len(group))
                added.update(zip(rows, group, strict=True))
                alike.update(zip(rows, _paired(group, removed), strict=True))
            texts += [line.text for line in group]
            pieces += [line.pieces for line in group]
    texts += old[at:]
    pieces += [tuple(line.split()) for line in old[at:]]
    if at >= len(old) and structure.hunks and structure.hunks[-1].lines:
        ends = ends or structure.hunks[-1].lines[-1].mark == "+"
    path = structure.new_path or structure.old_path or ""
    where = [Place("statement")] * len(texts)
    if not path.endswith(_C):
        where = plain_places(pieces, path)
    elif added:
        top, end = _around(texts, min(added), max(added))
        where[top:end] = places([b" ".join(one) for one in pieces[top:end]], top)
    dos = bool(old) and 2 * sum(line[-1:] == b"\r" for line in old) > len(old)
    loose = min(0.98, (sum(line[-1:].isspace() for line in old) + 0.05) / (len(old) + 20))
    return Sheet(texts, pieces, added, where, alike, style or style_of(old), neat, donors,
                 ends or not structure.base, dos, loose)  # fmt: skip


def plain_places(pieces: Sequence[Pieces], path: str) -> list[Place]:
    """The place of each line of a file that is no C: a Kconfig file, a makefile, text."""
    if not path.rpartition("/")[2].startswith("Kconfig"):
        return [Place("text")] * len(pieces)
    found = []
    parent, kind = -1, "text"
    for at, words in enumerate(pieces):
        first = words[0] if words else b""
        begins = first in _ENTRIES and not (kind == "help" and len(words) > 4)
        parent = at if begins else parent
        found.append(Place("text" if begins else kind, parent))
        if begins:
            kind = "attribute"
        elif first in _HELP and kind == "attribute":
            parent, kind = at, "help"
    return found


def _around(texts: Sequence[bytes | None], first: int, last: int) -> tuple[int, int]:
    """The lines to look at: from the end of a function well above the change to below it."""
    start = max(0, first - _ABOVE)
    while start > 0 and (texts[start] or b"")[:1] != b"}":
        start -= 1
    return start, min(len(texts), last + _BELOW)


def _paired(new: Sequence[HunkLine], gone: Sequence[bytes]) -> Iterator[bytes | None]:
    """For each added line the removed line there with most of its words; the nearest of several."""
    twin = 0.05 * (len(new) == len(gone))
    for number, line in enumerate(new):
        best: tuple[float, bytes | None] = (_LIKE, None)
        words = Counter(line.pieces)
        low = max(0, number * len(gone) // len(new) - _NEAR)
        for other, text in enumerate(gone[low : low + 2 * _NEAR], low):
            pieces = text.split()
            shared = 2 * sum((words & Counter(pieces)).values())
            likeness = shared / (len(line.pieces) + len(pieces) or 1)
            likeness += twin * (other == number) - 0.01 * min(5, abs(other - number))
            best = max(best, (likeness, text), key=itemgetter(0))
        yield best[1]
