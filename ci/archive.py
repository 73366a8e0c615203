# SPDX-License-Identifier: GPL-2.0-or-later
"""The mails of a public-inbox git repository, in files that give one mail at a time.

Formats: public-inbox-v2-format(5), in which each commit has one mail as the file ``m``, and
public-inbox-v1-format(5), in which the newest tree has a file for each mail.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from patchtool.series.compose import in_mbox
from patchtool.series.envelope import message_ids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LINKS = re.compile(
    rb"^(?:message-id|in-reply-to|references):(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE
)
_HEADER_END = re.compile(rb"\n\r?\n")


@dataclass(slots=True)
class Archive:
    """Mails in files.

    Attributes:
        mailbox: All of them, as an mbox file.
        mails: The same, one behind the other, as they were sent.
        places: Where each starts in that file, and its length.
        threads: The mails of each thread, by their places here.
    """

    mailbox: Path
    mails: Path
    places: list[tuple[int, int]]
    threads: list[list[int]]

    def read(self, file: BinaryIO, number: int) -> bytes:
        """Mail *number*, from *file*, which is :attr:`mails`."""
        offset, length = self.places[number]
        file.seek(offset)
        return file.read(length)


def unpack(repository: Path, folder: Path, limit: int | None = None) -> Archive:
    """Write the mails of *repository* to files in *folder*.

    Args:
        repository: A public-inbox, of version 1 or one epoch of version 2.
        folder: An empty one.
        limit: How many of the newest mails to take, with their whole threads; None for all.
    """
    every = Archive(folder / "mbox", folder / "mails", [], [])
    links: dict[str, int] = {}  # Message-ID to thread
    above: list[int] = []  # thread to the one it was joined to
    own: list[int] = []  # mail to thread
    with every.mails.open("wb") as file:
        for data in _blobs(repository, folder):
            every.places.append((file.tell(), len(data)))
            file.write(data)
            own.append(_thread(data, links, above))
    threads: dict[int, list[int]] = {}
    for number, thread in enumerate(own):
        threads.setdefault(_root(above, thread), []).append(number)
    first = len(own) - limit if limit else 0
    every.threads = [thread for thread in threads.values() if thread[-1] >= first]
    with every.mailbox.open("wb") as mailbox, every.mails.open("rb") as file:
        for number in sorted(number for thread in every.threads for number in thread):
            data = every.read(file, number)
            mailbox.write(in_mbox(data if data.endswith(b"\n") else data + b"\n") + b"\n")
    return every


def _thread(data: bytes, links: dict[str, int], above: list[int]) -> int:
    """The thread that a mail is in, joined with all that it names."""
    end = _HEADER_END.search(data)
    fields = _LINKS.findall(data[: end.start() if end else len(data)])
    names = message_ids(b" ".join(fields).decode("utf-8", "replace"))
    thread = len(above)
    above.append(thread)
    for name in names:
        other = _root(above, links.setdefault(name, thread))
        thread, joined = min(thread, other), max(thread, other)
        above[joined] = thread
    return thread


def _root(above: list[int], thread: int) -> int:
    while above[thread] != thread:
        above[thread] = above[above[thread]]
        thread = above[thread]
    return thread


def _blobs(repository: Path, folder: Path) -> Iterator[bytes]:
    """Every mail, oldest first (version 2), or by name (version 1)."""
    git = ["git", "-C", str(repository)]
    tree = subprocess.run([*git, "ls-tree", "-r", "HEAD"], stdout=subprocess.PIPE, check=True)
    files = [line.partition("\t") for line in tree.stdout.decode().splitlines()]
    if {name for _, _, name in files} <= {"m", "d"}:
        commits = [*git, "rev-list", "--reverse", "HEAD"]
        listed = subprocess.run(commits, stdout=subprocess.PIPE, check=True).stdout.decode()
        wanted = [f"{commit}:m" for commit in listed.split()]
    else:
        wanted = [about.split()[2] for about, _, _ in files]
    names = folder / "names"
    names.write_text("".join(f"{name}\n" for name in wanted), encoding="ascii")
    with (
        names.open("rb") as given,
        subprocess.Popen([*git, "cat-file", "--batch"], stdin=given, stdout=subprocess.PIPE) as cat,
    ):
        assert cat.stdout is not None
        for head in cat.stdout:
            if not head.endswith(b" missing\n"):  # a commit that deletes a mail has no `m`
                data = cat.stdout.read(int(head.split()[2]))
                cat.stdout.read(1)
                yield data
