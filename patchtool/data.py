# SPDX-License-Identifier: GPL-2.0-or-later
"""Where patchtool's own data is: ``kernel/``, ``series/`` and ``tests/guest/``.

In a checkout they lie beside the package; a wheel carries them inside it, under
``patchtool/_data`` (see setup.py).
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


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
