# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks on a patchwork server: what a tool says about each patch of a series."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from patchtool.errors import UsageError
from patchtool.intake.servers.address import web_address
from patchtool.intake.servers.patchwork import Api, number_of, series_of
from patchtool.intake.servers.patchwork_link import link_of
from patchtool.intake.servers.server import Patience, Session
from patchtool.series.envelope import parse_subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings
    from patchtool.intake.servers.patchwork import Item, SeriesAnswer

State = Literal["pending", "success", "warning", "fail"]
#: Longest description that is shown whole in patchwork's tables, in characters.
DESCRIPTION = 255
#: Longest address Django's URL field takes, in characters.
TARGET = 200
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Check:
    """What is said about a patch.

    Attributes:
        patch: Its number in the series.
        context: Who says it, and about what: letters, digits, ``-`` and ``_``.
        state: How the patch does.
        description: One line.
    """

    patch: int
    context: str
    state: State
    description: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A check, and what became of it.

    Attributes:
        check: The check.
        subject: The patch's subject.
        url: Address of the patch on the server.
        new: Whether it was posted (or would be); False when the server has it already.
    """

    check: Check
    subject: str
    url: str
    new: bool

    def values(self, target_url: str) -> dict[str, str]:
        """What is sent to the server."""
        check = self.check
        sent = {"state": check.state, "context": check.context, "description": check.description}
        return {**sent, "target_url": target_url} if target_url else sent


class _Existing(BaseModel):
    """A check that the server has."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    state: str
    context: str
    description: str | None = ""
    target_url: str | None = ""


def post(
    checks: Callable[[Sequence[int]], Sequence[Check]],
    text: str,
    settings: Settings,
    progress: Progress,
    *,
    subjects: Mapping[int, str],
    target_url: str = "",
    dry_run: bool = False,
    patience: Patience | None = None,
) -> tuple[Posted, ...]:
    """Post checks, each once: what the server has as the newest of its context is left out.

    Args:
        checks: What to say, given the numbers of the patches on the server.
        text: The series: ``patchwork:123``, or a link.
        settings: The settings in force; the token is among them.
        progress: Told of each check.
        subjects: Subject by number of the patches that the checks are about; empty to take
            the series as it is.
        target_url: Where a person reads more; may be empty.
        dry_run: Ask the server, but tell it nothing.
        patience: How long to wait for the server; as the settings say by default.

    Raises:
        UsageError: There is no such series, it is another one, or there is no token.
        SeriesError: The server has not got all of its patches.
        NetworkError: The server could not be reached or gave nonsense.
    """
    link = link_of(text, settings.patchwork)
    target_url = _checked(target_url)
    token = "" if dry_run else _token(settings, link.server)
    patience = patience or Patience.of(settings)
    with Session(patience, progress) as reading, Session(patience, progress, token=token) as told:
        api = Api(reading, link.server)
        patches = _numbered(series_of(api, link), subjects, link.text)
        done = tuple(_compared(api, patches, checks(sorted(patches)), target_url))
        if not dry_run:
            for posted in done:
                if posted.new:
                    progress.update(f"{posted.check.context}: {posted.url}")
                    writing = Api(told, link.server)
                    writing.post(_path(patches[posted.check.patch]), posted.values(target_url))
    return done


def _compared(
    api: Api, patches: Mapping[int, Item], checks: Sequence[Check], target_url: str
) -> Iterator[Posted]:
    """Each check, in the order of the patches, and whether the server lacks it."""
    for number, patch in sorted(patches.items()):
        wanted = [c for c in checks if c.patch == number]
        existing = api.pages(_path(patch), _Existing) if wanted else ()
        newest = {old.context: old for old in sorted(existing, key=lambda old: old.id)}
        for check in wanted:
            short = replace(check, description=_shortened(check.description))
            new = not _same(newest.get(check.context), short, target_url)
            title = parse_subject(patch.name or "")[1]
            yield Posted(short, title, f"{api.server}/patch/{patch.id}/", new)


def _path(patch: Item) -> str:
    return f"/patches/{patch.id}/checks/"


def _same(old: _Existing | None, new: Check, target_url: str) -> bool:
    if old is None:
        return False
    said = (old.state, old.description or "", old.target_url or "")
    return said == (new.state, new.description, target_url)


def _numbered(series: SeriesAnswer, subjects: Mapping[int, str], where: str) -> dict[int, Item]:
    """The patches on the server by their number, which are those that were tested."""
    found = {number_of(patch): patch for patch in series.patches}
    there = {number: _plain(patch.name or "") for number, patch in found.items()}
    ours = {number: _plain(subject) for number, subject in subjects.items()}
    for number in sorted({*there, *ours} if ours else ()):
        if there.get(number) != ours.get(number):
            raise UsageError(
                f"{where}: not the series of this run: patch {number} is "
                f"{there.get(number, '(none)')!r} there and {ours.get(number, '(none)')!r} here",
                hint="nothing was posted; name the series that was tested",
            )
    return found


def _plain(subject: str) -> str:
    return _SPACE.sub(" ", parse_subject(subject)[1]).strip()


def _shortened(text: str) -> str:
    line = _SPACE.sub(" ", "".join(c if c.isprintable() else " " for c in text)).strip()
    return line if len(line) <= DESCRIPTION else f"{line[: DESCRIPTION - 1]}…"


def _checked(target_url: str) -> str:
    if target_url:
        web_address(target_url, hint="check --target-url")
    if len(target_url) > TARGET:
        raise UsageError(f"--target-url: longer than the {TARGET} characters that patchwork takes")
    return target_url


def _token(settings: Settings, server: str) -> str:
    """The token, where it may be sent.

    Raises:
        UsageError: There is none, or the way to the server can be listened to.
    """
    token = settings.patchwork_token.get_secret_value().strip()
    if not token:
        raise UsageError(
            "no token for patchwork",
            hint="put the one that your user page on the server shows into the environment as "
            "PATCHTOOL_PATCHWORK_TOKEN; --dry-run needs none",
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("PATCHTOOL_PATCHWORK_TOKEN: not a token; expected letters and digits")
    parts = web_address(server)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise UsageError(
            f"{server}: the token is not sent over plain HTTP", hint="name the server by https://"
        )
    return token
