# SPDX-License-Identifier: GPL-2.0-or-later
"""From a posting on a page to the series as it was, as far as it can be recovered. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from patchtool.errors import SeriesError
from patchtool.recover.fill import PATIENT, SHORT, Filled, fill
from patchtool.recover.fragment import DamagedDiff, Effort, has_hash, is_hash, take_apart
from patchtool.recover.sheet import Donors
from patchtool.recover.structure import readings
from patchtool.recover.undo import hidden
from patchtool.recover.verdict import APPLIES, FileRecovery, From, Verdict, suspects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchtool.core.progress import Progress
    from patchtool.recover.posting import PostedPatch, Posting
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


@dataclass(frozen=True, slots=True)
class PatchRecovery:
    """A patch as the page has it, and its file diffs, recovered, in order."""

    posted: PostedPatch
    files: tuple[FileRecovery, ...]

    @property
    def applies(self) -> bool:
        """Whether every file diff of it can be applied."""
        return bool(self.files) and all(each.verdict in APPLIES for each in self.files)


def recover(posting: Posting, files: Files, progress: Progress) -> tuple[PatchRecovery, ...]:
    """Recover a posting's patches in order; each file starts from what the patch before left."""
    state = _State(files)
    named = [list(_named(patch)) for patch in posting.patches]
    made: list[list[FileRecovery]] = []
    for at, patch in enumerate(posting.patches):
        progress.update(patch.subject, at + 1, len(posting.patches))
        later: dict[str, str] = {}
        for diffs in named[at + 1 :]:
            for diff in diffs:
                if diff.old_path and diff.old_blob and is_hash(diff.old_blob):
                    later.setdefault(diff.old_path, diff.old_blob)
        made.append(state.patch(patch.letter.diffs, later))
    everything = [one for files_of in made for one in files_of]
    for at in suspects(everything):
        reason = f"{everything[at].reason}, though every other file is proved"
        everything[at] = replace(everything[at], verdict=Verdict.INDEX_SUSPECT, reason=reason)
    rest = iter(everything)
    return tuple(
        PatchRecovery(patch, tuple(next(rest) for _ in each))
        for patch, each in zip(posting.patches, made, strict=True)
    )


def _named(patch: PostedPatch) -> Iterator[DamagedDiff]:
    """The headers of its file diffs, where they can be read."""
    for text in patch.letter.diffs:
        try:
            yield take_apart(text)
        except SeriesError:
            continue


