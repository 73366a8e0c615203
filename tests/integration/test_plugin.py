# SPDX-License-Identifier: GPL-2.0-or-later
"""The pytest plugin, run for real in its own process, with a guest that is none."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest

from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import InfraError, UsageError
from patchtool.guest.accel import Accelerator
from patchtool.guest.root import GuestRoot
from patchtool.series.figures import Claim
from patchtool.testing import record_file
from patchtool.testing.pytest_run import run_tests
from patchtool.testing.records import CounterDelta, Outcome, TestRecord, TestRun
from patchtool.testing.test_plan import SeriesCounters, TestPlan

FAKE = Path(__file__).parents[1] / "data" / "fake_guest" / "conftest.py"


class Bench:
    """A folder with test modules for the fake guest, and a plan to run them."""

    def __init__(self, folder: Path) -> None:
        self.modules = folder / "guest"
        self.modules.mkdir()
        shutil.copy(FAKE, self.modules / "conftest.py")
        self.folder = folder / "work"
        self.said: list[str] = []

    def write(self, name: str, text: str) -> None:
        (self.modules / name).write_text("import os, time, pytest\n" + textwrap.dedent(text))

    def plan(self, **changes: Any) -> TestPlan:
        facts: dict[str, Any] = {
            "label": "4/4",
            "bzimage": Path("bzImage"),
            "image_digest": "1",
            "root": GuestRoot(Path("/"), ""),
            "accelerator": Accelerator("none", 0.0, 1.0),
            "features": ("counter:moved", "counter:gone", "config:X"),
            "series": SeriesCounters(counters=("isolated",), invariants=("isolated == moved",)),
            "settings": Settings(boot_timeout=2),
            "record": self.folder / "record.jsonl",
            "folder": self.folder,
        }
        return TestPlan(**{**facts, **changes})

    def run(self, **changes: Any) -> TestRun:
        outer = self

        class Ears(Silent):
            def update(
                self, detail: str, done: int | None = None, total: int | None = None
            ) -> None:
                outer.said.append(f"{done}/{total} {detail}")

        return run_tests(self.plan(**changes), sorted(self.modules.glob("test_*.py")), Ears())

    @property
    def log(self) -> str:
        return (self.folder / "pytest.log").read_text()

    @property
    def boots(self) -> list[str]:
        return (self.folder / "boots").read_text().splitlines()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def by_name(run: TestRun) -> dict[str, TestRecord]:
    return {test.nodeid.partition("::")[2]: test for test in run.tests}


def test_roles_are_counters_in_what_is_recorded(bench: Bench) -> None:
    """A test names roles; its needs and checks are recorded by the counters that play them."""
    bench.write(
        "test_a.py",
        """
        @pytest.mark.needs("role:migrated")
        def test_filled(guest, vmstat):
            with vmstat.delta("work") as d:
                guest.bump(moved=3, isolated=3)
            assert d["migrated"] == 3
            d.check("migrated == asked", asked=3)

        @pytest.mark.needs("role:released")
        def test_nobody(guest):
            pass

        @pytest.mark.needs("balloon-flag")
        def test_unmarked(guest):
            pass
        """,
    )
    facts = SeriesCounters(counters=("isolated",), roles={"migrated": "moved"})
    tests = by_name(bench.run(series=facts))
    assert tests["test_filled"].outcome is Outcome.PASSED
    assert tests["test_filled"].needs == ("counter:moved",)
    assert [check.text for check in tests["test_filled"].checks] == ["moved == asked"]
    assert tests["test_nobody"].outcome is Outcome.SKIPPED
    assert tests["test_nobody"].reason == "not promised for 4/4: role:released"
    assert tests["test_unmarked"].reason == "this kernel does not have it: balloon-flag"


def test_outcomes_and_what_is_recorded(bench: Bench) -> None:
    """Passed, failed, skipped by name, promised but missing: each with its facts."""
    bench.write(
        "test_a.py",
        '''
        def test_good(guest, vmstat, figures):
            """Counts what moved."""
            with vmstat.delta("work") as d:
                guest.bump(moved=3, isolated=3)
            d.check("isolated == moved", "moved >= 0.9 * asked", asked=3)
            figures["share"] = 1.0

        def test_bad(guest, vmstat):
            with vmstat.delta("work") as d:
                guest.bump(moved=2, isolated=2)
            d.check("isolated == moved + 1")

        def test_plain_assert(guest, vmstat):
            with vmstat.delta("plain") as d:
                guest.bump(balloon_inflate=4)
            assert d["balloon_inflate"] == 5

        def test_misspelt(vmstat):
            with vmstat.delta() as d:
                pass
            assert d["balloon_inflat"] == 0

        @pytest.mark.needs("counter:isolated", "counter:moved", "thp")
        def test_unpromised(guest):
            pass

        @pytest.mark.needs("counter:balloon_inflate")
        def test_mainline_counter(guest):
            pass

        @pytest.mark.needs("counter:of_another_release")
        def test_other_release(guest):
            pass

        @pytest.mark.needs("counter:gone")
        def test_missing(guest):
            pass
        ''',
    )
    run = bench.run()
    tests = by_name(run)
    assert run.complete
    assert run.summary == "2 passed, 4 failed, 2 skipped"
    good = tests["test_good"]
    assert good.title == "Counts what moved."
    assert good.deltas == {"moved": CounterDelta(0, 3, 3), "isolated": CounterDelta(0, 3, 3)}
    assert [(check.text, check.window) for check in good.checks] == [
        ("isolated == moved", "work"),
        ("moved >= 0.9 * asked", "work"),
        ("isolated == moved", "the whole test"),
    ]
    assert good.figures == {"share": 1.0}
    assert good.samples.counters["moved"] == (0, 0, 3)
    assert good.samples.seconds[2] - good.samples.seconds[0] == pytest.approx(0.4)
    assert good.guest is not None
    assert (good.guest.memory_mib, good.guest.boot_seconds, good.guest.boot) == (1024, 0.25, 1)
    bad = tests["test_bad"]
    assert bad.cause == "ChecksFailed"
    assert "isolated == moved + 1 does not hold: 2 against 3" in bad.reason
    assert bad.where == "test_a.py:13"
    assert bad.failed_checks[0].values == {"isolated": 2, "moved": 2}
    assert "isolated       3      5     +2" in bench.log
    assert tests["test_plain_assert"].windows[0].label == "plain"
    assert "vmstat during plain" in bench.log
    assert "near: balloon_inflate" in tests["test_misspelt"].reason
    assert tests["test_unpromised"].outcome is Outcome.SKIPPED
    assert tests["test_unpromised"].reason == "not promised for 4/4: counter:isolated, thp"
    other = tests["test_other_release"]
    assert (other.outcome, other.reason) == (
        Outcome.SKIPPED,
        "this kernel does not have it: counter:of_another_release",
    )
    missing = tests["test_missing"]
    assert missing.outcome is Outcome.FAILED
    assert "booted kernel does not have it: counter:gone" in missing.reason
    assert bench.said[0].endswith("0/8 test_a.py::test_good")
    assert "8/8 test_a.py::test_missing: failed" in bench.said
    assert bench.boots == ["up 1024", "down 1024"]


def test_splat_fails_the_test_that_caused_it(bench: Bench) -> None:
    """A complaint of the kernel fails a test that passed, and the next gets a new guest."""
    bench.write(
        "test_a.py",
        """
        @pytest.fixture
        def late(guest):
            yield
            guest.splat("BUG: late")

        def test_warns(guest):
            guest.splat("WARNING: here")

        def test_innocent(guest):
            pass

        def test_warns_in_teardown(late):
            pass

        def test_taints(guest):
            guest.files["/proc/sys/kernel/tainted"] = "512\\n"

        def test_at_last(guest):
            pass
        """,
    )
    tests = by_name(bench.run())
    warns = tests["test_warns"]
    assert (warns.outcome, warns.cause) == (Outcome.FAILED, "KernelComplaint")
    assert warns.splats[0].lines == ("WARNING: here line 1", "line 2")
    assert "WARNING: here line 1" in warns.reason
    assert tests["test_innocent"].outcome is Outcome.PASSED
    assert "BUG: late" in tests["test_warns_in_teardown"].reason
    assert tests["test_taints"].splats[0].title == "the kernel's taint flags went from 0 to 512"
    assert tests["test_at_last"].outcome is Outcome.PASSED
    assert [test.guest.boot for test in tests.values() if test.guest] == [1, 2, 2, 3, 4]


def test_invariants_hold_for_every_test(bench: Bench) -> None:
    """The manifest's invariants are checked on a whole test that did not look itself."""
    bench.write("test_a.py", "def test_quiet(guest):\n    guest.bump(moved=1)\n")
    (test,) = bench.run().tests
    assert test.outcome is Outcome.FAILED
    assert "isolated == moved does not hold: 0 against 1" in test.reason
    assert test.failed_checks[0].window == "the whole test"


