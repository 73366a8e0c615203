# SPDX-License-Identifier: GPL-2.0-or-later
"""What the integration and end-to-end tests share: a mail archive's server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.lib import public_inbox as inbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def public_inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[inbox.PublicInbox]:
    """A real public-inbox server on loopback; its lists are empty.

    A person's machine may lack it, CI may not.
    """
    if inbox.missing() and not os.environ.get("CI"):
        pytest.skip("the package public-inbox is not installed")
    server = inbox.PublicInbox(tmp_path_factory.mktemp("public-inbox"))
    try:
        yield server.start()
    finally:
        server.stop()
