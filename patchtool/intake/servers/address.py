# SPDX-License-Identifier: GPL-2.0-or-later
"""Web addresses as users write them. Pure."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from patchtool.errors import UsageError


def web_address(text: str, *, hint: str = "") -> SplitResult:
    """The parts of an http or https address; no server is asked.

    Raises:
        UsageError: It is none, or it holds a password; *hint* says what was expected.
    """
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # brackets that do not match, a port that is no number
        usable = None
    if not usable:
        raise UsageError(f"{text}: not a web address", hint=hint)
    if "@" in parts.netloc:
        raise UsageError(f"{parts.hostname}: leave user and password out of the address")
    return parts