def test_guest_that_dies(bench: Bench) -> None:
    """A panic or a silent end is that test's failure, by its kind; the next test is not hurt."""
    bench.write(
        "test_a.py",
        """
        from patchtool.errors import BootError, LostGuest

        def test_panics(guest):
            guest.die(BootError("Kernel panic - not syncing: fatal"))
            guest.call("vmstat")

        def test_powers_off_unseen(guest):
            guest.die(LostGuest("QEMU ended"))

        def test_next(guest):
            pass
        """,
    )
    tests = by_name(bench.run())
    panics = tests["test_panics"]
    assert (panics.outcome, panics.cause) == (Outcome.FAILED, "BootError")
    assert panics.reason == "Kernel panic - not syncing: fatal"
    unseen = tests["test_powers_off_unseen"]
    assert (unseen.outcome, unseen.cause) == (Outcome.FAILED, "LostGuest")
    assert tests["test_next"].outcome is Outcome.PASSED


@pytest.mark.parametrize(("label", "cause"), [("panics", "BootError"), ("silent", "LostGuest")])
def test_guest_that_does_not_boot(bench: Bench, label: str, cause: str) -> None:
    """After two boots that failed no more are tried; every test says why."""
    bench.write("test_a.py", "\n".join(f"def test_{n}(guest): pass" for n in range(5)))
    run = bench.run(label=label)
    assert {(test.outcome, test.cause) for test in run.tests} == {(Outcome.FAILED, cause)}
    assert "not booted again after 2 failures" in run.tests[4].reason
    assert bench.boots == ["up 1024", "up 1024"]


