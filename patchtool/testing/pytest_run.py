# SPDX-License-Identifier: GPL-2.0-or-later
"""The test stage: runs test modules against a kernel image, in a pytest process of its own."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import patchtool
from patchtool.core import process
from patchtool.core.durable import write_atomic
from patchtool.core.store import file_digest
from patchtool.errors import InfraError, UsageError
from patchtool.testing import record_file
from patchtool.testing.test_plan import PROGRESS_FILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchtool.core.progress import Progress
    from patchtool.testing.records import TestRun
    from patchtool.testing.test_plan import TestPlan

#: Seconds all tests of one image may take with KVM.
TIMEOUT = 1200.0
#: pytest's exit codes (pytest.ExitCode), as it is not imported here.
ALL_PASSED, SOME_FAILED, NO_TESTS = 0, 1, 5
#: Time between two looks at the progress file, in seconds.
_POLL = 0.2


def run_tests(
    plan: TestPlan,
    modules: Sequence[Path],
    progress: Progress,
    *,
    only: Sequence[str] = (),
    timeout: float = TIMEOUT,
) -> TestRun:
    """Run the tests of *modules* that are not in the plan's record yet.

    Args:
        plan: What is to be tested.
        modules: Test files, all in one folder.
        progress: Hears which test runs.
        only: Node ids of the tests to run; all by default.
        timeout: Seconds for all of them with KVM.

    Returns:
        All tests, also those that an earlier call for the same plan ran.

    Raises:
        UsageError: There are no such modules, or no tests in them.
        InfraError: pytest itself failed; CommandTimeout: it did not end in time.
    """
    folder = _common_folder(modules)
    if not plan.modules:
        plan = plan.model_copy(update={"modules": module_digests(folder, modules)})
    done = record_file.load(plan.record)
    if done.runs >= plan.runs and done.plan == plan.identity:
        return done.model_copy(update={"label": plan.label})
    plan.folder.mkdir(parents=True, exist_ok=True)
    plan.record.parent.mkdir(parents=True, exist_ok=True)
    plan_file = plan.folder / "plan.json"
    write_atomic(plan_file, plan.model_dump_json(indent=1) + "\n")
    log = plan.folder / "pytest.log"
    argv = [sys.executable, "-m", "pytest", "-p", "patchtool.testing.plugin"]
    argv += ["-p", "no:cacheprovider", "--patchtool-plan", str(plan_file), "-c", "/dev/null"]
    argv += [f"--rootdir={folder}", f"--confcutdir={folder}", "--import-mode=importlib"]
    argv += ["--strict-markers", "-v", "--tb=short", "-ra", "--color=no", "-W", "error"]
    argv += [str(folder / nodeid) for nodeid in only] or [str(module) for module in modules]
    with _Relay(plan.folder / PROGRESS_FILE, progress):
        ended = process.run(
            argv,
            cwd=plan.folder,
            timeout=timeout * plan.patience,
            check=False,
            env={
                "PYTHONPATH": str(Path(patchtool.__file__).parent.parent),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
            log=log,
        )
    run = record_file.load(plan.record)
    if ended.status == NO_TESTS and not run.tests:
        names = ", ".join(module.name for module in modules)
        raise UsageError(f"no tests in {names}", hint="a test is a function called test_…")
    if ended.status not in (ALL_PASSED, SOME_FAILED) or run.runs < plan.runs:
        tail = "".join(f"\n  | {line}" for line in ended.tail.splitlines()[-25:])
        raise InfraError(
            f"the tests of {plan.label} did not run to their end: pytest ended with status "
            f"{ended.status} (all of it: {log}){tail}",
            hint="the same command continues with the tests that are not in the record",
        )
    return run.model_copy(update={"label": plan.label})


def _common_folder(modules: Sequence[Path]) -> Path:
    missing = [str(module) for module in modules if not module.is_file()]
    if missing or not modules:
        raise UsageError(f"no such test module: {', '.join(missing) or '(none was named)'}")
    folders = {module.resolve().parent for module in modules}
    if len(folders) > 1:
        names = ", ".join(map(str, sorted(folders)))
        raise UsageError(f"test modules of one run lie in one folder, not in {names}")
    return folders.pop()


def module_digests(folder: Path, modules: Sequence[Path]) -> tuple[str, ...]:
    """Name and content of each test module, and of what they share, as a plan keeps them."""
    shared = folder / "conftest.py"
    files = [*modules, *([shared] if shared.is_file() else [])]
    return tuple(f"{path.name} {file_digest(path)}" for path in files)


class _Relay:
    """Hands the events of a progress file that another process writes to a Progress."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path = path
        self._progress = progress
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> None:
        self._path.unlink(missing_ok=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        at, rest = 0, b""
        while True:
            last = self._stop.is_set()
            if self._path.exists():
                with self._path.open("rb") as stream:
                    stream.seek(at)
                    rest += stream.read()
                    at = stream.tell()
            *lines, rest = rest.split(b"\n")
            for line in lines:
                self._tell(line)
            if last:
                return
            self._stop.wait(_POLL)

    def _tell(self, line: bytes) -> None:
        event = json.loads(line)
        if event["event"] == "update":
            self._progress.update(event["detail"], event["done"], event["total"])
        elif event["event"] == "note":
            self._progress.note(event["text"])
