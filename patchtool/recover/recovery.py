# SPDX-License-Identifier: GPL-2.0-or-later
"""From a posting on a page to the series as it was, as far as it can be recovered. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.errors import SeriesError
from patchtool.recover.beam import Effort
from patchtool.recover.donors import Donors
from patchtool.recover.fill import BUDGET, PATIENT, Filled, fill
from patchtool.recover.fragment import DamagedDiff, take_apart
from patchtool.recover.hashes import has_hash, is_hash
from patchtool.recover.intact import taken
from patchtool.recover.state import Files, State
from patchtool.recover.structure import readings
from patchtool.recover.unmask import hidden
from patchtool.recover.verdict import (
    APPLIES,
    FileRecovery,
    From,
    Verdict,
    suspects,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchtool.core.progress import Progress
    from patchtool.recover.letter import Letter
    from patchtool.recover.posting import PostedPatch, Posting
    from patchtool.recover.values import Structure


@dataclass(frozen=True, slots=True)
class PatchRecovery:
    """A patch, recovered.

    Attributes:
        posted: The patch as the page has it.
        files: Its file diffs, in order.
    """

    posted: PostedPatch
    files: tuple[FileRecovery, ...]

    @property
    def applies(self) -> bool:
        """Whether every file diff of it can be applied."""
        return bool(self.files) and all(each.verdict in APPLIES for each in self.files)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file diff whose lines are known."""

    diff: DamagedDiff
    base: bytes | None
    base_from: From
    exact: bool
    structures: Sequence[Structure]
    failure: str


def recover(posting: Posting, files: Files, progress: Progress) -> tuple[PatchRecovery, ...]:
    """Recover a posting's patches in order; each file starts from what the patch before left.

    Args:
        posting: The posting.
        files: The tree, or :class:`NoFiles`.
        progress: Told of each patch.
    """
    state = State(files)
    named = [_named(patch) for patch in posting.patches]
    made: list[list[FileRecovery]] = []
    for at, patch in enumerate(posting.patches):
        progress.update(patch.subject, at + 1, len(posting.patches))
        later: dict[str, str] = {}
        for diffs in named[at + 1 :]:
            for diff in diffs:
                if diff.old_path and is_hash(diff.old_blob):
                    later.setdefault(diff.old_path, diff.old_blob or "")
        made.append(list(_files(patch.letter, state, later)))
    everything = [one for files_of in made for one in files_of]
    doubtful = {id(everything[at]) for at in suspects(everything)}
    return tuple(
        PatchRecovery(patch, tuple(_suspected(one) if id(one) in doubtful else one for one in each))
        for patch, each in zip(posting.patches, made, strict=True)
    )


def _suspected(found: FileRecovery) -> FileRecovery:
    reason = f"{found.reason}, though every other file is proved"
    return replace(found, verdict=Verdict.INDEX_SUSPECT, reason=reason)


def _named(patch: PostedPatch) -> list[DamagedDiff]:
    """The headers of its file diffs, where they can be read."""
    found = []
    for text in patch.letter.diffs:
        try:
            found.append(take_apart(text))
        except SeriesError:
            continue
    return found


def _files(letter: Letter, state: State, later: dict[str, str]) -> Iterable[FileRecovery]:
    """Recover the file diffs of one patch.

    Those that a short search does not prove are looked at again when all were: the lines of the
    files that it did prove are known by then.
    """
    read = [_read_or_failed(number, text, state) for number, text in enumerate(letter.diffs, 1)]
    for one in read:
        if isinstance(one, _Read) and one.structures:
            state.removed += _removed(one.structures[0])
    found: list[FileRecovery] = []
    again: list[tuple[int, _Read, set[str]]] = []
    seen: set[str] = set()
    for at, one in enumerate(read):
        if isinstance(one, FileRecovery):
            found.append(one)
            continue
        if one.diff.path in seen:
            found.append(_failed(one.diff.path, f"{one.diff.path}: changed twice in one patch"))
            continue
        seen.add(one.diff.path)
        hashed: set[str] = set()
        result = _recovered(one, state, hashed)
        found.append(result)
        state.take(one.diff, result)
        if one.exact and result.verdict is Verdict.CONSISTENT and is_hash(result.new_blob):
            again.append((at, one, hashed))
    for at, one, hashed in again:
        found[at] = _recovered(one, state, hashed, PATIENT, later.get(one.diff.path))
        state.take(one.diff, found[at])
    return found


def _read_or_failed(number: int, text: bytes, state: State) -> _Read | FileRecovery:
    try:
        return _read(take_apart(text), state, Effort(len(text)))
    except SeriesError as error:
        return _failed(f"file diff {number}", str(error))


def _read(diff: DamagedDiff, state: State, effort: Effort) -> _Read:
    base, base_from, exact = state.base(diff)
    try:
        return _Read(diff, base, base_from, exact, readings(diff, base, effort), "")
    except SeriesError as error:
        failure = str(error)
    if base is None or exact:
        return _Read(diff, base, base_from, exact, (), failure)
    try:  # with another version of the old file; the counts alone may tell the lines
        return _Read(diff, None, base_from, exact, readings(diff, None, effort), failure)
    except SeriesError:
        return _Read(diff, None, base_from, exact, (), failure)


def _removed(structure: Structure) -> Iterator[bytes]:
    for hunk in structure.hunks:
        for line in hunk.lines:
            if line.mark == "-" and line.text is not None:
                yield line.text


