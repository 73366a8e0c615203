# SPDX-License-Identifier: GPL-2.0-or-later
"""Fuzzes one parser, led by coverage; or measures how fast it is on what a run has collected.

Each new kind of failure is kept as a file, and the run goes on. What is worth keeping belongs
in tests/data/fuzz/TARGET/, where tests/unit/test_fuzz.py feeds it to the parser again.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
import time
import traceback
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP))

if "--measure" in sys.argv:
    from tests.lib import fuzzing, heavy
else:
    import atheris

    watched = ["patchtool.series", "patchtool.recover", "patchtool.revisions", "tomllib"]
    with atheris.instrument_imports(include=watched):
        from tests.lib import fuzzing, heavy

#: Largest input that is tried, in bytes.
LARGEST = 1 << 16
#: Bytes that may take a second, as promised; and how much slower a parser is when watched.
PER_SECOND, WATCHED = 100_000, 10.0


class Keeper:
    """Keeps one input for each place in the code that fails."""

    def __init__(self, target: str, folder: Path) -> None:
        self.target = target
        self.folder = folder
        self.seen: set[str] = set()

    def __call__(self, text: bytes) -> None:
        """Try one input."""
        begin = time.process_time()
        try:
            fuzzing.run(self.target, text)
        except Exception as error:  # noqa: BLE001 (that is what is looked for)
            last = traceback.extract_tb(error.__traceback__)[-1]
            self.keep(f"{type(error).__name__} {Path(last.filename).name} {last.lineno}", text)
        seconds = time.process_time() - begin
        if seconds > WATCHED * max(0.1, len(text) / PER_SECOND):
            self.keep(f"slow {seconds:.0f} s", text)

    def keep(self, what: str, text: bytes) -> None:
        """Write *text* unless this failure is known."""
        if what in self.seen:
            return
        self.seen.add(what)
        name = f"{what.replace(' ', '-')}-{hashlib.sha256(text).hexdigest()[:8]}"
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(text)
        sys.stderr.write(f"found: {what}: {self.folder / name}\n")


def measure(target: str, corpus: Path) -> None:
    """Print the slowest inputs, as seconds for 100 kB; inputs below 1 kB tell nothing."""
    collected = (
        (path.name, path.read_bytes()) for path in [*corpus.glob("*"), *fuzzing.found(target)]
    )
    rows = []
    for name, text in itertools.chain(collected, heavy.inputs(target)):
        times = -(-1000 // max(1, len(text)))
        begin = time.process_time()
        try:
            for _ in range(times):
                fuzzing.run(target, text)
        except Exception as error:  # noqa: BLE001 (that is what is looked for)
            sys.stdout.write(f"found: {type(error).__name__}: {error}: {name}\n")
        seconds = (time.process_time() - begin) / times
        rows.append((seconds * PER_SECOND / max(1000, len(text)), seconds, len(text), name))
    rows.sort(reverse=True)
    sys.stdout.write(f"{target}: {len(rows)} inputs; the slowest:\n")
    for rate, seconds, size, name in rows[:5]:
        sys.stdout.write(f"{rate:8.3f} s/100 kB  {seconds:.4f} s  {size} bytes  {name}\n")


def main() -> None:
    """Fuzz or measure, as asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=sorted(fuzzing.TARGETS))
    parser.add_argument("--seconds", type=int, default=120, help="how long (120)")
    parser.add_argument("--out", type=Path, default=TOP / "build" / "fuzz", help="build/fuzz")
    parser.add_argument("--measure", action="store_true", help="only measure the collected inputs")
    wanted = parser.parse_args()
    corpus = wanted.out / wanted.target / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in fuzzing.seeds(wanted.target):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    if wanted.measure:
        measure(wanted.target, corpus)
        return
    words = wanted.out / wanted.target / "words"
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in fuzzing.words(wanted.target))
    words.write_text("".join(f'"{word}"\n' for word in escaped), encoding="ascii")
    keeper = Keeper(wanted.target, wanted.out / wanted.target / "found")
    flags = [f"-max_total_time={wanted.seconds}", f"-max_len={LARGEST}", "-timeout=60"]
    flags += [f"-artifact_prefix={wanted.out / wanted.target}/", f"-dict={words}"]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], keeper)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
