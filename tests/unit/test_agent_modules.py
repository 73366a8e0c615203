# SPDX-License-Identifier: GPL-2.0-or-later
"""Which modules of the guest the agent finds operations in."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from patchtool.core.settings import Settings
from patchtool.guest.host_folders import MODULES, agent_folder
from patchtool.guest.inside.agent import WORKLOADS, Agent

if TYPE_CHECKING:
    from pathlib import Path


def test_a_function_of_a_module_is_an_operation() -> None:
    found = Agent(-1).perform("zram.noise", {"length": 16})
    assert isinstance(found, bytes)
    assert len(found) == 16


@pytest.mark.parametrize("op", ["os.getpid", "zram._freed", "zram.no_such", "_thread.exit"])
def test_nothing_else_is(op: str) -> None:
    with pytest.raises(LookupError):
        Agent(-1).perform(op, {})


@pytest.mark.parametrize("name", ["_Hidden", "zram._Hidden", "os.PathLike", "zram.Path.x"])
def test_objects_are_made_of_public_classes_only(name: str) -> None:
    with pytest.raises(LookupError, match="nothing to make"):
        Agent(-1).new(name)


def test_each_module_is_in_the_guest(tmp_path: Path) -> None:
    assert {f"{name}.py" for name in WORKLOADS} <= set(MODULES)
    folder = agent_folder(Settings(cache=tmp_path))
    assert {path.name for path in folder.glob("*.py")} == {"start.py", *MODULES}


def test_a_ping_is_answered_from_the_processor_it_names() -> None:
    agent = Agent(-1)
    first = min(os.sched_getaffinity(0))
    seen: list[set[int]] = []

    def ask() -> None:
        agent.perform("ping", {"cpu": first})
        seen.append(os.sched_getaffinity(0))

    asked = threading.Thread(target=ask)  # each request has a thread of its own
    asked.start()
    asked.join()
    assert seen == [{first}]
    assert agent.perform("ping", {}) > 0
