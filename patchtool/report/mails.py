# SPDX-License-Identifier: GPL-2.0-or-later
"""A series written back as files that ``load_series`` reads. Pure."""

from __future__ import annotations

import json
from email.header import Header
from typing import TYPE_CHECKING

from patchtool.series.manifest import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.series.manifest import Manifest
    from patchtool.series.model import Series

COVER = "0000-cover-letter.patch"


def series_files(series: Series) -> dict[str, bytes]:
    """Name and content of each file: the mails as they came, the cover letter, the manifest."""
    names = {f"{patch.number:04d}-patch.patch": patch.raw for patch in series.patches}
    files = dict(names)
    if series.cover is not None:
        files[COVER] = _cover(series)
    if series.manifest is not None:
        cover = COVER if series.cover is not None else None
        renamed = series.manifest.model_copy(update={"patches": tuple(names), "cover": cover})
        files[FILE_NAME] = to_toml(renamed).encode()
    return files


def _cover(series: Series) -> bytes:
    """The cover letter as a mail: its subject is numbered unless a manifest gives the order."""
    version = f" v{series.revision}" if series.revision > 1 else ""
    number = "" if series.manifest is not None else f" 0/{len(series.patches)}"
    title = " ".join(series.title.split())
    encoded = title if title.isascii() else Header(title, "utf-8", maxlinelen=900).encode()
    head = (
        "From: patchtool bundle <patchtool@localhost>\n"
        f"Date: {series.patches[0].date}\n"
        f"Subject: [PATCH{version}{number}] {encoded}\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=UTF-8\n"
        "Content-Transfer-Encoding: 8bit\n\n"
    )
    return head.encode() + (series.cover or "").encode("utf-8", "replace")


def to_toml(manifest: Manifest) -> str:
    """A manifest as TOML."""
    values = manifest.model_dump(mode="json", exclude_none=True)
    return "\n".join(_table(values, "")) + "\n"


def _table(values: dict[str, object], prefix: str) -> Iterator[str]:
    """The lines of a table: plain values first, then tables, then arrays of tables."""
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    arrays = {
        key: value
        for key, value in values.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    }
    for key, value in values.items():
        if key not in tables and key not in arrays:
            yield f"{key} = {_value(value)}"
    for key, table in tables.items():
        if table:
            yield f"\n[{prefix}{key}]"
            yield from _table(table, f"{prefix}{key}.")
    for key, rows in arrays.items():
        for entry in rows:
            yield f"\n[[{prefix}{key}]]"
            yield from _table(entry, f"{prefix}{key}.")


def _value(value: object) -> str:
    """A TOML value: its basic strings are JSON's, but for DEL, which TOML escapes as well."""
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
