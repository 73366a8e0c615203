# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a tree is whole: what its makefiles name is there, and nothing of a build is.

Kernel trees found in public repositories often are not: a .gitignore kept ``*.S`` out, a file
system that does not tell case apart lost one of xt_DSCP.c and xt_dscp.c, a commit took build
products along. make would say so after minutes, as "No rule to make target".
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchtool.core.store import digest
from patchtool.errors import UsageError
from patchtool.tree import plumbing
from patchtool.tree.release import BUILD_OUTPUT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.core.store import Store
    from patchtool.tree.base.choose import Base
    from patchtool.tree.kernel_tree import KernelTree

#: Folders whose makefiles are read: what every x86 kernel is made of. Drivers are left out,
#: where a list names what is long gone, or is made from a picture or a device tree.
READ = (
    *("arch/x86/", "block/", "crypto/", "fs/", "include/", "init/", "ipc/", "kernel/", "lib/"),
    *("mm/", "net/", "security/"),
)
#: User mode Linux, which takes files of other folders.
NOT_READ = ("arch/x86/um/",)
MAKEFILES = ("Makefile", "Kbuild")
ASSEMBLER = "arch/x86/"
#: What kbuild leaves beside the sources. It looks for its prerequisites there as well, so what
#: is left over takes the place of what it would make.
PRODUCT = re.compile(
    r"(?:\.o|\.ko|\.mod\.c|\.o\.cmd)\Z|(?:\A|/)(?:modules\.order|Module\.symvers)\Z"
)
#: What an object is made from, beside a .c or .S file.
SOURCES = (".c", ".S", ".c_shipped", ".S_shipped", ".asn1", ".uni", ".s", ".rs", ".y", ".l")
FEW = 6
STAGE = "whole"

