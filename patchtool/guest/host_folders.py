# SPDX-License-Identifier: GPL-2.0-or-later
"""Folders a guest needs on the host: the agent's files, and a short one for its sockets."""

from __future__ import annotations

import contextlib
import os
import py_compile
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from patchtool.core.locks import held
from patchtool.core.store import digest, file_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.core.settings import Settings

#: All that runs inside the guest; what makes it a package on the host is left here.
INSIDE = Path(__file__).with_name("inside")
MODULES = tuple(sorted(p.name for p in INSIDE.glob("*.py") if p.stem != "__init__"))
#: Starts the agent. Its folder stands for the package that the modules are of on the host, so that
#: they import each other by the same names. What ``from __future__ import annotations`` does, the
#: compiler does; the module need not be loaded for it (tens of milliseconds under TCG).
START = """\
import sys
sys.modules["__future__"] = future = type(sys)("__future__")
future.annotations = None
sys.path.insert(0, "/run/patchtool")
for name in ("patchtool", "patchtool.guest", "patchtool.guest.inside"):
    sys.modules[name] = package = type(sys)(name)
    package.__path__ = ["/run/patchtool"]
import agent
del sys.modules["__future__"]
agent.main()
"""
#: sockaddr_un's sun_path, less the closing zero byte: unix(7).
MAX_SOCKET_PATH = 107
#: A folder younger than this, in seconds, may belong to a run that is about to lock it.
FRESH = 60.0
#: Of a guest's folder alone: whatever else is called patchtool-* there is not swept.
PREFIX = "patchtool-guest-"
LOCK = "lock"


def agent_folder(settings: Settings) -> Path:
    """The folder with the agent and its workloads, as the guest gets it; made once per version.

    The modules are byte-compiled without reference to the source's time, so that a guest whose
    Python is of the same release does not compile them.
    """
    sources = [INSIDE / name for name in MODULES]
    contents = [file_digest(path) for path in sources]
    key = digest(START, sys.implementation.cache_tag, contents)
    folder = settings.cache / "agent" / key[:16]
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        (made / "start.py").write_text(START)
        for source in sources:
            copy = made / source.name
            shutil.copyfile(source, copy)
            py_compile.compile(
                str(copy),
                dfile=f"/run/patchtool/{source.name}",
                doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
        made.chmod(0o755)
        with contextlib.suppress(OSError):  # another run was faster
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _base() -> Path:
    """Where private folders go: the session's runtime folder if its path is short, else /tmp."""
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 (folders are 0700)
    if len(str(runtime)) < MAX_SOCKET_PATH - 40 and os.access(runtime, os.W_OK | os.X_OK):
        return runtime
    return Path("/tmp")  # noqa: S108


@contextmanager
def socket_folder() -> Iterator[Path]:
    """A new private folder for sockets, gone afterwards. Sweeps those of killed runs away."""
    base = _base()
    _sweep(base)
    folder = Path(tempfile.mkdtemp(dir=base, prefix=PREFIX))
    try:
        with held(folder / LOCK, str(folder), None):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(base: Path) -> None:
    for folder in base.glob(PREFIX + "*"):
        with contextlib.suppress(OSError):  # gone meanwhile, or in use
            status = folder.lstat()
            if status.st_uid != os.getuid() or time.time() - status.st_mtime < FRESH:
                continue
            with held(folder / LOCK, str(folder), None):
                shutil.rmtree(folder, ignore_errors=True)
