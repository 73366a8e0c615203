# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel tree needs because of its age: ``kernel/eras.toml``, asked of the tree.

Nothing here looks at a version number of the kernel: each entry asks for files and for text
in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from patchtool.build.toolchain.compiler import Kind, read_version
from patchtool.build.toolchain.questions import FileText, Question, Strict
from patchtool.core import data
from patchtool.core.store import digest
from patchtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Container

    from patchtool.build.toolchain.compiler import Compiler
    from patchtool.build.toolchain.questions import Reader


class _Entry(Strict):
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    releases: str = Field(description="for people; never asked")
    when: tuple[Question, ...] = Field(min_length=1)

    def matches(self, read: Reader) -> bool:
        """Whether all its questions are answered with yes."""
        return all(question.ask(read) for question in self.when)

    @property
    def because(self) -> str:
        """The questions, for people."""
        return "; ".join(map(str, self.when))


class Era(_Entry):
    """A generation of kernels; a tree is of one."""

    title: str
    toolchain: str = Field(default="bookworm", description="recipe in kernel/containers")
    config: Literal["allnoconfig", "alldefconfig", "olddefconfig", "oldnoconfig"] = Field(
        default="allnoconfig", description="make's target that completes a fragment"
    )
    guest_root: str = Field(default="bookworm", description="recipe in kernel/guest-root")
    guest: Literal["virtme-ng", "initramfs"] = Field(
        default="virtme-ng", description="how its guests start"
    )


class FixUp(_Entry):
    """Something a tree needs that others do not."""

    reason: str
    symptom: str = Field(default="", description="what is seen of a kernel that lacks it")
    until: str = Field(description="what ended the need upstream")
    gcc: int | None = Field(default=None, description="first major version that needs it")
    clang: int | None = Field(default=None, description="the same; no number: no version does")
    cc: tuple[str, ...] = Field(default=(), description="flags for CC itself")
    make: dict[str, str] = Field(default_factory=dict, description="make's command line")
    headers: dict[str, str] = Field(default_factory=dict, description="files below /in")
    append: tuple[str, ...] = Field(default=(), description="the kernel's command line")

    def for_compiler(self, compiler: Compiler) -> bool:
        """Whether this compiler makes it necessary; every compiler where none is named."""
        if self.gcc is None and self.clang is None:
            return True
        first = self.gcc if compiler.kind == "gcc" else self.clang
        return first is not None and compiler.major >= first


class Refusal(_Entry):
    """A compiler that cannot build a tree, or a program that has to be in the image."""

    reason: str
    until: str = Field(description="what ended it upstream, or what would")
    compiler: Kind | None = Field(default=None, description="whose; none: any")
    least: str | FileText | None = Field(default=None, description="versions before it cannot")
    first: str | None = Field(default=None, description="this version and later cannot")
    without: tuple[str, ...] = Field(default=(), description="cannot when one of these is lacking")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(map(bool, (self.least, self.first, self.without))) > 1:
            raise ValueError("give at most one of least, first and without")
        return self

    def against(self, compiler: Compiler, lacks: Container[str], read: Reader) -> str:
        """What is wrong with a toolchain for a tree that :meth:`matches`; empty when nothing is."""
        if self.compiler not in (None, compiler.kind):
            return ""
        if self.without:
            gone = ", ".join(name for name in self.without if name in lacks)
            return f"there is no {gone} beside it" if gone else ""
        if self.least is not None:
            least = self.least.find(read) if isinstance(self.least, FileText) else self.least
            if least is None or compiler.version >= read_version(least):
                return ""
            return f"{compiler.kind} {'.'.join(map(str, read_version(least)))} or newer is needed"
        if self.first is not None:
            new = compiler.version >= read_version(self.first)
            return f"{compiler.kind} before {self.first} is needed" if new else ""
        return f"{compiler.kind} cannot"


class Renamed(Strict):
    """A Kconfig symbol that has had several names; what is asked for under one gets the other."""

    names: tuple[str, ...] = Field(min_length=2, description="the oldest first")
    until: str = Field(description="what renamed it upstream")


class Eras(Strict):
    """``kernel/eras.toml``."""

    era: tuple[Era, ...] = Field(min_length=1)
    fixup: tuple[FixUp, ...] = ()
    refusal: tuple[Refusal, ...] = ()
    renamed: tuple[Renamed, ...] = ()

    def name_in(self, symbol: str, known: Container[str]) -> str:
        """What a tree calls a symbol; the same where it knows none of its names."""
        if symbol not in known:
            for entry in self.renamed:
                if symbol in entry.names:
                    return next((name for name in entry.names if name in known), symbol)
        return symbol


