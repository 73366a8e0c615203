# SPDX-License-Identifier: GPL-2.0-or-later
"""The journal of a search: each try is on the disk before the next one begins.

It lies in a folder whose name is a hash of the question, so the same command finds it and goes
on. What a kill leaves of a line is cut off; every line before it is whole.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from patchtool.bisect.tries import TryRecord
from patchtool.core.durable import write_atomic
from patchtool.core.locks import held
from patchtool.core.store import digest
from patchtool.errors import InfraError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

QUESTION = "question.json"
TRIES = "tries.jsonl"
_LOCK = ".lock"


class Question(BaseModel):
    """What is searched, and for what: all that decides which tries can be taken again.

    How sure the answer has to be is no part of it, nor how long it may take: the same search goes
    on when more is asked of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tree: str = Field(description="what --tree named")
    objects: str = Field(description="key of its object folder")
    good: str
    bad: str
    first_parent: bool = False
    paths: tuple[str, ...] = ()
    run: str = Field(default="", description="the command; '' for a test")
    run_digest: str = Field(default="", description="content of the program it begins with")
    series: str = Field(default="", description="digest of SERIES")
    test: str = ""
    modules: str = Field(default="", description="digest of the test module")
    patches: tuple[str, ...] = Field(default=(), description="digests of what --with applies")
    toolchain: str = ""
    share_host_root: bool = False

    @property
    def key(self) -> str:
        """A name for it, which no other question has."""
        return digest("bisect 1", self.model_dump(mode="json", exclude={"tree"}))[:16]


@dataclass(slots=True)
class Journal:
    """The tries of a search so far.

    Attributes:
        folder: The run directory.
        tries: In the order they were made.
    """

    folder: Path
    tries: list[TryRecord] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The file with a line for each try."""
        return self.folder / TRIES

    def load(self) -> None:
        """Read the tries that are there; cut off what a kill left of one.

        Raises:
            InfraError: A whole line is not a try: the file was changed.
        """
        data = self.path.read_bytes() if self.path.is_file() else b""
        whole, _, torn = data.rpartition(b"\n")
        self.tries = []
        for number, line in enumerate(whole.split(b"\n") if whole else (), 1):
            try:
                self.tries.append(TryRecord.model_validate_json(line))
            except ValidationError as error:
                raise InfraError(
                    f"{self.path}: line {number} is not as it was written",
                    hint="remove the line to have that commit tried again",
                ) from error
        if torn:
            with self.path.open("rb+") as file:
                file.truncate(len(data) - len(torn))
                os.fsync(file.fileno())

    def add(self, record: TryRecord) -> None:
        """Keep a try; it is on the disk when this returns."""
        line = record.model_dump_json(exclude_defaults=True).encode() + b"\n"
        with self.path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self.tries.append(record)

    def of(self, commit: str, without: str = "") -> tuple[TryRecord, ...]:
        """The tries of a commit."""
        return tuple(t for t in self.tries if t.commit == commit and t.without == without)


@contextmanager
def open_journal(
    question: Question, out: Path | None, settings: Settings, progress: Progress
) -> Iterator[Journal]:
    """The journal of a question, for this search alone; waits while another one has it.

    Args:
        question: What is searched.
        out: The folder; None for the question's own in the state folder.
        settings: The settings in force.
        progress: Told when another search is waited for.

    Raises:
        UsageError: The folder is there, and is of another question.
        InfraError: It was changed.
    """
    folder = (out or settings.state / "bisect" / question.key).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder / _LOCK, f"the search in {folder}", progress):
        asked = question.model_dump(mode="json")
        before = _question_in(folder)
        if before is None:
            if any(path.name != _LOCK for path in folder.iterdir()):
                raise UsageError(
                    f"{folder} is there already, and is no folder of a search",
                    hint="name a folder that does not exist, or is empty",
                )
            write_atomic(folder / QUESTION, json.dumps(asked, indent=1) + "\n")
        elif changed := sorted(k for k in asked if k != "tree" and before.get(k) != asked[k]):
            raise UsageError(
                f"{folder} has a search for something else: {', '.join(changed)} "
                f"differ{'s' if len(changed) == 1 else ''}",
                hint="name another folder, or give the command that made this one again",
            )
        journal = Journal(folder)
        journal.load()
        yield journal


def _question_in(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / QUESTION).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
