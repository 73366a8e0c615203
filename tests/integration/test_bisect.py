# SPDX-License-Identifier: GPL-2.0-or-later
"""`patchtool bisect` with a command, on real git histories: what is found, told, and kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from patchtool import cli
from tests.lib.bench import TOP, hear_interrupts
from tests.lib.gitrepo import git
from tests.lib.planned_history import Planned, line, make_history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Files = dict[str, str | None]
BUG: Files = {"bug": "here\n"}
NO_BUG = "test ! -e bug"
#: Fails in about half of the tries of a commit with the bug; the same tries in each run.
COIN = 'n=$(echo "$PATCHTOOL_COMMIT $PATCHTOOL_ATTEMPT" | cksum | cut -d" " -f1)'
FLAKY = f"{COIN}; test ! -e bug || test $((n / 16 % 10)) -ge 5"


@dataclass
class User:
    """A user with a tree, and a state folder of their own."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def tree(self) -> Path:
        return self.folder / "linux"

    def plan(self, commits: Sequence[Planned]) -> None:
        make_history(self.tree, commits)

    def hash(self, name: str) -> str:
        return git(self.tree, "rev-parse", name)

    def words(self, *words: str) -> list[str]:
        return ["--progress", "plain", "bisect", "--tree", str(self.tree), *words]

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Search in a process of its own, to be ended."""
        return subprocess.Popen(
            [sys.executable, "-m", "patchtool", *self.words(*words)],
            env={**os.environ, "PYTHONPATH": str(TOP)},
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=hear_interrupts,  # noqa: PLW1509 (pytest has no threads here)
        )  # fmt: skip

    def bisect(self, *words: str) -> subprocess.CompletedProcess[str]:
        self.capsys.readouterr()
        code = cli.run(self.words(*words))
        said = self.capsys.readouterr()
        return subprocess.CompletedProcess(words, code, said.out, said.err)

    def out(self, name: str = "out") -> Path:
        return self.folder / name

    def record(self, name: str = "out") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out(name) / "bisect.json").read_text())
        return found

    def culprit(self, name: str = "out") -> str:
        """The commit that was found, by its name."""
        record = self.record(name)
        assert record["outcome"] == "found", record["message"]
        subject: str = record["candidates"][0]["commits"][0]["subject"]
        return subject.removeprefix("change ")

    def tries(self, name: str = "out") -> list[tuple[str, int]]:
        path = self.out(name) / "tries.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(row["commit"], row["attempt"]) for row in map(json.loads, lines)]

    def replayed(self, name: str = "out") -> str:
        """What git says after it has read the log, in a clone."""
        clone = self.folder / f"replay-{name}"
        git(self.folder, "clone", "-q", "--no-local", str(self.tree), str(clone))
        return git(clone, "bisect", "replay", str(self.out(name) / "bisect.log"))


@pytest.fixture
def user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> User:
    for name in ("cache", "data", "state"):
        monkeypatch.setenv(f"PATCHTOOL_{name.upper()}", str(tmp_path / name))
    monkeypatch.setenv("PATCHTOOL_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.chdir(tmp_path)
    return User(tmp_path, capsys)


def search(user: User, good: str, bad: str, run: str, *words: str, out: str = "out") -> list[str]:
    return ["--good", good, "--bad", bad, "--run", run, "--out", str(user.out(out)), *words]


def state_of(tree: Path) -> list[tuple[str, int]]:
    return sorted(
        (str(path.relative_to(tree)), path.stat().st_mtime_ns)
        for path in tree.rglob("*")
        if path.is_file()
    )


def test_the_first_bad_of_64_commits_is_found_and_git_agrees(user: User) -> None:
    user.plan(line(65, {37: BUG}))
    before = state_of(user.tree)
    done = user.bisect(*search(user, "c0", "main", NO_BUG))
    assert done.returncode == 0, done.stderr
    assert user.culprit() == "c37"
    record = user.record()
    assert f"{user.hash('c37')} is the first bad commit" in done.stdout
    assert record["commits"] == 64
    assert record["candidates"][0]["probability"] >= 0.99
    assert record["culprit"]["author"] == "U <u@example.org>"
    assert "+here" in record["culprit"]["diff"]
    assert record["bad_side"]["reason"].startswith("exit status 1")
    assert record["good_side"][0]["commit"] == user.hash("c36")
    assert record["revert"].startswith("verified by revert")
    searching = [step for step in record["steps"] if step["why"] == "search"]
    assert len(searching) <= 2 + 6 + 6, "git needs 6 besides both ends"
    assert state_of(user.tree) == before, "the user's tree was touched"
    assert f"{user.hash('c37')} is the first bad commit" in user.replayed()

    again = user.bisect(*search(user, "c0", "main", NO_BUG))
    assert again.returncode == 0
    assert "try " not in again.stderr, "nothing is tried twice"
    assert user.record()["steps"] == record["steps"]


def test_a_flaky_test_is_tried_until_it_is_sure(user: User) -> None:
    user.plan(line(33, {20: BUG}))
    done = user.bisect(*search(user, "c0", "main", FLAKY))
    assert done.returncode == 0, done.stderr
    assert user.culprit() == "c20"
    rate = user.record()["rate"]
    assert rate["low"] < 0.5 < rate["high"] < 0.95
    assert "the symptom shows in" in done.stdout
    assert f"{user.hash('c20')} is the first bad commit" in user.replayed()


def test_a_search_that_is_killed_goes_on_and_tries_nothing_twice(user: User) -> None:
    user.plan(line(33, {20: BUG}))
    whole = user.bisect(*search(user, "c0", "main", FLAKY, out="whole"))
    assert whole.returncode == 0, whole.stderr
    diary = user.folder / "diary"
    told = f'echo "$PATCHTOOL_COMMIT $PATCHTOOL_ATTEMPT" >> {diary}; {FLAKY}'
    words = search(user, "c0", "main", told)
    kills = 0
    for lines in (3, 9, 14):
        with user.start(*words) as process:
            end = time.monotonic() + 120
            while len(user.tries()) < lines and process.poll() is None:
                assert time.monotonic() < end
                time.sleep(0.005)
            kills += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
    assert kills == 3
    done = user.bisect(*words)
    assert done.returncode == 0, done.stderr
    assert "tries are there already" in done.stderr
    assert user.culprit() == "c20"
    assert user.tries() == user.tries("whole"), "as if it had not been killed"
    begun = Counter(diary.read_text().splitlines())
    twice = sum(begun.values()) - len(begun)
    assert twice <= kills, "only what was cut off is tried again"


def test_an_interrupted_search_leaves_a_record(user: User) -> None:
    user.plan(line(17, {9: BUG}))
    words = search(user, "c0", "main", f"sleep 0.3; {NO_BUG}")
    with user.start(*words) as process:
        end = time.monotonic() + 60
        while len(user.tries()) < 2:
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command continues" in said
    assert user.record()["outcome"] == "stopped"
    assert user.bisect(*words).returncode == 0
    assert user.culprit() == "c9"


def test_a_stretch_that_cannot_be_tried_is_jumped(user: User) -> None:
    broken: dict[int, Files] = {10: {"broken": "1"}, 20: {"broken": None}, 27: BUG}
    user.plan(line(33, broken))
    done = user.bisect(*search(user, "c0", "main", f"test ! -e broken || exit 125; {NO_BUG}"))
    assert done.returncode == 0, done.stderr
    assert user.culprit() == "c27"


def test_what_a_stretch_hides_is_a_set(user: User) -> None:
    broken: dict[int, Files] = {14: {"broken": "1"}, 15: BUG, 18: {"broken": None}}
    user.plan(line(33, broken))
    run = f"test ! -e broken || exit 125; {NO_BUG}"
    done = user.bisect(*search(user, "c0", "main", run))
    assert done.returncode == 0, done.stderr
    record = user.record()
    assert record["outcome"] == "set"
    found = [row["subject"] for row in record["candidates"][0]["commits"]]
    assert found == [f"change c{at}" for at in (14, 15, 16, 17, 18)]
    assert "--with PATCH" in done.stdout
    assert "one of 5" in done.stdout


def merged(bug: str) -> list[Planned]:
    """A line m0 to m19; a side s0 to s9 that leaves it at m4 and comes back in m12."""
    found = [Planned("m0", [], {"main": "0"})]
    found += [Planned(f"m{at}", [f"m{at - 1}"], {"main": str(at)}) for at in range(1, 5)]
    found += [
        Planned(f"s{at}", [f"s{at - 1}" if at else "m4"], {"side": str(at)}) for at in range(10)
    ]
    for at in range(5, 20):
        parents = [f"m{at - 1}", *(["s9"] if at == 12 else [])]
        found.append(Planned(f"m{at}", parents, {"main": str(at)}))
    return [
        Planned(each.name, each.parents, {**each.files, **(BUG if each.name == bug else {})})
        for each in found
    ]


@pytest.mark.parametrize("bug", ["m2", "m7", "s3", "m12", "m15", "m19"])
def test_the_first_bad_commit_may_be_on_any_side(user: User, bug: str) -> None:
    user.plan(merged(bug))
    done = user.bisect(*search(user, "m0", "main", NO_BUG))
    assert done.returncode == 0, done.stderr
    assert user.culprit() == bug
    assert f"{user.hash(bug)} is the first bad commit" in user.replayed()


def test_of_a_merge_the_first_parent_alone(user: User) -> None:
    user.plan(merged("s3"))
    done = user.bisect(*search(user, "m0", "main", NO_BUG, "--first-parent"))
    assert done.returncode == 0, done.stderr
    assert user.culprit() == "m12"
    assert f"{user.hash('m12')} is the first bad commit" in user.replayed()


def test_a_search_among_paths_alone(user: User) -> None:
    files: dict[int, Files] = {at: {f"mm/{at}": "x"} for at in range(0, 40, 4)}
    user.plan(line(40, files | {20: {"mm/20": "x", **BUG}}))
    done = user.bisect(*search(user, "c0", "main", NO_BUG, "--path", "mm"))
    assert done.returncode == 0, done.stderr
    assert user.record()["commits"] == 9
    assert user.culprit() == "c20"
    assert f"{user.hash('c20')} is the first bad commit" in user.replayed()


def test_a_fix_is_found_and_called_so(user: User) -> None:
    user.plan(line(33, {0: BUG, 21: {"bug": None}}))
    done = user.bisect(*search(user, "c0", "main", NO_BUG, "--fix"))
    assert done.returncode == 0, done.stderr
    assert f"{user.hash('c21')} is the first fixed commit" in done.stdout
    assert user.hash("c21") in user.replayed()


def test_the_users_terms_are_gits(user: User) -> None:
    user.plan(line(9, {5: BUG}))
    terms = ("--term-old", "fast", "--term-new", "slow")
    done = user.bisect(*search(user, "c0", "main", NO_BUG, *terms))
    assert done.returncode == 0, done.stderr
    assert "is the first slow commit" in done.stdout
    assert f"{user.hash('c5')} is the first slow commit" in user.replayed()


@pytest.mark.parametrize(
    ("bugs", "run", "outcome", "said"),
    [
        ({}, NO_BUG, "bad end", "was to be bad, and passed in"),
        ({0: BUG}, NO_BUG, "good end", "was to be good, and failed in"),
        ({5: BUG}, "no-such-program", "good end", "the shell finds no such command"),
        ({5: BUG}, "exit 125", "bad end", "cannot be tried"),
    ],
)
def test_wrong_ends_are_told_with_what_was_seen(
    user: User, bugs: dict[int, Files], run: str, outcome: str, said: str
) -> None:
    user.plan(line(9, bugs))
    done = user.bisect(*search(user, "c0", "main", run))
    assert done.returncode == 1, done.stderr
    assert user.record()["outcome"] == outcome
    assert said in done.stdout
    assert user.record()["hint"] in done.stdout
    assert {name for name, _ in user.tries()} <= {user.hash("c0"), user.hash("main")}


def test_a_merge_base_that_is_bad_is_told(user: User) -> None:
    """The good end is good because it was mended there, not as the bug came behind the base."""
    base = [Planned("b0", [], BUG), Planned("b1", ["b0"], {"x": "1"})]
    sides = [Planned("fixed", ["b1"], {"bug": None}), Planned("main0", ["b1"], {"y": "1"})]
    user.plan([*base, *sides, Planned("main1", ["main0"], {"y": "2"})])
    done = user.bisect(*search(user, "fixed", "main1", NO_BUG))
    assert done.returncode == 1, done.stderr
    assert user.record()["outcome"] == "base"
    assert f"--fix --good {user.hash('b1')[:12]}" in done.stdout


def test_a_good_end_beside_the_line_is_taken_by_its_base(user: User) -> None:
    base = [Planned("b0", [], {"x": "0"}), Planned("topic", ["b0"], {"t": "1"})]
    main = [
        Planned(
            f"n{at}", [f"n{at - 1}" if at else "b0"], {"y": str(at), **(BUG if at == 3 else {})}
        )
        for at in range(8)
    ]
    user.plan([*base, *main])
    done = user.bisect(*search(user, "topic", "main", NO_BUG))
    assert done.returncode == 0, done.stderr
    assert user.culprit() == "n3"
    assert user.hash("b0") in {name for name, _ in user.tries()}
    assert f"{user.hash('n3')} is the first bad commit" in user.replayed()


def test_an_error_of_the_machine_blames_nobody(user: User) -> None:
    """Three times, then the search stops; and goes on when the machine is well again."""
    user.plan(line(17, {9: BUG}))
    ill, diary = user.folder / "ill", user.folder / "diary"
    run = f"echo x >> {diary}; test ! -e {ill} || exit 200; {NO_BUG}"
    assert user.bisect(*search(user, "c0", "main", run, "--max-tries", "4")).returncode == 1
    before = user.tries()
    ill.touch()
    diary.unlink()
    done = user.bisect(*search(user, "c0", "main", run))
    assert done.returncode == 3
    assert diary.read_text() == "x\n" * 3
    assert user.tries() == before
    assert user.record()["outcome"] == "stopped"
    assert user.record()["culprit"] is None
    ill.unlink()
    assert user.bisect(*search(user, "c0", "main", run)).returncode == 0
    assert user.culprit() == "c9"


def test_a_command_that_hangs_is_ended(user: User) -> None:
    user.plan(line(5, {3: BUG}))
    run = search(user, "c0", "main", "sleep 1000", "--timeout", "0.2s")
    done = user.bisect(*run)
    assert done.returncode == 3
    assert "--timeout" in done.stderr
    assert not user.tries()


def test_limits_end_a_search_with_what_is_known(user: User) -> None:
    user.plan(line(65, {37: BUG}))
    done = user.bisect(*search(user, "c0", "main", NO_BUG, "--max-tries", "5"))
    assert done.returncode == 1
    assert len(user.tries()) == 5
    record = user.record()
    assert record["outcome"] == "not sure"
    assert record["candidates"][0]["probability"] < 0.5
    assert "with 99.0 % it is one of the commits from" in done.stdout
    first, last = (int(git(user.tree, "describe", "--tags", at)[1:]) for at in record["within"])
    assert first <= 37 <= last < 64
    done = user.bisect(*search(user, "c0", "main", NO_BUG, "--budget", "0s"))
    assert done.returncode == 1
    assert len(user.tries()) == 5
    assert user.bisect(*search(user, "c0", "main", NO_BUG)).returncode == 0
    assert user.culprit() == "c37"


def test_a_rate_that_the_test_does_not_have_is_noticed(user: User) -> None:
    user.plan(line(33, {20: BUG}))
    seldom = FLAKY.replace("-ge 5", "-ge 2")
    words = search(user, "c0", "main", seldom, "--rate", "0.95", "--max-tries", "60")
    done = user.bisect(*words)
    assert done.returncode in (0, 1), done.stderr
    assert "the rate that was told is not what the tries show" in done.stdout


def test_the_first_of_two_culprits_is_named_and_the_second_hinted_at(user: User) -> None:
    user.plan(line(33, {11: BUG, 25: {"bug2": "x"}}))
    done = user.bisect(*search(user, "c0", "main", "test ! -e bug && test ! -e bug2"))
    assert done.returncode == 0, done.stderr
    assert user.culprit() == "c11"
    assert "a later commit may do the same" in user.record()["revert"]


def test_a_bug_that_came_back_is_found_at_one_of_its_beginnings(user: User) -> None:
    user.plan(line(33, {5: BUG, 9: {"bug": None}, 25: BUG}))
    done = user.bisect(*search(user, "c0", "main", NO_BUG))
    assert done.returncode == 0, done.stderr
    assert user.culprit() in ("c5", "c25")


def test_everything_between_the_ends_may_be_impossible_to_try(user: User) -> None:
    user.plan(line(9, {1: {"broken": "1"}, 8: {"broken": None, **BUG}}))
    run = f"test ! -e broken || exit 125; {NO_BUG}"
    done = user.bisect(*search(user, "c0", "main", run))
    assert done.returncode == 0, done.stderr
    record = user.record()
    assert record["outcome"] == "set"
    assert len(record["candidates"][0]["commits"]) == 8


def test_what_git_has_found_is_taken_in_once(user: User) -> None:
    user.plan(line(65, {37: BUG}))
    log = user.folder / "git.log"
    git(user.tree, "bisect", "start", "--term-new=slow", "--term-old=fast")
    for word, name in (("slow", "main"), ("fast", "c0"), ("fast", "c30"), ("slow", "c40")):
        git(user.tree, "bisect", word, name)
    log.write_text(git(user.tree, "bisect", "log") + "\n")
    git(user.tree, "bisect", "reset")
    words = search(user, "c0", "main", NO_BUG, "--log", str(log))
    done = user.bisect(*words)
    assert done.returncode == 0, done.stderr
    assert user.culprit() == "c37"
    steps = user.record()["steps"]
    assert [step["why"] for step in steps].count("log") == 4
    tried = {step["subject"] for step in steps if step["why"] != "log"}
    assert not tried - {f"change c{at}" for at in (*range(30, 41), 64)}
    assert user.bisect(*words).returncode == 0
    assert user.record()["steps"] == steps
    log.write_text("good morning\n")
    done = user.bisect(*words)
    assert done.returncode == 2
    assert f"{log}: line 1 is not of a `git bisect log`" in done.stderr


def test_two_searches_in_one_tree_do_not_collide(user: User) -> None:
    user.plan(line(33, {20: BUG, 9: {"other": "x"}}))
    sleepy = "sleep 0.1; "
    one = user.start(*search(user, "c0", "main", sleepy + NO_BUG, out="one"))
    two = user.start(*search(user, "c0", "main", f"{sleepy}test ! -e other", out="two"))
    for process in (one, two):
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        assert "waiting" not in said
    assert (user.culprit("one"), user.culprit("two")) == ("c20", "c9")


def test_a_script_beside_the_user_is_found(user: User) -> None:
    """It is the user's own, not one of the same name in the tree; its words stay."""
    user.plan(line(9, {5: BUG, 0: {"my-test": "exit 1\n"}}))
    script = user.folder / "my-test"
    script.write_text('#!/bin/sh\ntest "$1 $2" = "a  b c" || exit 125\ntest ! -e bug\n')
    script.chmod(0o755)
    done = user.bisect(*search(user, "c0", "main", "./my-test 'a ' 'b c'"))
    assert done.returncode == 0, done.stderr
    assert user.culprit() == "c5"


