# SPDX-License-Identifier: GPL-2.0-or-later
"""The recovered series as files: mails that ``git am`` takes, and the whole thread."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from patchtool.core.store import slug
from patchtool.errors import UsageError
from patchtool.intake.pages.posting import NO_ADDRESS, without_signature
from patchtool.intake.pages.undo import unfolded_cover
from patchtool.recover.record import FILE_NAME, Recovery
from patchtool.series.compose import angled, encoded, header, in_mbox, sender
from patchtool.series.envelope import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchtool.intake.pages.posting import Posting
    from patchtool.recover.record import FileRecovery, PatchRecovery
    from patchtool.recover.structure import StructuredHunk
    from patchtool.series.model import Review

COVER = "0000-cover-letter.patch"
THREAD = "with-replies.mboxrd"
#: Behind the name of a mail that cannot be applied as it is.
INCOMPLETE = ".incomplete"
_NO_END = b"\\ No newline at end of file\n"
_LONGEST_NAME = 52  # as git format-patch cuts subjects


def names(patches: Sequence[PatchRecovery]) -> dict[int, str]:
    """Name of each patch's mail, by number."""
    found = {}
    for patch in patches:
        name = slug(patch.posted.subject, "patch", also="_", longest=_LONGEST_NAME)
        ending = ".patch" if patch.applies else f".patch{INCOMPLETE}"
        found[patch.posted.number] = f"{patch.posted.number:04d}-{name}{ending}"
    return found


def files(posting: Posting, patches: Sequence[PatchRecovery], key: str) -> dict[str, bytes]:
    """Name and content of each file: the mails, and the thread with its replies.

    Message-IDs that the page does not have are made of *key*.
    """
    made: dict[str, bytes] = {}
    thread: list[bytes] = []
    cover, top = posting.cover, None
    if cover is not None:
        top = cover.message_id or f"{key}.0@recovered.invalid"
        text = without_signature(cover.body)
        if cover.folded:
            text = unfolded_cover(text, [patch.subject for patch in posting.patches])
        subject = f"[{posting.tags} 0/{posting.total}] {posting.title}"
        made[COVER] = _mail(posting.author, posting.date, subject, (top, None), f"{text}\n")
        thread += [made[COVER], *(_reply(each, top, key) for each in posting.reviews)]
    for patch, name in zip(patches, names(patches).values(), strict=True):
        posted = patch.posted
        own = posted.mail.message_id or f"{key}.{posted.number}@recovered.invalid"
        number = f" {posted.number}/{posting.total}" if posting.total > 1 else ""
        subject = f"[{posting.tags}{number}] {posted.subject}"
        made[name] = _mail(posted.author, posted.date, subject, (own, top), _text(patch))
        thread += [made[name], *(_reply(each, own, key) for each in posted.reviews)]
    made[THREAD] = b"".join(in_mbox(mail) + b"\n" for mail in thread)
    return made


def _mail(
    author: str, date: str, subject: str, ids: tuple[str, str | None], body: str | bytes
) -> bytes:
    """A mail; *ids* are its Message-ID and that of the mail it answers."""
    name, _, address = one_line(author).removesuffix(">").rpartition(" <")
    head = header(
        ("Message-ID", angled(one_line(ids[0]))),
        ("In-Reply-To", angled(one_line(ids[1] or ""))),
        ("From", sender(f"{name or 'Unknown'} <{address or NO_ADDRESS}>")),
        ("Date", one_line(date) or formatdate(0)),
        ("Subject", encoded(one_line(subject))),
    )
    return head + (body if isinstance(body, bytes) else body.encode("utf-8", "replace"))


def _text(patch: PatchRecovery) -> bytes:
    """The message, the notes and the diffs of a patch."""
    letter = patch.posted.letter
    notes = f"{letter.notes}\n\n" if letter.notes else ""
    parts = [f"{letter.message}\n---\n{notes}".encode("utf-8", "replace")]
    for each, text in zip(patch.files, letter.diffs, strict=True):
        parts.append(diff_text(each) if each.structure is not None else text.strip() + b"\n")
    return b"".join([*parts, b"-- \npatchtool\n"])


def _reply(review: Review, parent: str, key: str) -> bytes:
    digest = hashlib.sha256(f"{review.author}{review.date}{review.body}".encode()).hexdigest()
    again = re.match(r"re\s*:", review.subject, re.IGNORECASE) is not None
    ids = (review.message_id or f"{key}.{digest[:12]}@recovered.invalid",
           review.in_reply_to or parent)  # fmt: skip
    subject = review.subject if again else f"Re: {review.subject}"
    return _mail(review.author, review.date, subject, ids, f"{review.body}\n")


# --- diffs


def diff_text(found: FileRecovery) -> bytes:
    """The file diff as git writes it; unsure words stand with single blanks between them."""
    structure = found.structure
    assert structure is not None
    old, new = structure.old_path, structure.new_path
    lines = [f"diff --git a/{old or new} b/{new or old}", *found.extended]
    if found.old_blob and found.new_blob:
        stated = any(" mode " in line for line in found.extended)
        mode = f" {structure.new_mode}" if structure.new_mode and not stated else ""
        lines.append(f"index {found.old_blob}..{found.new_blob}{mode}")
    if structure.hunks:
        lines.append(f"--- {f'a/{old}' if old else '/dev/null'}")
        lines.append(f"+++ {f'b/{new}' if new else '/dev/null'}")
    added = iter(found.lines)
    body = b"".join(part for hunk in structure.hunks for part in _hunk(hunk, added))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape") + body


def _hunk(hunk: StructuredHunk, added: Iterator[bytes]) -> Iterator[bytes]:
    """The header as it was posted, and the lines."""
    ranges = (hunk.old_start - hunk.offset, hunk.old_count), (hunk.new_start, hunk.new_count)
    old, new = (f"{start},{count}" if count != 1 else str(start) for start, count in ranges)
    section = f" {hunk.section}" if hunk.section else ""
    yield f"@@ -{old} +{new} @@{section}\n".encode("utf-8", "surrogateescape")
    for line in hunk.lines:
        words = b" ".join(line.pieces) if line.text is None else line.text
        yield line.mark.encode() + (next(added, words) if line.mark == "+" else words) + b"\n"
        if not line.ended:
            yield _NO_END


# --- a folder


def write(folder: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    """Write *files* into *folder*: all of them, or none; a new folder appears whole.

    In one that is there, existing files are replaced only with *force*, and then the files of the
    recovery that was there before go as well.

    Raises:
        UsageError: Files are in the way, or the place is no folder.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: not a folder", hint="name another place with -o")
    there = [name for name in files if os.path.lexists(folder / name)]
    if there and not force:
        raise UsageError(
            f"{folder / there[0]} is there already", hint="--force replaces it; -o names the folder"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for name, content in files.items():
            (made / name).write_bytes(content)
        made.chmod(0o755)
        if not folder.exists():
            made.rename(folder)
            return
        for name in _earlier(folder) - set(files):
            (folder / name).unlink(missing_ok=True)
        for name in sorted(files, key=lambda name: name == FILE_NAME):
            (made / name).replace(folder / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _earlier(folder: Path) -> set[str]:
    """The files that an earlier recovery wrote there."""
    try:
        written = Recovery.model_validate_json((folder / FILE_NAME).read_bytes()).written
    except (OSError, ValidationError):
        return set()
    return {name for name in written if Path(name).name == name}
