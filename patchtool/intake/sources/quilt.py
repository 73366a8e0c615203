# SPDX-License-Identifier: GPL-2.0-or-later
"""Quilt: patches in a folder, and a file ``series`` that lists them in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchtool.errors import MailError, UsageError
from patchtool.intake.sources import files, folders
from patchtool.series.model import LeftOut

if TYPE_CHECKING:
    from patchtool.intake.sources.folders import Folder
    from patchtool.series.mail import Mail

LIST = "series"
#: Where a quilt folder may lie below what was named; the last is Debian's.
_PLACES = ("", "patches", "debian/patches")
_STRIP = re.compile(r"-p([0-9]{1,2})\Z")
_COVER = re.compile(r"0000-.*\.patch\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """A patch that ``series`` lists.

    Attributes:
        name: Its file, from the folder of ``series``.
        strip: The N of ``-pN``.
        number: Its line in ``series``.
    """

    name: str
    strip: int
    number: int


def parse_list(text: str, where: str) -> tuple[Line, ...]:
    """The patches of a ``series`` file, in order.

    ``#`` starts a comment, in front or behind a blank. Behind the name may stand ``-pN`` or
    ``-pab`` (paths below ``a/`` and ``b/``, as ``-p1``).

    Raises:
        MailError: There is none, one is there twice, or an option is not known.
    """
    found: dict[str, Line] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = re.sub(r"(?:\A|\s)#.*", "", line).split()
        if not words:
            continue
        name, strip = words[0], 1
        for option in words[1:]:
            if option == "-pab":
                strip = 1
            elif given := _STRIP.match(option):
                strip = int(given[1])
            elif option == "-R":
                raise MailError(
                    f"{where}:{number}: {name} is to be applied in reverse",
                    hint="write the reversed patch with `interdiff -q FILE /dev/null`",
                )
            else:
                raise MailError(
                    f"{where}:{number}: unknown option {option!r}; expected -p0, -p1 or -pab"
                )
        if name in found:
            first = found[name].number
            raise MailError(f"{where}:{number}: {name} is there twice, first in line {first}")
        found[name] = Line(name, strip, number)
    if not found:
        raise MailError(f"{where}: lists no patch; expected a file name in each line")
    return tuple(found.values())


def place(folder: Folder) -> Folder | None:
    """The quilt folder that *folder* is or holds, or None."""
    for name in _PLACES:
        at: Folder | None = folder
        for part in name.split("/") if name else ():
            at = at.below(part) if at is not None and part in at.folders() else None
        if at is not None and LIST in at.files():
            return at
    return None


def listed_patches(folder: Folder) -> files.SourceMails:
    """The patches that ``series`` lists.

    Patches beside them are left out; ``0000-*.patch`` is the cover letter.

    Raises:
        UsageError: There is no ``series``.
        MailError: A patch is missing, or cannot be read; names the line of ``series``.
    """
    at = place(folder)
    if at is None:
        raise UsageError(
            f"{folder.where}: no quilt folder", hint=f"expected a file `{LIST}`, or patches/{LIST}"
        )
    where = f"{at.where}/{LIST}"
    lines = parse_list(folders.read(at, LIST).decode("utf-8", "replace"), where)
    irregular: list[str] = []
    mails: list[Mail] = []
    for line in lines:
        try:
            found = files.mails_in(at, line.name, line.strip, irregular)
        except MailError as error:
            if "no such file" not in error.message:
                raise
            raise MailError(f"{where}:{line.number}: {line.name} is missing") from None
        if len(found) != 1:
            raise MailError(f"{where}:{line.number}: {line.name} holds {len(found)} mails")
        mails += found
    named = {line.name for line in lines}
    beside = [name for name in files.patch_names(at) if name not in named]
    covers = [name for name in beside if _COVER.match(name)][:1]
    left = [
        LeftOut(f"{at.where}/{name}", "", f"`{LIST}` does not list it")
        for name in beside
        if name not in covers
    ]
    cover = files.mails_in(at, covers[0]) if covers else ()
    ordered, said = _in_list_order(mails)
    return files.SourceMails(
        (*cover, *ordered),
        cover_given=bool(cover),
        left_out=tuple(left),
        irregular=(*irregular, *said),
    )


def _in_list_order(mails: list[Mail]) -> tuple[list[Mail], list[str]]:
    """The mails with the numbers of their places, where their own say something else."""
    whole = len(mails)
    own = [(mail.prefix.number, mail.prefix.total) for mail in mails]
    if own == [(number, whole) for number in range(1, whole + 1)]:
        return mails, []
    revisions = {mail.prefix.revision for mail in mails}
    made = [
        replace(
            mail,
            prefix=replace(
                mail.prefix,
                number=number,
                total=whole,
                revision=mail.prefix.revision if len(revisions) == 1 else 1,
            ),
        )
        for number, mail in enumerate(mails, 1)
    ]
    if all(number is None for number, _ in own):
        return made, []
    return made, [f"the subjects are numbered otherwise than `{LIST}` lists them; `{LIST}` holds"]
