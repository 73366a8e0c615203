# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures the figures of ci/README.md again; each is a ratio of two things of one run.

Timings on shared machines are noisy, so nothing here passes or fails: it prints the figure
and the goal.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from ci import (
    bench_archive,
    bench_bad,
    bench_base,
    bench_bisect,
    bench_intake,
    bench_recover,
    bench_revisions,
    bench_threads,
)
from patchtool.build.container.detect import choose_runtime
from patchtool.build.container.runtime import Mount
from patchtool.build.toolchain.toolchain import ensure_toolchain
from patchtool.core import process, settings
from patchtool.core.progress import Lines
from patchtool.core.store import Store
from patchtool.guest.accel import probe
from patchtool.guest.root import ensure_root
from patchtool.guest.session import GuestSpec, boot
from patchtool.tree.repository import ensure_tree
from patchtool.tree.workspace import worktree

TOP = Path(__file__).resolve().parents[1]
SOURCE = Path("/usr/src/linux-source-6.12.tar.xz")
PARTS = ("intake", "base", "recover", "revisions", "bisect", "guest", "build", "demo")


def say(what: str, figure: str, goal: str) -> None:
    """Print one result."""
    sys.stdout.write(f"{what:52} {figure:>24}   goal: {goal}\n")
    sys.stdout.flush()


class Watched:
    """Runs patchtool, and keeps its own peak memory (VmHWM) in MiB and its time."""

    def __init__(self, *words: str, env: dict[str, str] | None = None) -> None:
        begin = time.monotonic()
        argv = [sys.executable, "-m", "patchtool", "--progress", "plain", *words]
        child = subprocess.Popen(argv, env={**os.environ, **(env or {})})
        self.peak = 0.0
        watcher = threading.Thread(target=self._watch, args=(child,), daemon=True)
        watcher.start()
        self.status = child.wait()
        self.seconds = time.monotonic() - begin
        watcher.join()

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        status = Path(f"/proc/{child.pid}/status")
        while child.poll() is None:
            try:
                for line in status.read_text(encoding="ascii").splitlines():
                    if line.startswith("VmHWM:"):
                        self.peak = max(self.peak, int(line.split()[1]) / 1024)
            except (FileNotFoundError, ProcessLookupError):
                return
            time.sleep(0.05)


def job(*words: str, env: dict[str, str] | None = None) -> Watched:
    """The main job on the packaged kernel."""
    tree = ("--tree", str(SOURCE))
    return Watched("apply-and-test", "balloon-counters", *tree, *words, env=env)


def demo(*, cold: bool) -> None:
    """The main job from nothing, again, and again without tests."""
    if cold:
        with tempfile.TemporaryDirectory(prefix="patchtool-bench-", dir=TOP.parent) as folder:
            env = {f"PATCHTOOL_{key}": f"{folder}/{key}" for key in ("CACHE", "DATA", "STATE")}
            first = job(env=env)
            say("main job, nothing stored", f"{first.seconds:.0f} s", "900 s with set-up")
            say("  peak memory of patchtool", f"{first.peak:.0f} MiB", "200 MiB")
            _again(env)
    else:
        job()
        _again({})


def _again(env: dict[str, str]) -> None:
    second = job(env=env)
    say("main job, nothing changed", f"{second.seconds:.0f} s", "90 s")
    say("  peak memory of patchtool", f"{second.peak:.0f} MiB", "200 MiB")
    third = job("--no-tests", env=env)
    say("main job, nothing changed, --no-tests", f"{third.seconds:.1f} s", "3 s")


def build() -> None:
    """CPU seconds for our configuration, and for virtme-ng's own; one changed file."""
    chosen, progress = settings.load(), Lines()
    store = Store(chosen.cache / "store")
    runtime = choose_runtime(chosen, progress)
    toolchain = ensure_toolchain(runtime, chosen, store, progress)
    tree = ensure_tree(str(SOURCE), chosen, progress)
    ours = job("--no-tests")
    assert ours.status == 0
    config = next(path for path in (chosen.cache / "store/image").glob("*/.config"))
    with (
        worktree(tree, "HEAD", chosen, progress) as source,
        tempfile.TemporaryDirectory(prefix="patchtool-bench-", dir=chosen.cache) as name,
    ):
        seconds = {}
        for kind in ("ours", "vng"):
            objects = Path(name, kind)
            runtime.give(objects)
            text = config.read_bytes() if kind == "ours" else _vng_config(source.path, Path(name))
            (objects / ".config").write_bytes(text)

            script = (
                "yes '' | make O=/obj oldconfig >/dev/null; "
                f"make -s O=/obj -j{chosen.jobs + 1} bzImage >/dev/null 2>&1; times"
            )

            def make(objects: Path = objects, script: str = script) -> float:
                done = runtime.run(
                    toolchain.image,
                    ["bash", "-c", script],
                    timeout=7200,
                    mounts=[Mount(source.path, "/src"), Mount(objects, "/obj", writable=True)],
                    cwd="/src",
                    capture=True,
                )
                words = done.stdout.decode().split()[-2:]
                return sum(_seconds(word) for word in words)

            seconds[kind] = make()
            if kind == "ours":
                compaction = source.path / "mm/compaction.c"
                compaction.write_text(compaction.read_text() + "\n/* changed */\n")
                seconds["one"] = make()
    ratio = seconds["ours"] / seconds["vng"]
    figures = f"{seconds['ours']:.0f} / {seconds['vng']:.0f} = {ratio:.2f}"
    say("CPU seconds, our configuration / vng --kconfig", figures, "0.35")
    ratio = seconds["one"] / seconds["ours"]
    figures = f"{seconds['one']:.0f} / {seconds['ours']:.0f} = {ratio:.2f}"
    say("CPU seconds, one changed file in mm/ / full build", figures, "0.15")


