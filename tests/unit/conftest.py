# SPDX-License-Identifier: GPL-2.0-or-later
"""What the unit tests share: golden files, and a run record to report on."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

HERE = Path(__file__).parent

#: The same examples in each run, few of them, and no clock; ``ci/fuzz`` tries more.
settings.register_profile("unit", max_examples=50, derandomize=True, database=None, deadline=None)
settings.load_profile("unit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden files beside the tests"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares text with ``golden/NAME`` beside the tests, or rewrites that file."""

    def check(name: str, text: str) -> None:
        path = HERE / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing: make it with --update-golden, and read it"
        assert text == path.read_text(encoding="utf-8"), (
            f"differs from {path}; --update-golden rewrites it"
        )

    return check


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sample() -> Any:
    """The module ``report_sample.py``: run records and a series to report on."""
    return _load("report_sample")
