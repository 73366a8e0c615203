# SPDX-License-Identifier: GPL-2.0-or-later
"""How make is called: one command line, one container, one script around it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from patchtool.build.kernel.objtree import object_tree, read_result
from patchtool.errors import BuildError, DiskFull, InfraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from patchtool.build.kernel.objtree import ObjectTree
    from patchtool.build.kernel.warnings import BuildLog
    from patchtool.build.kernel.workshop import Workshop
    from patchtool.build.toolchain.toolchain import Toolchain
    from patchtool.errors import CommandError

#: What ``make`` is told on every call; constant, so that objects stay valid between runs.
MAKE = (
    "make",
    "--directory=/src",
    "--no-print-directory",
    "--output-sync=target",
    "O=/obj",
    "ARCH=x86_64",
    "HOSTCC=/in/hostcc",
    "LOCALVERSION=",  # also keeps scm state out of the release
    "KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970",
    "KBUILD_BUILD_USER=patchtool",
    "KBUILD_BUILD_HOST=patchtool",
    "KBUILD_BUILD_VERSION=1",
)
#: Takes away what a build that was killed may have left half written: kbuild only removes
#: the target of a recipe that failed, not of one that was killed. ccache has most of it.
#: The trap keeps a shell that outlives its make from calling that an orderly end.
RECOVER = """\
trap 'exit 143' TERM
if [ -e /obj/.patchtool-busy ]; then
    find /obj -type f -newer /obj/.patchtool-busy -delete
fi
: > /obj/.patchtool-busy
"""
#: The compiler make calls. ccache in depend mode takes the word of the compiler for what a file
#: includes, and the compiler does not tell of ``.incbin``: the bzImage's piggy.S, which wraps
#: the whole kernel, would come out of the cache with the kernel of an earlier build in it.
COMPILER = """\
#!/bin/sh
for last; do :; done
case $last in
*.S) exec {program} "$@" ;;
*.c) if [ -n "$PATCHTOOL_INCBIN" ] || grep -qs incbin "$last"; then exec {program} "$@"; fi ;;
esac
exec {ccache}{program} "$@"
"""
#: Tells the compiler above when any header has such a directive, so that no C file is safe.
LOOK = """\
if grep -rqs incbin /src/include /src/arch/x86/include; then
    export PATCHTOOL_INCBIN=1
fi
"""
#: Around every make, whose command line is the script's arguments; *before* and *after* are
#: shell lines, the latter for a make that ended well.
SCRIPT = """\
{recover}{before}status=0
"$@" || status=$?
rm -f /obj/.patchtool-busy
times > /out/times
[ $status = 0 ] || exit $status
{after}"""


@dataclass(frozen=True, slots=True)
class Make:
    """An object tree that is held, with the folders for one call of make in it.

    Attributes:
        objects: The object tree, ``/obj`` in the container.
        srctree: The source, ``/src``.
        workshop: Where and with what it is built.
        inputs: What make is given, ``/in``.
        out: What it leaves, ``/out``.
    """

    objects: ObjectTree
    srctree: Path
    workshop: Workshop
    inputs: Path
    out: Path

    def run(
        self,
        *goals: str,
        before: str = "",
        after: str = "",
        log: Path | None = None,
        on_line: Callable[[str], object] | None = None,
        **variables: str,
    ) -> None:
        """Run make in the container.

        Args:
            goals: What make is to make, and options of its own.
            before: Shell lines to run first.
            after: Shell lines to run when make ended well.
            log: File to which what it prints is appended.
            on_line: Called with each line it prints.
            variables: Variables on make's command line.

        Raises:
            CommandError: It failed; :func:`explained` makes an error of that.
            CommandTimeout: It took longer than ``build_timeout``.
        """
        script = SCRIPT.format(recover=RECOVER, before=before, after=after)
        words = make_words(self.objects.toolchain, *goals, **variables)
        self.workshop.runtime.run(
            self.objects.toolchain.image,
            ["sh", "-c", script, "patchtool", *words],
            timeout=self.workshop.settings.build_timeout,
            mounts=self.objects.mounts(self.srctree, self.inputs, self.out),
            env=self.objects.environment(),
            cwd="/src",
            log=log,
            on_line=on_line,
        )

    def result(self, name: str, limit: int) -> bytes | None:
        """A file it left; None when it left none.

        Raises:
            BuildError: It is a link, a device, or larger than *limit* bytes.
        """
        return read_result(self.out / name, limit)

    def cpu_seconds(self) -> float:
        """User and system time of the children: the second line of the shell's ``times``."""
        lines = (self.result("times", 4096) or b"").decode("ascii", "replace").splitlines()
        total = 0.0
        for word in lines[1].split() if len(lines) > 1 else ():
            minutes, _, seconds = word.rstrip("s").partition("m")
            try:
                total += int(minutes) * 60 + float(seconds)
            except ValueError:
                return 0.0
        return total


@contextmanager
def prepared(objtree: str, srctree: Path, workshop: Workshop, **files: str) -> Iterator[Make]:
    """Hold the object tree of that name, and have the folders for one call of make.

    The container sees *files* in ``/in``, beside the compilers make is told to call and the
    headers the tree needs. What it leaves is gone afterwards.
    """
    with (
        object_tree(objtree, workshop) as objects,
        TemporaryDirectory(
            dir=objects.folder, prefix=".make.", ignore_cleanup_errors=True
        ) as folder,
    ):
        given, out = Path(folder, "in"), Path(folder, "out")
        given.mkdir()
        workshop.runtime.give(out)
        toolchain, needs = objects.toolchain, objects.toolchain.needs
        ccache = "" if "ccache" in toolchain.lacks else "ccache "
        host = toolchain.program if "gcc" in toolchain.lacks else "gcc"
        for name, program in (("cc", target_compiler(toolchain)), ("hostcc", host)):
            script = COMPILER.format(program=program, ccache=ccache)
            (given / name).write_text(script, encoding="ascii")
            (given / name).chmod(0o755)
        for file, text in {**files, **(needs.headers if needs else {})}.items():
            (given / file).write_text(text, encoding="utf-8")
        yield Make(objects, srctree, workshop, given, out)


def target_compiler(toolchain: Toolchain) -> str:
    """The compiler of kernel code, with the flags the tree needs in CC itself."""
    return " ".join([toolchain.program, *(toolchain.needs.cc if toolchain.needs else ())])


def make_words(toolchain: Toolchain, *words: str, **variables: str) -> Sequence[str]:
    """A make command line, with the variables compiler and tree need and *variables*."""
    needed = toolchain.needs.make if toolchain.needs else {}
    values = {**toolchain.make, **needed, **variables}
    return [*MAKE, *(f"{key}={value}" for key, value in values.items()), *words]


def explained(
    failure: CommandError, text: str, found: BuildLog, what: str, cache: Path, log: Path | None
) -> BuildError | InfraError | CommandError:
    """Whose fault it is that make failed.

    Args:
        failure: How it ended.
        text: All it printed.
        found: The same, read.
        what: Such as ``3/5 does not compile``.
        cache: The folder it writes to.
        log: Where *text* is kept.
    """
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return DiskFull(str(cache))
    place = f"the log is {log}" if log else ""
    if "Killed signal terminated program" in text:
        return InfraError(
            "; ".join(filter(None, [f"{what}: the compiler was killed", place])),
            hint="this is mostly for want of memory: set `jobs` to a smaller number",
        )
    if found.error is None:
        return failure
    return BuildError(f"{what}: {found.error}", hint=place)
