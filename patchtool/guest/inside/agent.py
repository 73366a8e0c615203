# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent: runs inside the guest and does what patchtool asks over a virtio-serial port.

Started by virtme-ng's init as root. Each request runs in a thread of its own, so a long
workload neither blocks the sampling of counters nor the question whether the guest lives.
Standard library only. Until the first request it imports only what is built into Python, so
:mod:`posix` instead of :mod:`os`: without hardware virtualisation each further module costs the
guest tens of milliseconds.

An operation is ``ping``, a public method of :class:`operations.Operations`, ``MODULE.NAME`` for a
public function of one of the `WORKLOADS`, or ``HANDLE.NAME`` for a method of an object that ``new``
made.
"""
# ruff: noqa: PTH123
# (pathlib is such a module)

from __future__ import annotations

import _thread
import errno
import posix
import sys
import time

TYPE_CHECKING = False  # as typing has it, whose import takes long in the guest
if TYPE_CHECKING:
    from typing import Any
if TYPE_CHECKING or __package__:
    from patchtool.guest.inside.wire import Decoder, WireError, encode
else:  # in the guest the modules lie side by side
    from wire import Decoder, WireError, encode

PORT_NAME = "org.patchtool.agent"
PORTS = "/sys/class/virtio-ports"
READ_SIZE = 1 << 16
#: Modules beside this one whose public functions and classes are operations.
WORKLOADS = ("workload", "zram")
#: A task that waits longer than this, in seconds, is reported by the kernel as hung.
HUNG_TASK_SECONDS = 30


def _first_line(path: str) -> str:
    """The first line of a file; empty when it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return stream.readline().decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _listed(folder: str) -> list[str]:
    try:
        return posix.listdir(folder)
    except OSError:
        return []  # not there yet


def find_port(seconds: float = 10.0) -> str:
    """The device node of our port; the kernel names it in sysfs, so no udev is needed."""
    end = time.monotonic() + seconds
    names: list[str] = []
    while time.monotonic() < end:
        names = _listed(PORTS)
        for name in names:
            if _first_line(PORTS + "/" + name + "/name") == PORT_NAME:
                return "/dev/" + name
        time.sleep(0.01)
    raise OSError(errno.ENODEV, "no virtio-serial port " + PORT_NAME + " among " + str(names))


class Agent:
    """Reads requests from the port and answers them.

    Args:
        fd: The port, open for reading and writing.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._decoder = Decoder()
        self._writing = _thread.allocate_lock()
        self._importing = _thread.allocate_lock()
        self._operations: Any = None
        self._objects: dict[str, Any] = {}
        self._made = 0

    def send(self, message: dict[str, Any]) -> None:
        """Send one message; other threads wait their turn."""
        self._write(encode(message))

    def _write(self, data: bytes) -> None:
        with self._writing:
            while data:
                data = data[posix.write(self._fd, data) :]

    def serve(self) -> None:
        """Say hello and answer requests for ever: a port reads as empty while no host is there."""
        self.hello()
        while True:
            if not self.listen():
                time.sleep(0.05)

    def serve_until_hangup(self) -> None:
        """As :meth:`serve`, over a socket, whose end is an end."""
        self.hello()
        while self.listen():
            pass

    def hello(self) -> None:
        """Say who is here."""
        kernel = posix.uname()
        python = ".".join(map(str, sys.version_info[:3]))
        self.send({"hello": {"release": kernel.release, "python": python, "pid": posix.getpid()}})

    def listen(self) -> bool:
        """Take what there is to read, and start what it asks for; False at the end."""
        data = posix.read(self._fd, READ_SIZE)
        for request in self._decoder.feed(data):
            if isinstance(request, WireError):
                self.send({"fault": str(request)})
            else:
                _thread.start_new_thread(self.answer, (request,))
        return bool(data)

    def answer(self, request: dict[str, Any]) -> None:
        """Do what one request asks, and send the result or the exception."""
        number = request.get("id")
        try:
            value = self.perform(str(request.get("op")), request.get("args") or {})
            answer = encode({"id": number, "value": value})
        except BaseException as error:  # noqa: BLE001 (all of it is news for the host)
            import traceback

            fault = {
                "kind": type(error).__name__,
                "message": str(error),
                "errno": getattr(error, "errno", None),
                "trace": traceback.format_exc(),
            }
            answer = encode({"id": number, "error": fault})
        try:
            self._write(answer)
        except OSError:
            return  # the host is gone

    def perform(self, op: str, arguments: dict[str, Any]) -> Any:
        """Find the operation and call it."""
        owner, _, name = op.rpartition(".")
        if name.startswith("_") or owner.startswith("_"):
            raise LookupError("not an operation: " + op)
        own: dict[str, Any] = {
            "ping": self.ping,
            "new": self.new,
            "drop": self.drop,
            "get": self.get,
        }
        if not owner and name in own:
            return own[name](**arguments)
        if not owner:
            target = self.operations()
        elif owner in WORKLOADS:
            target = self.workload(owner)
        else:
            target = self._objects[owner]
        function = getattr(target, name, None)
        if function is None:
            raise LookupError("no such operation: " + op)
        return function(**arguments)

    def ping(self, cpu: int | None = None) -> float:
        """The guest's clock; read on that processor, once it lets this thread run there."""
        if cpu is not None:
            posix.sched_setaffinity(0, [cpu])
        return time.monotonic()

    def operations(self) -> Any:
        """The operations; their module is imported when one is first used."""
        with self._importing:
            if self._operations is None:
                if TYPE_CHECKING or __package__:
                    from patchtool.guest.inside.operations import Operations
                else:
                    from operations import Operations
                self._operations = Operations()
            return self._operations

    def workload(self, module: str) -> Any:
        """One of the `WORKLOADS`, imported when it is first used."""
        package = __package__ + "." if __package__ else ""
        with self._importing:
            return __import__(package + module, fromlist=("",))

    def drop(self, handle: str) -> bool:
        """Forget an object."""
        return self._objects.pop(handle, None) is not None

    def get(self, handle: str, name: str) -> Any:
        """Read a public attribute of an object."""
        if name.startswith("_"):
            raise LookupError("not public: " + name)
        return getattr(self._objects[handle], name)

    def new(self, name: str, args: dict[str, Any] | None = None) -> dict[str, str]:
        """Make an object of a public class, NAME of the workloads or MODULE.NAME, and keep it."""
        owner, _, kind = name.rpartition(".")
        module = owner or WORKLOADS[0]
        if module not in WORKLOADS or kind.startswith("_"):
            raise LookupError("nothing to make: " + name)
        made = getattr(self.workload(module), kind)(**(args or {}))
        with self._importing:
            self._made += 1
            handle = f"h{self._made}"
            self._objects[handle] = made
        return {"handle": handle}


def _set(path: str, text: str) -> None:
    try:
        with open(path, "w") as stream:
            stream.write(text)
    except OSError:
        pass  # a kernel without that setting


def main() -> None:
    """Serve the host for as long as the guest lives."""
    fd = posix.open(find_port(), posix.O_RDWR)
    agent = Agent(fd)
    _thread.start_new_thread(
        _set, ("/proc/sys/kernel/hung_task_timeout_secs", str(HUNG_TASK_SECONDS))
    )
    agent.serve()
