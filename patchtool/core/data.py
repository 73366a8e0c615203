# SPDX-License-Identifier: GPL-2.0-or-later
"""Where patchtool's own data is: ``kernel/``, ``series/`` and ``tests/guest/``.

In a checkout they lie beside the package; a wheel carries them inside it, under
``patchtool/_data`` (see pyproject.toml).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from patchtool.core.settings import problems
from patchtool.errors import ManifestError

_Model = TypeVar("_Model", bound=BaseModel)
_PACKAGE = Path(__file__).resolve().parent.parent


def root() -> Path:
    """The folder that holds ``kernel/``, ``series/`` and ``tests/guest/``."""
    inside = _PACKAGE / "_data"
    return inside if inside.is_dir() else _PACKAGE.parent


def kernel() -> Path:
    """Config fragments, containers, guest roots."""
    return root() / "kernel"


def series() -> Path:
    """The series patchtool knows by name."""
    return root() / "series"


def guest_tests() -> Path:
    """The test modules that run against a booted kernel."""
    return root() / "tests" / "guest"


def read(path: Path, model: type[_Model]) -> _Model:
    """A TOML file of patchtool's data as the value it describes.

    Raises:
        ManifestError: It has mistakes; all are named.
    """
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(path, [str(error)]) from error
    except ValidationError as error:
        raise ManifestError(path, problems(error)) from error
