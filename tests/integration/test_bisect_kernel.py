# SPDX-License-Identifier: GPL-2.0-or-later
"""A search by a guest test: real git and containers, a kernel in miniature, and no real guest."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.bisect.between import Words
from patchtool.bisect.bisection import Bisection
from patchtool.bisect.experiment import Experiment
from patchtool.bisect.hunt import Limits
from patchtool.bisect.values import Failures
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import InfraError
from patchtool.guest.accel import Accelerator
from patchtool.intake.load import Reference, load_series
from patchtool.run import workplace

if TYPE_CHECKING:
    from patchtool.bisect.record import BisectRecord
    from tests.lib.bench import Bench

FAKE = Path(__file__).parents[1] / "data" / "fake_guest" / "conftest.py"
#: What the image holds decides; a file beside the tests makes the machine ill.
MODULE = """
from pathlib import Path
import pytest
from patchtool.errors import LostGuest

def test_image(guest):
    text = guest.image.read_bytes()
    if Path(__file__).with_name("ill").exists():
        raise LostGuest("went silent")
    assert b"other_bug" not in text, "the other bug is there"
    assert b"the_bug" not in text, "the bug is there"
"""
MANIFEST = """
title = "the tree as it is"
revision = 1
merged = true
[base]
tag = "v6.12"
[kconfig.requires]
COMPACTION = "y"
[tests]
modules = ["test_image.py"]
"""


@dataclass
class Kernel:
    """A user's kernel tree, to which commits are added, and a test of its images."""

    bench: Bench
    modules: Path
    settings: Settings

    def commit(self, name: str, path: str, old: str, new: str) -> None:
        """Commit a change of a file, and tag it."""
        file = self.bench.tree / path
        text = file.read_text() if file.exists() else ""
        assert old in text
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace(old, new, 1) if old else text + new)
        self.bench.git("add", "-A")
        self.bench.git("commit", "-qm", f"mm: {name}")
        self.bench.git("tag", name)

    def string(self, name: str, text: str) -> None:
        """Commit a further string in the image."""
        self.commit(name, "mm/vmstat.c", '\t"nr_dirty",\n', f'\t"nr_dirty",\n\t"{text}",\n')

    def search(self, good: str, bad: str, **more: Any) -> Bisection:
        manifest = self.modules / "series.toml"
        manifest.write_text(MANIFEST)
        series = load_series(Reference(str(manifest)), self.settings, Silent())
        return Bisection(
            tree=str(self.bench.tree),
            good=good,
            bad=bad,
            experiment=Experiment(
                test="test_image.py::test_image",
                series=series,
                modules=self.modules,
                share_host_root=True,
            ),
            limits=Limits(),
            failures=Failures(),
            words=Words(),
            settings=self.settings,
            progress=Silent(),
            **more,
        )

    def words(self, record: BisectRecord) -> list[tuple[str, str]]:
        """Each try's verdict, and the commit by its name."""
        return [(s.verdict_word, s.subject.removeprefix("mm: ")) for s in record.steps]


@pytest.fixture
def kernel(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    none = Accelerator("none", 0.0, 1.0)  # to measure a real one takes long, and none is used
    monkeypatch.setattr(workplace, "probe", lambda *_: none)
    modules = tmp_path / "guest"
    modules.mkdir()
    shutil.copy(FAKE, modules / "conftest.py")
    (modules / "test_image.py").write_text(MODULE)
    conf = Settings(
        cache=bench.folder / "cache", data=bench.folder / "data", state=bench.folder / "state"
    )
    return Kernel(bench, modules, conf)


def test_a_test_leads_to_the_commit_that_broke_it(kernel: Kernel) -> None:
    for at in range(12):
        path = ("Documentation/x", "mm/compaction.c")[at % 2]
        kernel.commit(f"d{at}", path, "", f"/* {at} */\n")
        if at == 3:
            kernel.string("s0", "one")
        if at == 7:
            kernel.string("culprit", "the_bug")
    made, folder = kernel.search("d0", "d11").run()
    assert made.outcome == "found", made.message
    assert made.candidates[0].commits[0].subject == "mm: culprit"
    assert made.titles == ("the bug is there",)
    assert made.revert.startswith("verified by revert")
    tried = [step for step in made.steps if step.verdict_word != "same"]
    assert all(step.run_seconds > 0.3 for step in tried), "each try is a run of its own"
    words = kernel.words(made)
    assert "same" in {word for word, _ in words}, "equal images are not booted"
    assert made.unread == 5, "what only changes documentation is not built"
    assert not {f"d{at}" for at in range(2, 12, 2)} & {name for _, name in words if name != "d8"}
    commits = {step.commit for step in made.steps}
    assert made.builds <= len(commits) + 1
    assert (folder / "bisect.log").is_file()
    assert "podman" in (folder / "commands.sh").read_text()

    again, _ = kernel.search("d0", "d11").run()
    assert again.steps == made.steps, "nothing is tried twice"


def test_what_does_not_build_or_fails_otherwise_is_skip(kernel: Kernel) -> None:
    kernel.string("s0", "zero")
    kernel.string("s1", "one")
    kernel.commit("broken", "mm/compaction.c", "\treturn order;", "\treturn order")
    kernel.commit("mended", "mm/compaction.c", "\treturn order", "\treturn order;")
    kernel.string("other", "other_bug")
    kernel.commit("gone", "mm/vmstat.c", '\t"other_bug",\n', "")
    kernel.string("culprit", "the_bug")
    kernel.string("s2", "two")
    made, _ = kernel.search("s0", "s2").run()
    assert made.outcome == "found", made.message
    assert made.candidates[0].commits[0].subject == "mm: culprit"
    verdicts = {name: word for word, name in kernel.words(made)}
    for name in verdicts.keys() & {"broken", "other"}:
        assert verdicts[name] == "skip"
    again, _ = kernel.search("other", "s2").run()
    assert again.outcome == "good end"
    assert again.other_failures == {"the other bug is there": 1}


def test_a_lost_guest_ends_the_search_and_blames_nobody(kernel: Kernel) -> None:
    kernel.string("s0", "zero")
    kernel.string("s1", "one")
    kernel.string("culprit", "the_bug")
    ill = kernel.modules / "ill"
    ill.touch()
    search = kernel.search("s0", "culprit")
    with pytest.raises(InfraError, match="went silent"):
        search.run()
    ill.unlink()
    made, _ = search.run()
    assert made.outcome == "found"
    assert made.candidates[0].commits[0].subject == "mm: culprit"
