# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON lines between host and agent: one object per line, UTF-8, ended by a newline.

Host to agent: ``{"id": 7, "op": "read_file", "args": {"path": "/proc/meminfo"}}``.
Agent to host: ``{"id": 7, "value": ...}`` or ``{"id": 7, "error": {"kind", "message", "errno",
"trace"}}``; unasked ``{"hello": {...}}``, once, when it is ready.

Used on both sides, so it keeps to the standard library and to old Python. In the guest, where
an import costs tens of milliseconds without hardware virtualisation, it calls the C parts of
:mod:`json` directly and does not import the package around them (re, enum, functools, ...).
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, whose import takes long in the guest
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: A longer line is an attack or a mistake. A test's samples are below 4 MiB.
MAX_LINE = 64 << 20


class WireError(ValueError):
    """What was received is no message."""


def _codec() -> tuple[Callable[[Any], str], Callable[[str], Any]]:
    try:
        import _json

        make_encoder, make_scanner = _json.make_encoder, _json.make_scanner
        quote = _json.encode_basestring_ascii
    except (ImportError, AttributeError):
        import json

        return json.dumps, json.loads

    def refuse(value: object) -> Any:
        raise TypeError(f"{type(value).__name__} cannot be sent")

    class Context:
        """What the scanner of json/decoder.py asks its decoder for."""

        strict = True
        object_hook = None
        object_pairs_hook = None
        parse_float = float
        parse_int = int
        parse_constant = float  # NaN, Infinity, -Infinity: float() knows the words

    scan = make_scanner(Context)  # type: ignore[arg-type]  # any object with these attributes

    def dumps(value: Any) -> str:
        write = make_encoder({}, refuse, quote, None, ": ", ", ", False, False, True)
        return "".join(write(value, 0))

    def loads(text: str) -> Any:
        start = len(text) - len(text.lstrip())
        try:
            value, end = scan(text, start)
        except StopIteration:
            raise ValueError("no JSON value") from None
        if text[end:].strip():
            raise ValueError("text behind the JSON value")
        return value

    return dumps, loads


_dumps, _loads = _codec()


def encode(message: dict[str, Any]) -> bytes:
    """A message as a line.

    Raises:
        TypeError: It holds something that JSON has no form for.
    """
    return _dumps(message).encode() + b"\n"


class Decoder:
    """Bytes as they come in -> messages. Holds what belongs to an unfinished line."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._limit = limit

    def feed(self, data: bytes) -> list[dict[str, Any] | WireError]:
        """What *data* completes, in order: messages, and what is wrong with other lines.

        A line that is not a JSON object, or is too long, takes nothing of the next ones away.
        """
        *lines, rest = data.split(b"\n")
        found: list[dict[str, Any] | WireError] = []
        if lines:
            lines[0] = b"".join([*self._parts, lines[0]])
            self._parts, self._size = [], 0
            found = [_message(line) for line in lines if line.strip()]
        self._size += len(rest)
        if self._size > self._limit:
            self._parts, self._size = [], 0
            found.append(WireError(f"a line of more than {self._limit} bytes"))
        elif rest:
            self._parts.append(rest)
        return found


def _message(line: bytes) -> dict[str, Any] | WireError:
    try:
        message = _loads(line.decode())
    except (ValueError, RecursionError) as error:
        return WireError(f"not JSON: {error}: {line[:80]!r}")
    if not isinstance(message, dict):
        return WireError(f"not an object: {line[:80]!r}")
    return message
