# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium, spoken to through pipes by the Chrome DevTools Protocol.

``--remote-debugging-pipe``: requests are read from file descriptor 3 and answers written to 4, JSON
each, ended by a zero byte. https://chromedevtools.github.io/devtools-protocol/ has the methods.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 60.0  # seconds that an answer may take


def program() -> str | None:
    """The browser's program, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """A page in a browser.

    Attributes:
        errors: What its console said of errors, and exceptions that nothing caught.
    """

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self._seen: list[str] = []
        self.errors: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """What the browser answers to a method."""
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": values}
        if self._session is not None:
            asked["sessionId"] = self._session
        os.write(self._write, json.dumps(asked).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == self._number:
                assert "error" not in said, f"{method}: {said['error']}"
                result: dict[str, Any] = said["result"]
                return result
            self._event(said)

    def open(self, url: str, width: int, height: int = 1000) -> None:
        """Open a page in a window of a size, and wait until it is there."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        self._seen.clear()
        self.call("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._seen:
            self._event(self._next())

    def value(self, expression: str) -> Any:
        """The value of an expression of JavaScript."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """Press a letter and let it go."""
        code = {"key": key, "code": f"Key{key.upper()}", "text": key}
        self.call("Input.dispatchKeyEvent", type="keyDown", **code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code["code"])

    def picture(self, path: Path) -> None:
        """Write what the window shows, as PNG."""
        shot = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        """End the browser."""
        self._session = None
        self.call("Browser.close")

    def _event(self, said: dict[str, Any]) -> None:
        method, values = said.get("method", ""), said.get("params", {})
        self._seen.append(method)
        if method == "Runtime.exceptionThrown":
            self.errors.append(str(values["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "assert"):
            self.errors.append(str(values["args"]))
        elif method == "Log.entryAdded" and values["entry"]["level"] == "error":
            self.errors.append(values["entry"]["text"])

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, until - time.monotonic()))
            assert ready, "the browser says nothing"
            more = os.read(self._read, 1 << 16)
            assert more, "the browser ended"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        said: dict[str, Any] = json.loads(message)
        return said


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A page of a browser of our own, whose files are in *folder*."""
    name = program()
    assert name is not None, f"none of {', '.join(NAMES)} is installed"
    its_in, our_out = os.pipe()
    our_in, its_out = os.pipe()
    # The browser wants 3 and 4, which may be ends of these pipes: a shell moves them.
    script = f'exec 3<&{its_in} 4>&{its_out}; exec "$@"'
    if {its_in, its_out} & {3, 4}:
        script = f'exec 8<&{its_in} 9>&{its_out}; exec 3<&8 4>&9 8<&- 9>&-; exec "$@"'
    words = [
        name, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--user-data-dir={folder}",
    ]  # fmt: skip
    started = subprocess.Popen(
        ["bash", "-c", script, "bash", *words],
        pass_fds=(its_in, its_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    )
    os.close(its_in)
    os.close(its_out)
    try:
        page = Page(our_out, our_in)
        yield page
        page.close()
    finally:
        os.close(our_out)
        os.close(our_in)
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