def test_build_output_stays_from_try_to_try(user: User) -> None:
    user.plan(line(9, {0: {".gitignore": "*.o\n"}, 5: BUG}))
    seen = user.folder / "seen"
    run = f"ls >> {seen}; touch built.o stray; {NO_BUG}"
    assert user.bisect(*search(user, "c0", "main", run)).returncode == 0
    assert "built.o" in seen.read_text()
    assert "stray" not in seen.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--good", "c0", "--bad", "main"), "either --run or --test"),
        (("--good", "c0", "--bad", "main", "--run", "x", "--test", "y"), "either --run or --test"),
        (("--good", "c0", "--bad", "main", "--test", "test_boot.py"), "--test needs SERIES"),
        (("--good", "main", "--bad", "c0", "--run", "x"), "came before"),
        (("--good", "c0", "--bad", "c0", "--run", "x"), "the same commit"),
        (("--good", "c0", "--bad", "no", "--run", "x"), "no commit 'no'"),
        (("--good", "c0", "--bad", "main", "--run", "'"), "--run"),
        (("--good", "c0", "--bad", "main", "--run", "x", "--term-old", "a"), "given together"),
        (("--good", "c0", "--bad", "main", "--run", "x", "--term-old", "bad", "--term-new", "b"),
         "cannot be a term"),
        (("--good", "c0", "--bad", "main", "--run", "x", "--budget", "soon"), "'soon'"),
        (("--good", "c0", "--bad", "main", "--run", "x", "--rate", "0"), "--rate"),
        (("balloon-merged", "--good", "c0", "--bad", "main", "--test", "test_boot.py::test_no"),
         "no such test"),
        (("balloon-merged", "--good", "c0", "--bad", "main", "--test", "test_none.py"),
         "no test module test_none.py"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_said_before_anything_is_tried(
    user: User, words: tuple[str, ...], said: str
) -> None:
    user.plan(line(3, {2: BUG}))
    done = user.bisect(*words)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert not (user.folder / "state" / "bisect").exists()
