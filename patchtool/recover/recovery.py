# SPDX-License-Identifier: GPL-2.0-or-later
"""From a posting on a page to the series as it was, as far as it can be recovered. Pure."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from patchtool.errors import SeriesError
from patchtool.intake.pages.undo import hidden
from patchtool.recover.fill import PATIENT, SHORT, Filled, fill
from patchtool.recover.fragment import DamagedDiff, Effort, has_hash, is_hash, take_apart
from patchtool.recover.record import FileRecovery, From, PatchRecovery, Verdict, suspects
from patchtool.recover.sheet import Donors
from patchtool.recover.structure import readings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.core.progress import Progress
    from patchtool.intake.pages.posting import PostedPatch, Posting
    from patchtool.recover.structure import Structure


class Files(Protocol):
    """Where old files come from."""

    def by_path(self, path: str) -> bytes | None:
        """The file of that path at the base commit; None if there is none."""

    def by_blob(self, prefix: str) -> bytes | None:
        """The blob of that abbreviated hash; None if there is none."""


class NoFiles:
    """Without a tree there are none."""

    def by_path(self, path: str) -> bytes | None:  # noqa: ARG002 (the protocol's signature)
        """Nothing."""
        return None

    by_blob = by_path


def recover(posting: Posting, files: Files, progress: Progress) -> tuple[PatchRecovery, ...]:
    """Recover a posting's patches in order; each file starts from what the patch before left."""
    state = _State(files)
    headers = [tuple(_headers(patch)) for patch in posting.patches]
    found: list[FileRecovery] = []
    ends = []
    for at, patch in enumerate(posting.patches, 1):
        progress.update(patch.subject, at, len(posting.patches))
        later: dict[str, str] = {}
        for diff in (diff for after in headers[at:] for diff in after):
            if diff.old_path and diff.old_blob and is_hash(diff.old_blob):
                later.setdefault(diff.old_path, diff.old_blob)
        found += state.patch(patch.letter.diffs, later)
        ends.append(len(found))
    for at in suspects(found):
        reason = f"{found[at].reason}, though every other file is proved"
        found[at] = replace(found[at], verdict=Verdict.INDEX_SUSPECT, reason=reason)
    return tuple(
        PatchRecovery(patch, tuple(found[start:end]))
        for patch, start, end in zip(posting.patches, [0, *ends], ends, strict=False)
    )


