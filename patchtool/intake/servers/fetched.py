# SPDX-License-Identifier: GPL-2.0-or-later
"""What a server gave, and the copies of it that are kept for use without a network.

A copy lies under the SHA-256 of its bytes; a small index file for each reference says which
copy it is, where it came from and when. The copy is written first and the index last, each
in one step, so a kill at any moment leaves the old answer or the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from patchtool.core.durable import write_atomic
from patchtool.core.store import digest
from patchtool.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fetched:
    """The mails of a posting as a server gave them.

    Attributes:
        mails: A mailbox (mboxrd).
        where: Their source, for messages.
        url: What was asked for.
        fetched_at: When it was fetched.
        from_cache: Whether it is a copy that was fetched before.
        message_id: The mail that was named, without angle brackets; None where a series was.
        irregular: What was missing or had to be searched for, one line each.
    """

    mails: bytes
    where: str
    url: str
    fetched_at: datetime
    from_cache: bool
    message_id: str | None = None
    irregular: tuple[str, ...] = ()


class _Entry(BaseModel):
    """The index file of a reference."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    reference: str
    sha256: str
    where: str
    url: str
    fetched_at: datetime
    message_id: str | None = None
    irregular: tuple[str, ...] = ()


class Copies:
    """The copies below a cache folder.

    Args:
        cache: The folder of the settings.
    """

    def __init__(self, cache: Path) -> None:
        self.folder = cache / "fetched"

    def keep(self, reference: str, fetched: Fetched) -> None:
        """Keep what was fetched for *reference*, in place of what was kept for it before."""
        name = hashlib.sha256(fetched.mails).hexdigest()
        entry = _Entry(
            reference=reference,
            sha256=name,
            where=fetched.where,
            url=fetched.url,
            fetched_at=fetched.fetched_at,
            message_id=fetched.message_id,
            irregular=fetched.irregular,
        )
        index = self._index(reference)
        index.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(self.folder / name, fetched.mails)
        write_atomic(index, entry.model_dump_json(indent=1) + "\n")

    def find(self, reference: str) -> Fetched:
        """The copy that is kept for *reference*.

        Raises:
            NetworkError: There is none, or it is damaged.
        """
        entry = self._entry(reference)
        if entry is None:
            raise NetworkError(
                f"{reference}: not fetched before, and no server may be asked (offline)",
                hint="run the same command once with a network and without --offline "
                "(setting: offline)",
            )
        path = self.folder / entry.sha256
        data = b""
        with contextlib.suppress(FileNotFoundError):
            data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise NetworkError(
                f"{path}: the copy of {reference} is damaged or gone; its hash is not the one "
                "it was kept under",
                hint="run the same command once with a network and without --offline",
            )
        return Fetched(
            mails=data,
            where=entry.where,
            url=entry.url,
            fetched_at=entry.fetched_at,
            from_cache=True,
            message_id=entry.message_id,
            irregular=entry.irregular,
        )

    @contextlib.contextmanager
    def mention_copy(self, reference: str) -> Iterator[None]:
        """Tell a person whose network fails in this block of the copy that is kept.

        Raises:
            NetworkError: As the block did, with the copy in its hint.
        """
        try:
            yield
        except NetworkError as error:
            if entry := self._entry(reference):
                kept = f"a copy of {entry.fetched_at:%Y-%m-%d %H:%M} is kept; --offline takes it"
                error.hint = f"{error.hint}; {kept}" if error.hint else kept
            raise

    def _index(self, reference: str) -> Path:
        return self.folder / "index" / f"{digest(reference)}.json"

    def _entry(self, reference: str) -> _Entry | None:
        try:
            return _Entry.model_validate_json(self._index(reference).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None


def now() -> datetime:
    """The time of a fetch."""
    return datetime.now(tz=UTC).replace(microsecond=0)