@dataclass(frozen=True, slots=True)
class _Read:
    """A file diff whose lines are known, and what earlier searches tried for it."""

    diff: DamagedDiff
    base: bytes | None
    base_from: From
    exact: bool
    structures: Sequence[Structure]
    failure: str
    hashed: set[str] = field(default_factory=set)

    def found(
        self, verdict: Verdict, reason: str, content: bytes | None = None, *,
        structure: Structure | None = None, bits: float = 0.0,
    ) -> FileRecovery:  # fmt: skip
        """What is known of it, with this verdict."""
        diff = self.diff
        if structure is None and self.structures:
            structure = self.structures[0]
        notes = []
        if self.base_from is From.PATH and is_hash(diff.old_blob):
            notes.append(f"needs blob {diff.old_blob}; the tree has another version of the file")
        words: list[bytes] = []
        for number, hunk in enumerate(structure.hunks if structure else (), 1):
            if hunk.offset:
                notes.append(f"hunk {number} of {len(diff.hunks)} fits {hunk.offset:+d} lines away")
            words += (piece for line in hunk.lines if line.mark == "+" for piece in line.pieces)
        masked = b" ".join(word for word in words if b"@x" in word).decode("utf-8", "replace")
        notes += [f"masked for good in an added line: {one}" for one in hidden(masked)]
        if structure is not None:
            structure = replace(structure, new_blob=diff.new_blob)
        return FileRecovery(
            diff.path, verdict, reason, self.base_from, self.exact, bits, structure=structure,
            content=content, old_blob=diff.old_blob, new_blob=diff.new_blob, hunks=len(diff.hunks),
            notes=tuple(notes), extended=diff.extended,
        )  # fmt: skip

    def filled(self, filled: Filled, reason: str = "") -> FileRecovery:
        """The same, of what a search found."""
        if not self.exact:
            made = " by an earlier patch that is not proved"
            reason = "the diff names no blob to prove it with"
            if is_hash(self.diff.old_blob):
                reason = f"no proof without blob {self.diff.old_blob}"
                reason += made if self.base_from is From.SERIES else ""
        verdict = Verdict.PROVED if filled.proved else Verdict.CONSISTENT
        found = self.found(verdict, reason or filled.reason, filled.content,
                           structure=filled.structure, bits=filled.bits)  # fmt: skip
        return replace(found, lines=filled.lines, tried=filled.tried, open=filled.open,
                       literals=filled.literals)  # fmt: skip


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
                found.append(FileRecovery(f"file diff {number}", Verdict.FAILED, str(error)))
                continue
            path = read.diff.path
            if path in reads:
                why = f"{path}: changed twice in one patch"
                found.append(FileRecovery(path, Verdict.FAILED, why))
                continue
            reads[path] = len(found), read
            found.append(read.found(Verdict.FAILED, read.failure))
            if read.structures:
                self.removed += (one for hunk in read.structures[0].hunks for one in hunk.removed)
        for at, read in reads.values():
            found[at] = self.recovered(read, SHORT, None)
            self.take(read.diff, found[at])
        # The file with the fewest open places first: once proved, its lines help with the others.
        for at, read in sorted(reads.values(), key=lambda entry: len(found[entry[0]].open)):
            if (
                read.exact
                and found[at].verdict is Verdict.CONSISTENT
                and is_hash(read.diff.new_blob)
            ):
                found[at] = self.recovered(read, PATIENT, later.get(read.diff.path))
                self.take(read.diff, found[at])
        return found

    def read(self, diff: DamagedDiff, effort: Effort) -> _Read:
        """Tell the lines of a file diff, from the counts alone where the old file does not fit."""
        base, base_from, exact = self.base(diff)
        failure = ""
        for old in (base,) if base is None or exact else (base, None):
            try:
                return _Read(diff, old, base_from, exact, readings(diff, old, effort), failure)
            except SeriesError as error:
                failure = failure or str(error)
        return _Read(diff, base, base_from, exact, (), failure)

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
        diff, old, new = read.diff, read.diff.old_blob, read.diff.new_blob
        if not read.structures:
            missing = read.base is None and read.base_from is not From.NOTHING
            return read.found(Verdict.BASE_MISSING if missing else Verdict.FAILED, read.failure)
        if read.base is None:
            why = f"{read.failure}; " if read.failure else ""
            blob = f"blob {old}" if is_hash(old) else diff.old_path
            why += f"needs {blob}; the lines are told from the counts alone"
            return read.found(Verdict.BASE_MISSING, why)
        if diff.new_path is None and read.exact:
            return read.found(Verdict.PROVED, "", b"", bits=4.0 * len(old or ""))
        if not diff.hunks:  # a new name or mode, or an empty file
            if new is not None and is_hash(new) and has_hash(read.base, new):
                return read.found(Verdict.PROVED, "", read.base, bits=4.0 * len(new))
            return read.found(Verdict.CONSISTENT, "", read.base)
        if (known := self.known(read)) is not None:
            return known
        donors = Donors.of((read.base, *self.proved), self.removed, self.lent)
        structures = list(read.structures)
        if not read.exact:  # with another old file no new one can have the hash
            structures = [replace(one, new_blob=None) for one in structures]
        filled = fill(structures, donors, budget=budget, seen=read.hashed)
        if not filled.proved and read.exact and later and not _same(later, new or later):
            named = [replace(one, new_blob=later) for one in structures]
            other = fill(named, donors, budget=budget)
            if other.proved:
                return read.filled(
                    other, f"a later patch names it {later}; its own index line ({new}) is wrong"
                )
        return read.filled(filled)

    def known(self, read: _Read) -> FileRecovery | None:
        """The file as the tree has it, if it has the new blob, with the words of a reading."""
        blob = read.diff.new_blob
        if blob is None or not is_hash(blob) or read.diff.new_path is None:
            return None
        content = self.files.by_blob(blob)
        if content is None:
            return None
        for structure in read.structures:
            if (added := _taken(structure, content.split(b"\n"))) is not None:
                found = read.found(Verdict.PROVED, "the tree has the new blob", content,
                                   structure=structure, bits=4.0 * len(blob))  # fmt: skip
                return replace(found, lines=added, tried=1)
        return None


def _same(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _taken(structure: Structure, lines: Sequence[bytes]) -> tuple[bytes, ...] | None:
    """The added lines of a structure from the new file; None if that has other words."""
    base = (structure.base or b"").split(b"\n")
    made: list[bytes] = []
    added: list[bytes] = []
    at = 0
    for hunk in structure.hunks:
        made += base[at : hunk.above]
        for line in hunk.lines:
            if line.mark == " ":
                made.append(line.text or b"")
            elif line.mark == "+":
                text = lines[len(made)] if len(made) < len(lines) else b""
                if tuple(text.split()) != line.pieces:
                    return None
                made.append(text)
                added.append(text)
        at = hunk.above + hunk.old_count
    return tuple(added) if made + base[at:] == list(lines) else None