class Needs(Strict):
    """What one tree needs, with one compiler.

    Attributes:
        era: The generation it is of.
        fixups: Those that apply, in the order of the file.
        suspects: Those with a symptom that this tree asks for, whatever the compiler: what
            to think of when it is seen all the same.
    """

    era: Era
    fixups: tuple[FixUp, ...] = ()
    suspects: tuple[FixUp, ...] = ()

    @property
    def cc(self) -> tuple[str, ...]:
        """Flags for CC itself."""
        return tuple(flag for fixup in self.fixups for flag in fixup.cc)

    @property
    def make(self) -> dict[str, str]:
        """Variables of make's command line."""
        return {key: value for fixup in self.fixups for key, value in fixup.make.items()}

    @property
    def append(self) -> tuple[str, ...]:
        """Words of the kernel's command line."""
        return tuple(word for fixup in self.fixups for word in fixup.append)

    @property
    def headers(self) -> dict[str, str]:
        """Files that the container sees below ``/in``."""
        return {name: text for fixup in self.fixups for name, text in fixup.headers.items()}

    def describe(self) -> str:
        """Which entries apply and why, a line or two each."""
        era = self.era
        lines = [f"{era.name} ({era.releases}): {era.title}"]
        lines.append(f"    because {era.because}")
        lines.append(
            f"  names toolchain {era.toolchain}, make {era.config}, guests by {era.guest} "
            f"with the root {era.guest_root}"
        )
        for fixup in self.fixups:
            lines.append(f"  {fixup.name}: {fixup.reason}")
            lines.append(f"    because {fixup.because}; until {fixup.until}")
        return "\n".join(lines)

    @property
    def key(self) -> str:
        """Hash of what reaches a build; empty when nothing does."""
        parts: list[object] = [self.cc, self.make, self.headers]
        if self.era.config != Era.model_fields["config"].default:
            parts.append(self.era.config)
        return digest(*parts) if any(parts) else ""


def read_eras() -> Eras:
    """``kernel/eras.toml``.

    Raises:
        ManifestError: It has mistakes; all are named.
    """
    return data.read(data.kernel() / "eras.toml", Eras)


def era_of(read: Reader, where: str) -> Era:
    """The first era whose questions a tree answers with yes.

    Args:
        read: Reads the tree.
        where: Its name, for the error.

    Raises:
        UsageError: It is of no era; says which questions it failed.
    """
    eras = read_eras().era
    for era in eras:
        if era.matches(read):
            return era
    failed = "".join(
        f"\n  {era.name} ({era.releases}): not so that {question}"
        for era in eras
        for question in era.when
        if not question.ask(read)
    )
    raise UsageError(
        f"{where} is of no era that patchtool knows:{failed}",
        hint="is it a whole kernel source? A new era is an entry of kernel/eras.toml",
    )


def needs_of(read: Reader, where: str, compiler: Compiler) -> Needs:
    """What a tree needs of a compiler.

    Raises:
        UsageError: It is of no era, as :func:`era_of`.
    """
    asked = [fixup for fixup in read_eras().fixup if fixup.matches(read)]
    return Needs(
        era=era_of(read, where),
        fixups=tuple(fixup for fixup in asked if fixup.for_compiler(compiler)),
        suspects=tuple(fixup for fixup in asked if fixup.symptom),
    )


def refuse(read: Reader, where: str, compiler: Compiler, lacks: Container[str] = ()) -> None:
    """Let no compiler at a tree that is known not to build with it.

    Args:
        read: Reads the tree.
        where: Its name, for the error.
        compiler: What it would be built with.
        lacks: Programs that are not beside it.

    Raises:
        UsageError: With the known reasons, all of them.
    """
    entries = [entry for entry in read_eras().refusal if entry.matches(read)]
    found = [(entry, entry.against(compiler, lacks, read)) for entry in entries]
    wrong = "".join(
        f"\n  {said}: {entry.reason}\n    ({entry.name}, {entry.releases}: {entry.because})"
        for entry, said in found
        if said
    )
    if wrong:
        raise UsageError(
            f"{where} cannot be built with {compiler}:{wrong}",
            hint="choose another --toolchain; `patchtool toolchain list` says which there are",
        )