def test_the_digests_of_a_plan_are_taken_as_they_are(bench: Bench) -> None:
    """They were made a second time, and a module changed in between gave the plan another name."""
    bench.write("test_a.py", "def test_a(guest): pass")
    modules = ("test_a.py 0123",)
    assert bench.run(modules=modules).plan == bench.plan(modules=modules).identity


def test_one_guest_at_a_time(bench: Bench) -> None:
    """Tests that share a guest run together, and a guest is ended before the next begins."""
    bench.write(
        "test_a.py",
        """
        def test_1(guest):
            assert guest.spec.cpus == 2

        @pytest.mark.guest_spec(memory_mib=512, nodes=2)
        def test_2(guest):
            assert guest.spec.nodes == 2

        def test_3(guest):
            assert guest.spec.memory_mib == 1024
        """,
    )
    run = bench.run()
    assert run.passed
    assert bench.boots == ["up 1024", "down 1024", "up 512", "down 512"]
    assert [test.nodeid[-1] for test in run.tests] == ["1", "3", "2"]


def test_fresh_guest(bench: Bench) -> None:
    """A test that asks for a fresh guest gets one that no other test had, and runs first."""
    bench.write(
        "test_a.py",
        """
        def test_1(guest):
            pass

        @pytest.mark.fresh_guest
        def test_2(guest):
            pass

        @pytest.mark.fresh_guest
        def test_3(guest):
            pass
        """,
    )
    run = bench.run()
    assert [(test.nodeid[-1], test.guest and test.guest.boot) for test in run.tests] == [
        ("2", 1),
        ("3", 2),
        ("1", 2),
    ]


def test_measured_once_per_guest(bench: Bench) -> None:
    """What several tests look at is measured by the first, and again on a new guest only."""
    bench.write(
        "test_a.py",
        """
        @pytest.fixture
        def work(once, guest, vmstat):
            def measure():
                with vmstat.delta("work") as d:
                    guest.bump(moved=1, isolated=1)
                d.facts["asked"] = 1
                return d
            return once("work", measure)

        def test_1(work):
            work.check("moved == asked")

        def test_2(work, guest):
            work.check("isolated == asked")
            assert guest.counters["moved"] == 1
            guest.splat("BUG: over")

        def test_3(work, guest):
            work.check("isolated == asked")
            assert guest.counters["moved"] == 1
        """,
    )
    first, second, third = bench.run().tests
    assert first.deltas["moved"].delta == 1
    assert second.windows[0].label == "work (measured by an earlier test on this guest)"
    assert second.checks[0].values == {"isolated": 1, "asked": 1}
    assert second.deltas["isolated"].delta == 0
    assert (second.outcome, third.outcome) == ("failed", "passed")
    assert third.windows[0].label == "work"


