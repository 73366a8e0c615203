# SPDX-License-Identifier: GPL-2.0-or-later
"""Comments on a patchwork server, found by the Message-IDs of the mails they are.

Whether a comment was addressed can be told to patchwork 3.1 and later (API 1.3), by a PATCH of
``{"addressed": true}`` to the comment's address; see its ``docs/api/schemas/v1.3``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from patchtool.intake.reference import recognise, split_pick
from patchtool.intake.servers.address import web_address
from patchtool.intake.servers.patchwork import Api, Item
from patchtool.intake.servers.patchwork_link import link_of
from patchtool.intake.servers.server import Patience, Session
from patchtool.intake.sources.forms import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.progress import Progress
    from patchtool.core.settings import Settings

#: The version of the API that has such addresses.
VERSION = "1.3"


@dataclass(frozen=True, slots=True)
class Comment:
    """A mail that patchwork has as a comment.

    Attributes:
        message_id: Of the mail.
        url: Its address, to which a PATCH is sent.
    """

    message_id: str
    url: str


class _Mail(BaseModel):
    """A comment in a list."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    msgid: str | None = ""


def server_of(text: str, settings: Settings) -> str:
    """Address of the server that has a series: of its link, or the setting's.

    Raises:
        UsageError: The setting is no address.
    """
    if recognise(text) is Kind.PATCHWORK:
        return link_of(split_pick(text)[0], settings.patchwork).server
    hint = "check the setting `patchwork`"
    return web_address(settings.patchwork, hint=hint).geturl().rstrip("/")


def comments_on(
    cover: str | None,
    patches: Sequence[str],
    server: str,
    settings: Settings,
    progress: Progress,
    patience: Patience | None = None,
) -> dict[str, Comment]:
    """The comments on a posting, by their Message-IDs.

    Args:
        cover: Message-ID of the cover letter, or None.
        patches: Message-IDs of the patches.
        server: Address of the server.
        settings: The settings in force.
        progress: Told of each mail.
        patience: How long to wait for the server; as the settings say by default.

    Raises:
        UsageError: There is no such server, or it has no such API.
        NetworkError: The server could not be reached or gave nonsense.
    """
    mails = [*([("covers", cover)] if cover else []), *(("patches", each) for each in patches)]
    found: dict[str, Comment] = {}
    with Session(patience or Patience.of(settings), progress) as session:
        api = Api(session, server)
        for done, (kind, message_id) in enumerate(mails, 1):
            progress.update(f"comments on {server}", done, len(mails))
            for item in api.pages(f"/{kind}/?msgid={quote(message_id)}", Item):
                path = f"/{kind}/{item.id}/comments/"
                for mail in api.pages(path, _Mail):
                    name = (mail.msgid or "").strip().strip("<>")
                    url = f"{server}/api/{VERSION}{path}{mail.id}/"
                    found.setdefault(name, Comment(name, url))
    return found