def _seconds(word: str) -> float:
    minutes, _, rest = word.rstrip("s").partition("m")
    return int(minutes) * 60 + float(rest)


def _vng_config(source: Path, folder: Path) -> bytes:
    """The .config that ``vng --kconfig`` makes of this source."""
    out = folder / "vng-config"
    out.mkdir()
    process.run(["vng", "--kconfig", f"O={out}"], cwd=source, timeout=600)
    return (out / ".config").read_bytes()


def guest(rounds: int) -> None:
    """From image to the first answer, against ``vng --exec true``; alternating."""
    chosen, progress = settings.load(), Lines()
    store = Store(chosen.cache / "store")
    root = ensure_root(chosen, store, progress)
    accelerator = probe(chosen, progress)
    image = next((chosen.cache / "store/image").glob("*/bzImage"))
    spec = GuestSpec(chosen.guest_memory, chosen.guest_cpus)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="patchtool-bench-") as name:
        for count in range(rounds):
            folder = Path(name, str(count))
            folder.mkdir()
            begin = time.monotonic()
            with boot(
                image, spec, root=root, accelerator=accelerator, folder=folder, settings=chosen,
                progress=progress,
            ) as booted:  # fmt: skip
                booted.call("ping")
                ours.append(time.monotonic() - begin)
            begin = time.monotonic()
            words = ["vng", "--run", str(image), "--root", str(root.path), "--force-9p"]
            words += ["--memory", f"{spec.memory_mib}M", "--cpus", str(spec.cpus), "--exec", "true"]
            if accelerator.name == "tcg":
                words.append("--disable-kvm")
            process.run(words, cwd=Path(name), timeout=600, check=False)
            theirs.append(time.monotonic() - begin)
    one, two = statistics.median(ours), statistics.median(theirs)
    figures = f"{one:.1f} / {two:.1f} = {one / two:.2f}"
    say("first answer of a guest / vng --exec true", figures, "1.0")


def main() -> None:
    """Measure what was asked for."""
    asked = _asked()
    parts = asked.part or PARTS
    if "intake" in parts and not asked.archive:
        bench_intake.bench(say)
    for repository in asked.archive:
        bench_archive.bench(say, repository, asked.limit)
    if "base" in parts:
        bench_base.bench(say)
    if "recover" in parts and asked.history:
        bench_recover.bench(say, asked.history)
    if asked.threads:
        bench_threads.bench(say, asked.threads, asked.labels)
    elif "revisions" in parts:
        bench_revisions.bench(say)
    for part, measure in (
        ("bisect", partial(bench_bisect.bench, say, asked.histories)),
        ("guest", partial(guest, asked.rounds)),
        ("guest", partial(bench_bad.bench, say, SOURCE)),
        ("build", build),
        ("demo", partial(demo, cold=asked.cold)),
    ):
        if part in parts:
            measure()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], metavar="|".join(PARTS))
    parser.add_argument("--cold", action="store_true", help="demo with empty caches")
    parser.add_argument("--rounds", type=int, default=5, help="boots to take the median of")
    parser.add_argument(
        "--history", type=Path, action="append", default=[],
        help="git repository of C code whose commits `recover` damages and restores",
    )  # fmt: skip
    parser.add_argument(
        "--archive", type=Path, action="append", default=[],
        help="public-inbox git repository: `intake` compares its mails with git's and b4's reading",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=int, help="newest mails of an archive to read; all if not given"
    )
    parser.add_argument(
        "--threads", type=Path,
        help="folder of NAME.old.mbox and NAME.new.mbox: `revisions` measures how they are read",
    )  # fmt: skip
    parser.add_argument("--labels", type=Path, help="what people say of the remarks in --threads")
    parser.add_argument(
        "--histories", type=int, default=bench_bisect.HISTORIES,
        help="made-up histories that `bisect` searches",
    )  # fmt: skip
    asked = parser.parse_args()
    if "recover" in asked.part and not asked.history:
        parser.error("recover needs --history: a git repository of C code")
    if (asked.threads is None) != (asked.labels is None):
        parser.error("--threads and --labels need each other")
    return asked


if __name__ == "__main__":
    main()
