# SPDX-License-Identifier: GPL-2.0-or-later
"""A series as JSON: every attribute of :mod:`patchtool.series.model` under its own name. Pure.

Keys stand in the order the attributes do there. Besides them: ``digest`` of the series,
``patch_id`` and ``paths`` of a patch, ``path`` of a file. Bytes are a string where they are
UTF-8, else an object with the one key ``base64``. A manifest has the keys of its series.toml.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pydantic import BaseModel

from patchtool.series.model import FileDiff, Patch, Series

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What is worked out of a value, beside what it holds.
_DERIVED: Mapping[type, tuple[str, ...]] = {
    Series: ("digest",),
    Patch: ("patch_id", "paths"),
    FileDiff: ("path",),
}


def plain(value: object) -> object:
    """*value* (a series, or a part of one) as dicts, lists, strings, numbers and None."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return {"base64": b64encode(value).decode("ascii")}
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if is_dataclass(value):
        names = [field.name for field in fields(value)]
        names += _DERIVED.get(type(value), ())
        return {name: plain(getattr(value, name)) for name in names}
    return value