def test_balloon(bench: Bench) -> None:
    """The balloon is empty at begin and end; one that does not obey fails with its size."""
    bench.write(
        "test_a.py",
        """
        def test_inflates(guest, balloon):
            balloon.resize(64)
            assert (balloon.mib, balloon.pages) == (64, 64 * 256)

        def test_is_empty_again(balloon):
            assert balloon.mib == 0

        def test_stuck(guest, balloon):
            guest.balloon_works = False
            balloon.resize(64, timeout=0.1)

        def test_cannot_be_emptied(guest, balloon):
            balloon.timeout = 0.1
            balloon.resize(32)
            guest.balloon_works = False

        def test_new_guest(balloon):
            assert balloon.mib == 0
        """,
    )
    tests = by_name(bench.run())
    assert [test.outcome for test in tests.values()] == [
        "passed",
        "passed",
        "failed",
        "failed",
        "passed",
    ]
    assert tests["test_stuck"].cause == "BalloonTimeout"
    assert "at 0 MiB and was told 64 MiB" in tests["test_stuck"].reason
    assert "at 32 MiB and was told 0 MiB" in tests["test_cannot_be_emptied"].reason


def test_hang_is_ended(bench: Bench) -> None:
    """A test that hangs fails in time, and its guest is given up."""
    bench.write(
        "test_a.py",
        """
        def test_hangs(guest):
            guest.call("hang")

        def test_next(guest):
            pass
        """,
    )
    tests = by_name(bench.run(test_timeout=0.5))
    assert (tests["test_hangs"].outcome, tests["test_hangs"].cause) == ("failed", "TestTimeout")
    assert tests["test_hangs"].seconds < 10
    assert tests["test_next"].guest is not None
    assert tests["test_next"].guest.boot == 2


def test_run_that_was_killed_goes_on(bench: Bench) -> None:
    """kill -9 in a test: what was finished is not run again, and only then is the run whole."""
    bench.write(
        "test_a.py",
        """
        from pathlib import Path
        MARK = Path(__file__).with_name("mark")

        def test_1(guest):
            with MARK.open("a") as out:
                out.write("1")

        def test_2(guest):
            if MARK.read_text() == "1":
                MARK.write_text("killed")
                os.kill(os.getpid(), 9)

        def test_3(guest):
            pass
        """,
    )
    with pytest.raises(InfraError, match="did not run to their end: pytest ended with status 137"):
        bench.run()
    partial = record_file.load(bench.folder / "record.jsonl")
    assert [test.nodeid for test in partial.tests] == ["test_a.py::test_1"]
    assert not partial.passed
    run = bench.run()
    assert run.passed
    assert len(run.tests) == 3
    assert (bench.modules / "mark").read_text() == "killed"
    before = len(bench.boots)
    assert bench.run() == run
    assert len(bench.boots) == before


def test_other_kernel_or_other_tests_begin_anew(bench: Bench) -> None:
    """A record belongs to one image and one text of the tests."""
    bench.write("test_a.py", "def test_1(guest): pass\n")
    bench.run()
    bench.run(image_digest="2")
    assert len(bench.boots) == 4
    bench.write("test_a.py", "def test_1(guest): assert 0\n")
    assert not bench.run(image_digest="2").passed
    assert len(bench.boots) == 6


def test_only_the_end_was_missing(bench: Bench) -> None:
    """Killed between the last test and the end of the run: it is closed without another boot."""
    bench.write("test_a.py", "def test_1(guest): pass\n")
    bench.run()
    record = bench.folder / "record.jsonl"
    record.write_text("".join(record.read_text().splitlines(keepends=True)[:-1]))
    assert bench.run().passed
    assert len(bench.boots) == 2


def test_modules_without_tests(bench: Bench, tmp_path: Path) -> None:
    """No test is a mistake of the caller, not a pass."""
    bench.write("test_a.py", "")
    with pytest.raises(UsageError, match=r"no tests in test_a\.py"):
        bench.run()
    with pytest.raises(UsageError, match="no such test module"):
        run_tests(bench.plan(), [tmp_path / "test_none.py"], Silent())


def test_module_that_cannot_be_read(bench: Bench) -> None:
    """A test module with a mistake ends the stage with pytest's own words."""
    bench.write("test_a.py", "def test_1(:\n")
    with pytest.raises(InfraError, match=r"(?s)pytest ended with status 2.*SyntaxError"):
        bench.run()