def _headers(patch: PostedPatch) -> Iterator[DamagedDiff]:
    """The headers of its file diffs, where they can be read."""
    for text in patch.letter.diffs:
        with suppress(SeriesError):
            yield take_apart(text)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file diff whose lines are known, and what earlier searches tried for it."""

    diff: DamagedDiff
    old: bytes | None
    base: From
    exact: bool
    structures: Sequence[Structure]
    failure: str
    hashed: set[str] = field(default_factory=set)

    def found(
        self, verdict: Verdict, reason: str, structure: Structure | None = None
    ) -> FileRecovery:
        """What is known of it, with this verdict; of no *structure*: as the likeliest is."""
        diff = self.diff
        structure = structure or next(iter(self.structures), None)
        hunks = structure.hunks if structure else ()
        lines = [line for hunk in hunks for line in hunk.lines]
        notes = []
        if self.base is From.PATH and is_hash(diff.old_blob):
            notes.append(f"needs blob {diff.old_blob}; the tree has another version of the file")
        notes += [
            f"hunk {number} of {len(diff.hunks)} fits {hunk.offset:+d} lines away"
            for number, hunk in enumerate(hunks, 1)
            if hunk.offset
        ]
        words = b" ".join(word for line in lines if line.mark == "+" for word in line.pieces)
        masked = hidden(words.decode("utf-8", "replace"))
        notes += [f"masked for good in an added line: {one}" for one in masked]
        if structure is not None:
            structure = replace(structure, new_blob=diff.new_blob)
        return FileRecovery(
            diff.path, verdict, reason=reason, base=self.base, exact_base=self.exact,
            added=sum(line.mark == "+" for line in lines),
            removed=sum(line.mark == "-" for line in lines),
            old_blob=diff.old_blob, new_blob=diff.new_blob, hunks=len(diff.hunks),
            notes=tuple(notes), structure=structure, extended=diff.extended,
        )  # fmt: skip

    def filled(self, filled: Filled, reason: str = "") -> FileRecovery:
        """The same, of what a search found."""
        if not self.exact:
            reason = "the diff names no blob to prove it with"
            if is_hash(self.diff.old_blob):
                made = " by an earlier patch that is not proved"
                reason = f"no proof without blob {self.diff.old_blob}"
                reason += made if self.base is From.SERIES else ""
        verdict = Verdict.PROVED if filled.proved else Verdict.CONSISTENT
        return replace(
            self.found(verdict, reason or filled.reason, filled.structure), content=filled.content,
            bits=round(filled.bits, 1), lines=filled.lines, tried=filled.tried, open=filled.open,
            literals=filled.literals,
        )  # fmt: skip


class _State:
    """The files as the patches so far have left them, and the lines that are known of them."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.made: dict[str, bytes] = {}
        self.gone: set[str] = set()
        self.proved: list[bytes] = []
        self.removed: list[bytes] = []
        self.lent: list[bytes] = []

    def patch(self, diffs: Sequence[bytes], later: dict[str, str]) -> list[FileRecovery]:
        """Recover the file diffs of one patch.

        Those that a short search does not prove are looked at again when all were: the lines of
        the files that it did prove are known by then. A *later* patch may name a path's blob.
        """
        found: list[FileRecovery] = []
        reads: dict[str, tuple[int, _Read]] = {}
        for number, text in enumerate(diffs, 1):
            try:
                read = self.read(take_apart(text), Effort(len(text)))
            except SeriesError as error:
                name = f"file diff {number}"
                found.append(FileRecovery(name, Verdict.FAILED, reason=str(error)))
                continue
            if (path := read.diff.path) in reads:
                why = f"{path}: changed twice in one patch"
                found.append(FileRecovery(path, Verdict.FAILED, reason=why))
                continue
            reads[path] = len(found), read
            found.append(read.found(Verdict.FAILED, read.failure))
            for hunk in read.structures[0].hunks if read.structures else ():
                self.removed += (line.text or b"" for line in hunk.lines if line.mark == "-")
        for at, read in reads.values():
            found[at] = self.recovered(read, SHORT, None)
            self.take(read.diff, found[at])
        # The file with the fewest open places first: once proved, its lines help with the others.
        for at, read in sorted(reads.values(), key=lambda entry: len(found[entry[0]].open)):
            unsure = read.exact and found[at].verdict is Verdict.CONSISTENT
            if unsure and is_hash(read.diff.new_blob):
                found[at] = self.recovered(read, PATIENT, later.get(read.diff.path))
                self.take(read.diff, found[at])
        return found

    def read(self, diff: DamagedDiff, effort: Effort) -> _Read:
        """Tell the lines of a file diff, from the counts alone where the old file does not fit."""
        old, base, exact = self.base(diff)
        failure = ""
        for one in (old,) if old is None or exact else (old, None):
            try:
                return _Read(diff, one, base, exact, readings(diff, one, effort), failure)
            except SeriesError as error:
                failure = failure or str(error)
        return _Read(diff, old, base, exact, (), failure)

    def base(self, diff: DamagedDiff) -> tuple[bytes | None, From, bool]:
        """The old file, where it is from, and whether it is the one that the index line names."""
        path, blob = diff.old_path, diff.old_blob
        if path is None:
            return b"", From.NEW, True
        if path in self.made:
            return self.made[path], From.SERIES, has_hash(self.made[path], blob)
        if blob is not None and is_hash(blob) and (found := self.files.by_blob(blob)) is not None:
            return found, From.BLOB, True
        content = None if path in self.gone else self.files.by_path(path)
        return content, From.PATH if content is not None else From.NOTHING, False

    def take(self, diff: DamagedDiff, found: FileRecovery) -> None:
        """Keep what a file diff made."""
        if (diff.new_path is None or diff.renames) and diff.old_path:
            self.gone.add(diff.old_path)
            self.made.pop(diff.old_path, None)
        if found.content is not None and diff.new_path:
            self.made[diff.new_path] = found.content
            if found.verdict is Verdict.PROVED:
                self.proved.append(found.content)
                self.lent += found.lines

    def recovered(self, read: _Read, budget: int, later: str | None) -> FileRecovery:
        """Fill in what is open in one file diff, and judge it; a *later* patch names its result."""
        diff, new = read.diff, read.diff.new_blob or ""
        if read.old is None or not read.structures:
            why, verdict = read.failure, Verdict.FAILED
            if read.old is None and read.base is not From.NOTHING:
                verdict = Verdict.BASE_MISSING
            if read.structures:
                verdict = Verdict.BASE_MISSING
                blob = f"blob {diff.old_blob}" if is_hash(diff.old_blob) else diff.old_path
                why = f"{why}; needs {blob}" if why else f"needs {blob}"
                why += "; the lines are told from the counts alone"
            return read.found(verdict, why)
        if diff.new_path is None and read.exact:
            found = read.found(Verdict.PROVED, "")
            return replace(found, content=b"", bits=4.0 * len(diff.old_blob or ""))
        if not diff.hunks:  # a new name or mode, or an empty file
            proved = is_hash(new) and has_hash(read.old, new)
            found = read.found(Verdict.PROVED if proved else Verdict.CONSISTENT, "")
            return replace(found, content=read.old, bits=4.0 * len(new) * proved)
        if (known := self.known(read)) is not None:
            return known
        donors = Donors.of((read.old, *self.proved), self.removed, self.lent)
        # With another old file no new one can have the hash.
        blob = diff.new_blob if read.exact else None
        structures = [replace(one, new_blob=blob) for one in read.structures]
        filled = fill(structures, donors, budget=budget, seen=read.hashed)
        same = not later or later.startswith(new) or new.startswith(later)
        if read.exact and not (filled.proved or same):
            named = [replace(one, new_blob=later) for one in structures]
            other = fill(named, donors, budget=budget)
            if other.proved:
                return read.filled(
                    other, f"a later patch names it {later}; its own index line ({new}) is wrong"
                )
        return read.filled(filled)

    def known(self, read: _Read) -> FileRecovery | None:
        """The file as the tree has it, if it has the new blob, with the words of a reading."""
        blob = read.diff.new_blob or ""
        content = self.files.by_blob(blob) if is_hash(blob) and read.diff.new_path else None
        if content is None:
            return None
        for structure in read.structures:
            if (added := _taken(structure, content.split(b"\n"))) is not None:
                found = read.found(Verdict.PROVED, "the tree has the new blob", structure)
                return replace(found, content=content, bits=4.0 * len(blob), lines=added, tried=1)
        return None


def _taken(structure: Structure, lines: Sequence[bytes]) -> tuple[bytes, ...] | None:
    """The added lines of a structure from the new file; None if that has other words."""
    added: list[bytes] = []
    for hunk in structure.hunks:
        start = hunk.new_start - (hunk.new_count > 0)
        kept = [line for line in hunk.lines if line.mark != "-"]
        texts = lines[start : start + hunk.new_count]
        if [tuple(text.split()) for text in texts] != [line.pieces for line in kept]:
            return None
        added += (text for text, line in zip(texts, kept, strict=True) if line.mark == "+")
    return tuple(added)
