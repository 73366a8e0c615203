# SPDX-License-Identifier: GPL-2.0-or-later
"""What SERIES on the command line names, told by what is there.

A path that exists wins; then a link, a git range, a Message-ID, a name patchtool knows.
Files are told by what is in them, folders by their layout.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core import store
from patchtool.core.text import command_line
from patchtool.errors import UsageError
from patchtool.intake.ranges import split_range
from patchtool.intake.sources import bundled, files, folders, forms, maildir, packed, quilt
from patchtool.intake.sources.forms import Kind
from patchtool.series import manifest
from patchtool.tree.kernel_tree import find_git_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.intake.sources.folders import Folder

_PICK = re.compile(r"(.+)#(v[0-9]{1,4}|<?[^\s<>#@/]+@[^\s<>#@/]+>?)\Z")
_URL = re.compile(r"https?://[^/\s]+/\S*\Z", re.IGNORECASE)
_PATCHWORK = re.compile(
    r"https?://[^/]*patchwork|/project/[^/]+/(?:list|patch|cover)/|/(?:series|patch|cover)/[0-9]+(?:/|\Z)"
    r"|/api/(?:[0-9.]+/)?(?:series|patches|covers)/",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(
    r"(?:(?:message-id|mid|id):\s*)?(?:<[^\s<>@]+@[^\s<>@]+>|[^\s<>@/]+@[^\s<>@/]+)\Z",
    re.IGNORECASE,
)
_IN_TREE = re.compile(r"(.+?):([^:]*)\Z")


@dataclass(frozen=True, slots=True)
class Reference:
    """SERIES as the command line names it.

    Attributes:
        text: As it was typed. ``#v8`` or ``#<message-id>`` behind it picks one posting.
        kind: What it is; None to look.
        offline: Never ask a server; use what was fetched before.
        tree: The kernel tree a range ``A..B`` is in; None for the current folder's.
        partial: Take the patches that are there where others are missing.
    """

    text: str
    kind: Kind | None = None
    offline: bool = False
    tree: str | None = None
    partial: bool = False

    @property
    def name(self) -> str:
        """A short name for folders."""
        return slug(stem(Path(split_pick(self.text)[0]).name))


def slug(text: str) -> str:
    """*text* as the name of a series: lower-case letters, digits and ``-``."""
    return store.slug(text.lower(), "series")


def recognise(text: str) -> Kind:
    """What SERIES is.

    Raises:
        UsageError: Nothing of that name is there.
        MailError: It is a file that no series can be read from.
    """
    text, _ = split_pick(text)
    if text == "-":
        return Kind.STDIN
    path = Path(text)
    if text and exists(path):
        return _of_path(path)
    if _URL.match(text):
        return Kind.PATCHWORK if _PATCHWORK.search(text) else Kind.LORE
    if re.match(r"patchwork:[0-9]+\Z", text):
        return Kind.PATCHWORK
    if range_of(text) is not None:
        return Kind.RANGE
    if _MESSAGE_ID.match(text):
        return Kind.LORE
    if bundled.folder_of(text) is not None:
        return Kind.BUNDLED
    known = ", ".join(bundled.names()) or "none"
    raise UsageError(
        f"no series {text!r}: no such file or folder, no link, no Message-ID, no git range "
        "(A..B), and no series that patchtool knows",
        hint=f"series that come with patchtool: {known}; see `patchtool series --help`",
    )


def split_pick(text: str) -> tuple[str, str | None]:
    """A reference without the fragment that picks a posting, and that."""
    found = _PICK.match(text)
    if found is None or exists(Path(text)):
        return text, None
    return found[1], found[2].strip("<>")


def exists(path: Path) -> bool:
    """Whether there is such a path."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long for a file is none
        return False


def stem(name: str) -> str:
    """A file's name without what says its form."""
    plain = re.sub(r"\.(?:gz|xz|bz2|zst)\Z", "", name)
    return re.sub(r"\.(?:tar|tgz|txz|tbz2?|tzst|mbox|mbx|eml|patch|diff|txt|cover)\Z", "", plain)


def range_of(text: str) -> tuple[str, str] | None:
    """The tree (empty where none is named) and the range of ``[TREE:]A..B``, or None."""
    if split_range(text):
        return "", text
    found = _IN_TREE.match(text)
    return (found[1], found[2]) if found and split_range(found[2]) else None


@contextmanager
def open_file(path: Path) -> Iterator[packed.Source]:
    """A file, unpacked if it is compressed."""
    with path.open("rb") as stream, packed.unpack(stream, str(path)) as source:
        yield source


def of_folder(folder: Folder) -> Kind:
    """What a folder is, told by the names in it.

    Raises:
        UsageError: Nothing a series can be read from, or two things at once.
    """
    names = folder.files()
    if manifest.FILE_NAME in names:
        return Kind.MANIFEST
    found = []
    if quilt.place(folder) is not None:
        found.append(Kind.QUILT)
    elif files.patch_names(folder):
        found.append(Kind.FOLDER)
    if files.box_names(folder):
        found.append(Kind.MBOX)
    if maildir.is_one(folder):
        found.append(Kind.MAILDIR)
    if len(found) == 1:
        return found[0]
    if found:
        both = " and ".join(f"{kind} ({forms.MEANING[kind]})" for kind in found)
        raise UsageError(
            f"{folder.where}: holds {both}",
            hint="say which to take with --from, or name the file",
        )
    if ".git" in (*names, *folder.folders()) or {"HEAD", "objects"} <= {*names, *folder.folders()}:
        raise UsageError(
            f"{folder.where}: a git tree, not a series",
            hint=f"name commits in it: {command_line([folder.where])}:BASE..TOPIC",
        )
    raise UsageError(
        f"{folder.where}: no series in this folder",
        hint=f"expected a {manifest.FILE_NAME}, files named like 0001-area-change.patch, a quilt "
        "`series`, a mailbox, or a maildir",
    )


def _of_path(path: Path) -> Kind:
    if path.is_dir():
        return of_folder(folders.Disk(path))
    if path.is_fifo():  # the shell's <(command): it can be read only once
        return Kind.STDIN
    if not path.is_file():
        raise UsageError(f"{path}: neither a folder nor a file")
    if path.name == manifest.FILE_NAME:
        return Kind.MANIFEST
    with open_file(path) as source:
        return forms.of_content(source.head, source.where, whole=source.whole)


def repository_here() -> Path:
    """The git tree that the current folder is in.

    Raises:
        UsageError: It is in none.
    """
    here = Path.cwd()
    for place in (here, *here.parents):
        if find_git_dir(place) is not None:
            return place
    raise UsageError(
        f"{here}: not in a git tree, so there is nothing to look a range up in",
        hint="name the tree: TREE:A..B, or --tree TREE",
    )