def test_unknown_feature_is_refused(bench: Bench) -> None:
    """A mistyped need would otherwise skip its test for ever."""
    bench.write("test_a.py", "@pytest.mark.needs('coutner:x')\ndef test_1(guest): pass\n")
    with pytest.raises(InfraError, match="'coutner:x' is no kernel feature"):
        bench.run()


def test_mistake_in_a_fixture_is_an_error(bench: Bench) -> None:
    """What is no kernel's fault is neither a pass nor a failure of the kernel."""
    bench.write(
        "test_a.py",
        """
        @pytest.fixture
        def broken(guest):
            raise ZeroDivisionError

        def test_1(broken):
            pass
        """,
    )
    (test,) = bench.run().tests
    assert (test.outcome, test.cause) == (Outcome.ERROR, "ZeroDivisionError")


REPEATS = """
@pytest.mark.repeats
def test_races(guest, vmstat, figures):
    assert sum(guest.counters.values()) == 0
    with vmstat.delta("race") as d:
        guest.bump(moved=1, isolated=1)

@pytest.mark.repeats
@pytest.mark.parametrize("mib", [64, 128])
def test_sizes(guest, mib):
    pass

def test_once(guest):
    pass
"""


def test_repeated_tests_have_a_fresh_guest_each(bench: Bench) -> None:
    """Only what is marked is run again, under a name of its own; run 1 has the test's name."""
    bench.write("test_a.py", REPEATS)
    run = bench.run(runs=3)
    tests = by_name(run)
    assert sorted(tests) == [
        "test_once",
        "test_races",
        "test_races[run2]",
        "test_races[run3]",
        "test_sizes[128-run2]",
        "test_sizes[128-run3]",
        "test_sizes[128]",
        "test_sizes[64-run2]",
        "test_sizes[64-run3]",
        "test_sizes[64]",
    ]
    assert (run.passed, run.runs) == (True, 3)
    assert {(test.first.partition("::")[2], test.run) for test in run.tests} == {
        ("test_once", 1),
        *(
            (name, n)
            for name in ("test_races", "test_sizes[64]", "test_sizes[128]")
            for n in (1, 2, 3)
        ),
    }
    boots = [test.guest.boot for name, test in tests.items() if test.guest and name != "test_once"]
    assert len(set(boots)) == 9


def test_more_runs_go_on_where_fewer_ended(bench: Bench) -> None:
    """What was measured once is the first of three, and nothing else is run again."""
    bench.write("test_a.py", REPEATS)
    assert len(bench.run().tests) == 4
    before = len(bench.boots)
    run = bench.run(runs=3)
    assert len(run.tests) == 10
    assert len(bench.boots) - before == 2 * 6
    assert bench.run(runs=2) == run
    assert len(bench.boots) - before == 2 * 6


def test_more_runs_that_were_killed_are_no_whole_run(bench: Bench) -> None:
    """The end of the one run before does not stand for the end of the three."""
    bench.write(
        "test_a.py",
        """
        from pathlib import Path
        MARK = Path(__file__).with_name("mark")

        @pytest.mark.repeats
        def test_races(guest, request):
            if "run3" in request.node.name and not MARK.exists():
                MARK.write_text("killed")
                os.kill(os.getpid(), 9)
        """,
    )
    assert bench.run().runs == 1
    with pytest.raises(InfraError, match="did not run to their end"):
        bench.run(runs=3)
    assert bench.run(runs=3).runs == 3


def test_a_test_is_given_each_claim_of_the_manifest(bench: Bench) -> None:
    """On the claim's guest, and only where the claimed counters are."""
    bench.write(
        "test_a.py",
        """
        def test_claimed(claim, guest, vmstat):
            assert guest.spec.memory_mib == claim.guest_mib
            with vmstat.delta("work") as d:
                pass
        """,
    )
    given = [
        Claim(balloon_mib=64, guest_mib=512, writers=6, source="s", deltas={"moved": 1}),
        Claim(balloon_mib=64, guest_mib=2048, source="s", deltas={"isolated": 1}),
    ]
    facts = SeriesCounters(counters=("isolated",), claims=tuple(given), others=("balloon_deflate",))
    run = bench.run(series=facts, features=("balloon", "counter:moved"))
    assert bench.boots == ["up 512", "down 512"]
    tests = by_name(run)
    first = tests["test_claimed[64-in-512-1x6]"]
    assert (first.outcome, first.needs) == (Outcome.PASSED, ("balloon", "counter:moved"))
    assert set(first.deltas) == {"isolated", "balloon_deflate"}, "kept, though they stood still"
    assert tests["test_claimed[64-in-2048-1x1]"].outcome is Outcome.SKIPPED


