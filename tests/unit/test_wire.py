# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON lines between host and agent: any message survives, any rubbish is refused."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.guest.channel import Channel, GuestError
from patchtool.guest.inside import wire
from patchtool.guest.inside.agent import Agent
from patchtool.guest.inside.wire import Decoder, WireError, encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(
        st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
MESSAGES = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES, max_size=5)


@pytest.mark.no_cover
@given(st.lists(MESSAGES, max_size=3), st.lists(st.integers(0, 400), max_size=12))
def test_messages_survive_any_way_of_being_cut(
    messages: list[dict[str, Any]], places: list[int]
) -> None:
    stream = b"".join(map(encode, messages))
    cuts = [0, *sorted(place for place in places if place < len(stream)), len(stream)]
    decoder = Decoder()
    got: list[dict[str, Any] | WireError] = []
    for start, end in pairwise(cuts):
        got += decoder.feed(stream[start:end])
    assert got == messages


@given(MESSAGES)
def test_a_message_is_json_that_anybody_reads(message: dict[str, Any]) -> None:
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == message


def refused(items: list[dict[str, Any] | WireError]) -> str:
    """What is said of the one line that is no message."""
    (fault,) = items
    assert isinstance(fault, WireError)
    return str(fault)


@given(st.binary(max_size=200))
def test_rubbish_is_refused_and_the_next_message_is_read(rubbish: bytes) -> None:
    """A request in one packet behind rubbish was lost, and its answer waited for in vain."""
    decoder = Decoder()
    *before, message = decoder.feed(rubbish + b"\n" + encode({"id": 1}))
    assert message == {"id": 1}
    assert all(isinstance(item, (dict, WireError)) for item in before)
    assert decoder.feed(encode({"id": 2})) == [{"id": 2}]


@pytest.mark.parametrize("line", [b"[1]", b"1", b'"x"', b"nul", b"{", b'{"a":1} x', b"\xff{}"])
def test_what_is_no_object_is_refused(line: bytes) -> None:
    assert refused(Decoder().feed(line + b"\n"))


def test_deep_nesting_is_refused_rather_than_fatal() -> None:
    assert refused(Decoder().feed(b'{"a":' + b"[" * 100_000 + b"\n"))


def test_an_endless_line_is_refused_before_memory_is_full() -> None:
    decoder = Decoder(limit=1000)
    assert decoder.feed(b"x" * 900) == []
    assert "1000" in refused(decoder.feed(b"x" * 101))
    assert decoder.feed(b"\n" + encode({"id": 2})) == [{"id": 2}]


def test_what_json_has_no_form_for_is_an_error_where_it_is_sent() -> None:
    with pytest.raises(TypeError):
        encode({"x": object()})


def test_without_the_c_parts_of_json_it_works_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_json", None)
    dumps, loads = wire._codec()
    assert loads(dumps({"a": [1, "ä"]})) == {"a": [1, "ä"]}


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    """A host's end of a wire whose other end is an agent in a thread of this process."""
    ours, theirs = socket.socketpair()
    fd = os.dup(theirs.fileno())
    theirs.close()

    def serve() -> None:
        try:
            Agent(fd).serve_until_hangup()
        finally:
            os.close(fd)

    agent = threading.Thread(target=serve, daemon=True)
    agent.start()
    made = Channel(ours, threading.Condition(), tmp_path / "agent.log")
    yield made
    made.close()
    agent.join(10)
    assert not agent.is_alive()


def ask(channel: Channel, op: str, **arguments: Any) -> Any:
    reply = channel.request(op, arguments)
    with channel._changed:
        assert channel._changed.wait_for(lambda: reply.message is not None, 10)
    return reply.value()


def test_the_agent_says_hello_and_answers(channel: Channel, tmp_path: Path) -> None:
    assert ask(channel, "ping") > 0
    assert channel.hello is not None
    assert channel.hello["release"] == os.uname().release
    file = tmp_path / "file"
    assert ask(channel, "write_file", path=str(file), text="ä\n") == 3
    assert ask(channel, "read_file", path=str(file)) == "ä\n"
    assert ask(channel, "exists", path=str(file)) is True
    assert "file" in ask(channel, "list_dir", path=str(tmp_path))
    assert '"op": "ping"' in (tmp_path / "agent.log").read_text()


def test_programs_run_with_input_output_and_a_time_limit(channel: Channel) -> None:
    done = ask(channel, "exec", argv=["sh", "-c", "cat; echo err >&2; exit 3"], stdin="x" * 200_000)
    assert (done["status"], done["stderr"]) == (3, "err\n")
    assert done["stdout"] == "x" * 200_000
    late = ask(channel, "exec", argv=["sleep", "30"], timeout=0.2)
    assert late["timed_out"] is True
    assert late["status"] == -9


def test_a_python_exception_in_the_guest_is_raised_here(channel: Channel) -> None:
    with pytest.raises(GuestError) as caught:
        ask(channel, "read_file", path="/no/such/file")
    assert caught.value.kind == "FileNotFoundError"
    assert caught.value.errno == 2
    assert "read_text" in caught.value.trace
    assert "/no/such/file" in str(caught.value)


def test_requests_run_side_by_side(channel: Channel) -> None:
    """A long workload must not keep the agent from answering."""
    slow = channel.request("exec", {"argv": ["sleep", "0.5"]})
    assert ask(channel, "ping") > 0
    assert slow.message is None
    assert ask(channel, "exec", argv=["sleep", "1"])["status"] == 0
    assert slow.value()["status"] == 0


def test_objects_live_in_the_guest_under_a_handle(channel: Channel) -> None:
    made = ask(channel, "new", name="HugeMemory", args={"mib": 2})
    assert ask(channel, "get", handle=made["handle"], name="touched") == 1
    assert ask(channel, f"{made['handle']}.release") is None
    assert ask(channel, "drop", handle=made["handle"]) is True
    with pytest.raises(GuestError) as caught:
        ask(channel, f"{made['handle']}.release")
    assert caught.value.kind == "KeyError"


@pytest.mark.parametrize(
    ("op", "arguments"),
    [
        ("_read", {}),
        ("workload._write", {}),
        ("workload.__init__", {}),
        ("nothing", {}),
        ("workload.nothing", {}),
        ("", {}),
        ("new", {"name": "_private"}),
        ("ping", {"bad": 1}),
        ("exec", {"argv": ["/no/such/program"]}),
    ],
)
def test_what_is_no_operation_is_an_error_not_an_end(
    channel: Channel, op: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(GuestError):
        ask(channel, op, **arguments)
    assert ask(channel, "ping") > 0


def test_counters_are_sampled_while_other_things_run(channel: Channel) -> None:
    ask(channel, "sample_start", interval=0.02)
    ask(channel, "exec", argv=["sh", "-c", "sleep 0.3; ls / >/dev/null"])
    seen = ask(channel, "sample_stop")
    assert len(seen["seconds"]) == len(seen["values"]) >= 3
    assert seen["seconds"] == sorted(seen["seconds"])
    assert all(len(row) == len(seen["names"]) for row in seen["values"])
    with pytest.raises(GuestError):
        ask(channel, "sample_stop")


def test_rubbish_on_the_wire_does_not_end_the_agent(channel: Channel) -> None:
    channel._connection.sendall(b"\x00\xff rubbish\n[]\n")
    assert ask(channel, "ping") > 0
