# SPDX-License-Identifier: GPL-2.0-or-later
"""The blob hashes of index lines."""

from __future__ import annotations

import hashlib


def is_hash(blob: str | None) -> bool:
    """Whether an index line's word names a blob; zeros stand for no file."""
    return blob is not None and blob.strip("0") != ""


def has_hash(content: bytes, blob: str) -> bool:
    """Whether *content* has this (abbreviated) git blob hash, SHA-1 or SHA-256."""
    kind = "sha256" if len(blob) > 40 else "sha1"
    whole = hashlib.new(kind, b"blob %d\0" % len(content), usedforsecurity=False)
    whole.update(content)
    return whole.hexdigest().startswith(blob.lower())
