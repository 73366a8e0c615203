# SPDX-License-Identifier: GPL-2.0-or-later
"""The journal of a search: what was tried is never lost, nor taken for another search's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from patchtool.bisect.journal import Journal, Question, open_journal
from patchtool.bisect.tries import TryRecord
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import InfraError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = Question(tree="linux", objects="key", good="g", bad="b", run="./test")


def a_try(commit: str, attempt: int = 1, **more: str) -> TryRecord:
    return TryRecord(commit=commit, attempt=attempt, state="failed", titles=("a",), **more)


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path / "cache", data=tmp_path / "data", state=tmp_path / "state")


def test_what_was_added_is_read_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    tries = [a_try("one"), a_try("two"), a_try("one", 2), a_try("one", without="two")]
    for each in tries:
        journal.add(each)
    again = Journal(tmp_path)
    again.load()
    assert again.tries == journal.tries == tries
    assert [each.attempt for each in again.of("one")] == [1, 2]
    assert again.of("one", "two") == (tries[3],)


def test_a_kill_at_any_byte_loses_that_try_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for name in ("one", "two"):
        journal.add(a_try(name))
    whole = journal.path.read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(len(whole) + 1):
        journal.path.write_bytes(whole[:length])
        again = Journal(tmp_path)
        again.load()
        there = (length >= first) + (length == len(whole))
        assert [each.commit for each in again.tries] == ["one", "two"][:there]
        again.add(a_try("three"))
        last = Journal(tmp_path)
        last.load()
        assert last.tries == again.tries


def test_a_line_that_was_changed_is_no_try(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add(a_try("one"))
    journal.path.write_bytes(journal.path.read_bytes().replace(b"failed", b"maybe!"))
    with pytest.raises(InfraError, match="line 1 is not as it was written"):
        journal.load()


def test_a_question_has_one_folder(conf: Settings, tmp_path: Path) -> None:
    with open_journal(QUESTION, None, conf, Silent()) as journal:
        journal.add(a_try("one"))
        other = QUESTION.model_copy(update={"run": "./other"})
        with open_journal(other, None, conf, Silent()) as beside:
            assert beside.folder != journal.folder
            assert not beside.tries
    renamed = QUESTION.model_copy(update={"tree": "/the/same/linux"})
    with open_journal(renamed, None, conf, Silent()) as again:
        assert [each.commit for each in again.tries] == ["one"]


def test_a_folder_of_something_else_is_refused(conf: Settings, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    with open_journal(QUESTION, mine, conf, Silent()):
        pass
    other = QUESTION.model_copy(update={"run": "./other", "bad": "c"})
    with (
        pytest.raises(UsageError, match=r"something else: bad, run differ$"),
        open_journal(other, mine, conf, Silent()),
    ):
        pass
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter").touch()
    with (
        pytest.raises(UsageError, match="no folder of a search"),
        open_journal(QUESTION, full, conf, Silent()),
    ):
        pass