def _recovered(
    read: _Read,
    state: State,
    seen: set[str],
    budget: int = BUDGET,
    later: str | None = None,
) -> FileRecovery:
    """Fill in what is open in one file diff, and judge it.

    Args:
        read: The file diff.
        state: The files so far.
        seen: Hashes of the candidates that were tried for it earlier.
        budget: Candidates to try at most.
        later: What a later patch calls its result.
    """
    diff = read.diff
    if not read.structures:
        missing = read.base is None and read.base_from is not From.NOTHING
        return replace(
            _failed(diff.path, read.failure),
            verdict=Verdict.BASE_MISSING if missing else Verdict.FAILED,
            base_from=read.base_from, exact=read.exact, old_blob=diff.old_blob,
            new_blob=diff.new_blob, hunks=len(diff.hunks), notes=_missing(read),
        )  # fmt: skip
    if read.base is None:
        blob = f"blob {diff.old_blob}" if is_hash(diff.old_blob) else f"{diff.old_path}"
        why = f"{read.failure}; " if read.failure else ""
        return _result(read, read.structures[0], None, Verdict.BASE_MISSING,
                       f"{why}needs {blob}; the lines are told from the counts alone")  # fmt: skip
    if diff.new_path is None and read.exact:
        found = _result(read, read.structures[0], b"", Verdict.PROVED, "")
        return replace(found, bits=4.0 * len(diff.old_blob or ""))
    if not diff.hunks:
        return _unchanged(read)
    donors = Donors.of((read.base, *state.proved), state.removed, state.lent)
    if known := _known(read, state.files):
        return known
    structures = read.structures if read.exact else [_hashless(one) for one in read.structures]
    filled = fill(structures, donors, budget=budget, seen=seen)
    if not filled.proved and read.exact and later and not _same(later, diff.new_blob):
        named = [replace(one, new_blob=later) for one in structures]
        other = fill(named, donors, budget=budget)
        if other.proved:
            reason = (
                f"a later patch names it {later}; its own index line ({diff.new_blob}) is wrong"
            )
            return _filled(read, replace(other, reason=reason), Verdict.PROVED)
    return _filled(read, filled, Verdict.PROVED if filled.proved else Verdict.CONSISTENT)


def _unchanged(read: _Read) -> FileRecovery:
    """A file diff without hunks: a new name or mode, or an empty file."""
    blob, content = read.diff.new_blob, read.base or b""
    proved = blob is not None and is_hash(blob) and has_hash(content, blob)
    verdict = Verdict.PROVED if proved else Verdict.CONSISTENT
    found = _result(read, read.structures[0], content, verdict, "")
    return replace(found, bits=4.0 * len(blob or "") if proved else 0.0)


def _same(one: str, other: str | None) -> bool:
    return other is not None and (one.startswith(other) or other.startswith(one))


def _hashless(structure: Structure) -> Structure:
    """The structure without the hash: with another old file no new one can have it."""
    return replace(structure, new_blob=None)


def _known(read: _Read, files: Files) -> FileRecovery | None:
    """The file as the tree has it, if it has the new blob, with the words of a reading."""
    blob = read.diff.new_blob
    if blob is None or not is_hash(blob) or read.diff.new_path is None:
        return None
    content = files.by_blob(blob)
    if content is None:
        return None
    lines = content.split(b"\n")
    for structure in read.structures:
        if (added := taken(structure, lines)) is not None:
            found = _result(read, structure, content, Verdict.PROVED, "the tree has the new blob")
            return replace(found, lines=added, bits=4.0 * len(blob), tried=1)
    return None


def _missing(read: _Read) -> tuple[str, ...]:
    """What the old file lacks, in words."""
    if read.base_from is From.PATH and is_hash(read.diff.old_blob):
        return (f"needs blob {read.diff.old_blob}; the tree has another version of the file",)
    return ()


def _failed(path: str, reason: str) -> FileRecovery:
    return FileRecovery(path, Verdict.FAILED, 0.0, 0, reason, From.NOTHING, False, None, None, (),
                        (), (), None, None, 0)  # fmt: skip


def _filled(read: _Read, filled: Filled, verdict: Verdict) -> FileRecovery:
    reason = filled.reason
    if not read.exact:
        made = " by an earlier patch that is not proved" if read.base_from is From.SERIES else ""
        reason = (
            f"no proof without blob {read.diff.old_blob}{made}"
            if is_hash(read.diff.old_blob)
            else "the diff names no blob to prove it with"
        )
    found = _result(read, filled.structure, filled.content, verdict, reason)
    return replace(
        found, lines=filled.lines, bits=filled.bits, tried=filled.tried, open=filled.open,
        literals=filled.literals,
    )  # fmt: skip


def _result(
    read: _Read, structure: Structure, content: bytes | None, verdict: Verdict, reason: str
) -> FileRecovery:
    diff = read.diff
    notes = []
    for number, hunk in enumerate(structure.hunks, 1):
        if hunk.offset:
            notes.append(
                f"hunk {number} of {len(structure.hunks)} fits {hunk.offset:+d} lines away"
            )
    words = " ".join(
        piece.decode("utf-8", "replace") for hunk in structure.hunks for line in hunk.lines
        if line.mark == "+" for piece in line.pieces if b"@x" in piece
    )  # fmt: skip
    notes += [f"masked for good in an added line: {address}" for address in hidden(words)]
    return FileRecovery(
        diff.path, verdict, 0.0, 0, reason, read.base_from, read.exact,
        replace(structure, new_blob=diff.new_blob), content, (), (), (), diff.old_blob,
        diff.new_blob, len(diff.hunks), (*_missing(read), *notes), diff.extended,
    )  # fmt: skip
