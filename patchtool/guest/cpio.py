# SPDX-License-Identifier: GPL-2.0-or-later
"""The archive that the kernel unpacks as its first root file system. Pure.

The format is "newc": Documentation/driver-api/early-userspace/buffer-format.rst in the kernel's
tree. It is written by us because cpio(1) reads files from a folder, and a device node in a
folder takes root's rights to make.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAGIC = b"070701"
TRAILER = "TRAILER!!!"


@dataclass(frozen=True, slots=True)
class Node:
    """One file of the archive; all of them are root's.

    Attributes:
        name: Its path, without a leading slash; its folder comes before it.
        mode: Kind and permissions, as ``st_mode`` has them.
        content: A file's bytes, or where a symbolic link leads.
        device: Major and minor number of a device node.
    """

    name: str
    mode: int
    content: bytes = b""
    device: tuple[int, int] = (0, 0)


def folder(name: str) -> Node:
    """A folder."""
    return Node(name, stat.S_IFDIR | 0o755)


def file(name: str, content: bytes, *, program: bool = False) -> Node:
    """A file."""
    return Node(name, stat.S_IFREG | (0o755 if program else 0o644), content)


def link(name: str, target: str) -> Node:
    """A symbolic link."""
    return Node(name, stat.S_IFLNK | 0o777, target.encode())


def character_device(name: str, major: int, minor: int) -> Node:
    """A node of a character device."""
    return Node(name, stat.S_IFCHR | 0o600, device=(major, minor))


def archive(nodes: Iterable[Node]) -> bytes:
    """The archive of some files, in their order."""
    made = bytearray()
    for number, node in enumerate(nodes, 1):
        _append(made, number, node)
    _append(made, 0, Node(TRAILER, 0))
    return bytes(made)


def _append(made: bytearray, number: int, node: Node) -> None:
    name = node.name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(node.mode) else 1
    fields = (
        *(number, node.mode, 0, 0, links, 0),  # inode, mode, uid, gid, links, time
        *(len(node.content), 0, 0, *node.device, len(name), 0),
    )
    made += MAGIC + b"".join(b"%08X" % value for value in fields) + name
    made += bytes(-len(made) % 4)
    made += node.content
    made += bytes(-len(made) % 4)