_LIST = re.compile(r"[ \t]*((?:obj|lib)-(?:y|m|\$\([^)]*\)))[ \t]*[:+]?=(.*)")
_HEADERS = re.compile(r"[ \t]*header-y[ \t]*[:+]?=(.*)")
#: Names that a makefile makes itself: composites, targets, what a rule of its own writes.
_MADE = re.compile(
    r"([\w+-]+?)-(?:y|m|objs|\$\([^)]*\))[ \t]*[:+]?="
    r"|([\w+-]+)\.\w+[ \t]*:"
    r"|\$\(obj\)/([\w+-]+)(?!%)\b"
    r"|([\w+-]+)\.[cSs]\b"
)
_RULE = re.compile(r"\$\(obj\)/([\w-]*)%([\w-]*)\.[cS]\b")


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that a makefile names and that is not there.

    Attributes:
        path: The file, without its ending when it may have several.
        always: It is in every kernel.
        like: A file whose path differs from it by case only; empty when there is none.
    """

    path: str
    always: bool = False
    like: str = ""

    def __str__(self) -> str:
        return f"{self.path} (there is {self.like})" if self.like else self.path


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with a tree; a line each.

    Attributes:
        broken: What keeps it from being built.
        notes: What may, with some configuration.
    """

    broken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Makefile:
    """What one makefile says."""

    objects: list[tuple[str, str]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    rules: list[re.Pattern[str]] = field(default_factory=list)

    def makes(self, name: str) -> bool:
        return name in self.made or any(rule.fullmatch(name) for rule in self.rules)


def findings(names: Collection[str], texts: Mapping[str, str]) -> Findings:
    """What is wrong with a tree.

    Args:
        names: The paths of all its files.
        texts: Its makefiles by path, those of :func:`read_of`.
    """
    known = set(names)
    broken: list[str] = []
    notes: list[str] = []
    built = [name for name in BUILD_OUTPUT if name in known or _below(name, known)]
    if built:
        broken.append(f"a kernel was built in it: {', '.join(built)}; kbuild refuses such a tree")
    crlf = [path for path, text in texts.items() if "\r\n" in text]
    if crlf:
        line = f"line ends are CRLF in {len(crlf)} of {len(texts)} makefiles: {_few(crlf)}"
        (broken if 2 * len(crlf) > len(texts) else notes).append(line)
    texts = {path: text.replace("\r\n", "\n") for path, text in texts.items()}
    if any(path.startswith(ASSEMBLER) for path in texts) and not any(
        path.startswith(ASSEMBLER) and path.endswith(".S") for path in known
    ):
        broken.append(f"there is no assembler source (*.S) below {ASSEMBLER}")
    missing = sorted(_missing(known, texts), key=lambda each: not each.like)
    always = [each for each in missing if each.always]
    rest = [each for each in missing if not each.always]
    if always:
        broken.append(f"sources of every kernel are missing: {_few(always)}")
    if rest:
        notes.append(f"files that makefiles name are missing: {_few(rest)}")
    products = [name for name in names if PRODUCT.search(name)]
    if products:
        notes.append(f"products of a build are among the sources: {_few(products)}")
    return Findings(tuple(broken), tuple(notes))


def read_of(names: Collection[str]) -> list[str]:
    """The makefiles that are read, of all paths of a tree."""
    return [
        name
        for name in names
        if name.startswith(READ)
        and name.rpartition("/")[2] in MAKEFILES
        and not name.startswith(NOT_READ)
    ] + [name for name in ("Makefile", "Kbuild") if name in names]


def look(repo: plumbing.Questions, revision: str) -> Findings:
    """What is wrong with the tree of a commit, or with a tree; a second for a whole kernel.

    Raises:
        CommandError: git failed.
    """
    blobs: dict[str, str] = {}
    for entry in repo.ask("ls-tree", "-r", "-z", revision).split("\0"):
        head, _, path = entry.partition("\t")
        if path:
            blobs[path] = head.split()[2]
    return findings(blobs, _texts(repo, {path: blobs[path] for path in read_of(blobs)}))


def _texts(repo: plumbing.Questions, blobs: Mapping[str, str]) -> dict[str, str]:
    """The text of files, given as path to blob, all from one git."""
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{blob}\n" for blob in blobs.values()).encode())
        asked.seek(0)
        said: bytes = repo.git.cat_file(
            "--batch", istream=asked, stdout_as_string=False, strip_newline_in_stdout=False
        )
    texts, at = {}, 0
    for path in blobs:
        begin = said.index(b"\n", at) + 1
        size = int(said[at:begin].split()[2])
        texts[path] = said[begin : begin + size].decode("utf-8", "replace")
        at = begin + size + 1
    return texts


def check(
    repo: plumbing.Questions, revision: str, where: str, progress: Progress
) -> tuple[str, ...]:
    """Let no tree through of which nothing can be built; tell what else is wrong with it.

    Returns:
        What was told.

    Raises:
        UsageError: It is not whole; all that is wrong with it is named.
        CommandError: git failed.
    """
    progress.update(f"is {where} whole?")
    found = look(repo, revision)
    if found.broken:
        raise UsageError(
            f"{where}: this kernel tree cannot be built"
            + "".join(f"\n  {line}" for line in (*found.broken, *found.notes)),
            hint="a .gitignore, a file system that does not tell case apart, or a conversion of "
            "line ends did that to many a copy; take the release's tarball or its own git tree",
        )
    for note in found.notes:
        progress.note(f"{where}: {note}")
    return found.notes


def check_base(
    tree: KernelTree, base: Base, settings: Settings, store: Store, progress: Progress
) -> None:
    """As :func:`check`, of what a series is applied to; the same content is looked at once.

    Raises:
        UsageError, CommandError: As :func:`check`.
    """
    key = digest("whole 1", base.tree)
    where = f"{tree.name} at {base.name}"
    known = store.read(STAGE, key, tuple[str, ...])
    if known is None:
        with plumbing.open_repository(tree.git_dir, settings) as repo:
            notes = check(repo, base.commit, where, progress)
        store.keep(STAGE, key, notes)
    else:
        for note in known:
            progress.note(f"{where}: {note}")


def _below(name: str, known: Collection[str]) -> bool:
    return "/" in name and any(path.startswith(f"{name}/") for path in known)


def _missing(known: Collection[str], texts: Mapping[str, str]) -> Iterator[Missing]:
    folded: dict[str, str] = {}

    def like(path: str) -> str:
        if not folded:
            folded.update((name.lower(), name) for name in known)
        return folded.get(path.lower(), "")

    seen = set()
    for path, text in texts.items():
        folder = path.rpartition("/")[0]
        said = _read(text)
        for how, name in said.objects if folder else ():
            source = f"{folder}/{name}"
            if source in seen or said.makes(name) or _any(source, known):
                continue
            seen.add(source)
            other = next((like(source + end) for end in SOURCES if like(source + end)), "")
            yield Missing(source, how in ("obj-y", "lib-y"), other)
        for name in said.headers if path.startswith("include/") else ():
            header = f"{folder}/{name}"
            if header not in known:
                yield Missing(header, like=like(header))


def _any(source: str, known: Collection[str]) -> bool:
    return any(source + end in known for end in SOURCES)


def _read(text: str) -> _Makefile:
    said = _Makefile()
    for whole in text.replace("\\\n", " ").split("\n"):
        line = whole.partition("#")[0]
        if found := _LIST.match(line):
            said.objects += [(found[1], word[:-2]) for word in found[2].split() if _plain(word)]
        elif found := _HEADERS.match(line):
            said.headers += [word for word in found[1].split() if re.fullmatch(r"[\w.+-]+", word)]
        for groups in _MADE.findall(line):
            said.made.update(name for name in groups if name)
        for before, behind in _RULE.findall(line):
            said.rules.append(re.compile(rf"{re.escape(before)}.+{re.escape(behind)}"))
    return said


def _plain(word: str) -> bool:
    """Whether a word of a list is an object made from one source file of this folder."""
    return re.fullmatch(r"[\w+-]+\.o", word) is not None and word != "built-in.o"


def _few(items: Collection[object]) -> str:
    shown = [str(item) for item in list(items)[:FEW]]
    more = f" and {len(items) - FEW} more" if len(items) > FEW else ""
    return ", ".join(shown) + more