def test_without_claims_a_test_of_claims_is_skipped(bench: Bench) -> None:
    bench.write("test_a.py", "def test_claimed(claim, guest): pass\ndef test_1(guest): pass\n")
    outcomes = {test.nodeid: test.outcome for test in bench.run().tests}
    assert outcomes == {
        "test_a.py::test_1": "passed",
        "test_a.py::test_claimed[NOTSET]": "skipped",
    }


BALLOON = """
    @pytest.mark.fresh_guest
    @pytest.mark.parametrize("turn", range(5))
    def test_shrinks(guest, balloon, turn):
        balloon.resize(16)
        guest.balloon_works = False
        balloon.deflate()

    def test_other(guest):
        pass

    @pytest.mark.smoke
    def test_first(balloon):
        pass
"""


def test_a_balloon_that_stands_still_is_explained_once_and_waited_for_once(bench: Bench) -> None:
    """Each of twenty tests waited its full time, twice, for the same balloon."""
    bench.write("test_a.py", BALLOON)
    tests = by_name(bench.run())
    shrinks = [tests[f"test_shrinks[{turn}]"] for turn in range(5)]
    first = shrinks[0]
    assert [test.outcome for test in shrinks[:3]] == [Outcome.FAILED] * 3
    assert [test.outcome for test in shrinks[3:]] == [Outcome.LEFT_OUT] * 2
    assert first.as_before == ""
    assert [test.as_before for test in shrinks[1:]] == [first.nodeid] * 4
    assert [symptom.text for symptom in first.symptoms] == ["the balloon does not shrink"]
    assert first.nodeid in shrinks[3].reason
    assert 6 <= first.seconds < 10  # the full time once, in the teardown the short one
    assert all(2 <= test.seconds < 5 for test in shrinks[1:3])
    assert tests["test_first"].outcome is Outcome.PASSED
    assert tests["test_other"].outcome is Outcome.PASSED
    assert len(bench.boots) == 2 * 4  # those left out boot no guest


def test_all_tests_are_run_when_that_is_asked_for(bench: Bench) -> None:
    bench.write("test_a.py", BALLOON)
    run = bench.run(all_tests=True)
    tests = by_name(run)
    assert run.counts[Outcome.FAILED] == 5
    assert run.counts[Outcome.LEFT_OUT] == 0
    assert tests["test_shrinks[4]"].as_before == tests["test_shrinks[0]"].nodeid


def test_a_run_that_goes_on_knows_what_was_shown_before(bench: Bench) -> None:
    bench.write(
        "test_a.py",
        """
        @pytest.mark.parametrize("turn", range(3))
        def test_same(balloon, turn):
            assert turn == 100

        def test_kill(guest):
            if not os.path.exists("killed"):
                open("killed", "w").close()
                os._exit(9)

        @pytest.mark.parametrize("turn", range(3))
        def test_too(balloon, turn):
            assert turn == 100
        """,
    )
    with pytest.raises(InfraError):
        bench.run()
    before = record_file.load(bench.folder / "record.jsonl")
    assert [test.outcome for test in before.tests] == [Outcome.FAILED] * 3
    run = bench.run()
    assert run.complete
    assert run.counts[Outcome.FAILED] == 3
    assert run.counts[Outcome.LEFT_OUT] == 3
    assert {test.as_before for test in run.tests} == {"", run.tests[0].nodeid}
    assert by_name(run)["test_kill"].outcome is Outcome.PASSED


def test_a_complaint_is_as_before_but_what_is_new_beside_it_is_not(bench: Bench) -> None:
    bench.write(
        "test_a.py",
        """
        def test_a(guest, vmstat):
            guest.splat("BUG: Bad page state in process a  pfn:00001")

        def test_b(guest, vmstat):
            guest.splat("BUG: Bad page state in process a  pfn:00002")

        def test_c(guest, vmstat):
            guest.splat("BUG: Bad page state in process a  pfn:00003")
            with vmstat.delta("work") as d:
                pass
            d.check("moved > 0")
        """,
    )
    tests = by_name(bench.run())
    assert tests["test_b"].as_before == tests["test_a"].nodeid
    assert tests["test_c"].as_before == ""
    assert [symptom.kind for symptom in tests["test_c"].symptoms] == ["check", "splat"]
