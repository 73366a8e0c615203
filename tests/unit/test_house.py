# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the house: which module may import what, and what every file must have."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PACKAGE = TOP / "patchtool"
FILES = sorted(PACKAGE.rglob("*.py"))

#: Third-party or standard module -> the only places that may import it.
ONLY_IN = {
    "subprocess": ["core/process.py"],
    "git": ["tree/"],
    "elftools": ["build/elf/"],
    "requests": ["intake/servers/"],
    "liblore": ["intake/servers/lore.py"],
    "jinja2": ["build/kconfig/", "report/"],
    "qemu": ["guest/qmp.py"],
    "click": ["cli.py", "commands/"],
    "matplotlib": ["report/plots.py"],
    "pytest": ["testing/"],
}
#: Room -> the rooms of ours it may import, besides itself, ``core`` and ``errors``. The record of
#: a run is what the rooms behind the run read, so its modules stand for themselves.
RECORD = {"run.record", "run.record_v1", "run.host"}
ARROWS: dict[str, set[str]] = {
    "core": set(),
    "series": set(),
    "tree": {"series"},
    "intake": {"series", "tree"},
    "recover": {"series"},
    "lint": {"series", "tree"},
    "build": {"series", "tree"},
    "guest": set(),
    "testing": {"series", "guest"},
    "verdict": {"series", "build", "testing", *RECORD},
    "report": {
        *("series", "tree", "build", "guest", "testing", "verdict", *RECORD),
        "intake.servers",
    },
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in names if is_module(name)}
            found |= modules if modules == names else {node.module, *modules}
    return found


def is_module(name: str) -> bool:
    path = TOP.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_outside_libraries_are_imported_in_their_one_place(path: Path) -> None:
    for module in imports(path):
        allowed = ONLY_IN.get(module.split(".")[0])
        if allowed is not None:
            assert any(name(path).startswith(place) for place in allowed), module


@pytest.mark.parametrize("path", FILES, ids=name)
def test_dependencies_point_down_the_line(path: Path) -> None:
    package = path.relative_to(PACKAGE).parts[0]
    if package not in ARROWS:
        return
    allowed = {package, "core", "errors", "__version__", *ARROWS[package]}
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == "patchtool" and len(parts) > 1:
            assert parts[1] in allowed or ".".join(parts[1:3]) in allowed, module


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_exit_chdir_or_shell_in_the_house(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "os.chdir" not in text
    assert "shell=True" not in text
    if name(path) not in ("cli.py", "core/guard.py") and not name(path).startswith(
        "guest/inside/agent"
    ):
        assert "sys.exit" not in text


@pytest.mark.parametrize(
    "path",
    [path for folder in ("patchtool", "tests", "kernel") for path in (TOP / folder).rglob("*.py")],
    ids=lambda path: str(path.relative_to(TOP)),
)
def test_every_file_names_its_licence(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[:2]
    assert any("SPDX-License-Identifier: GPL-2.0-or-later" in line for line in first)
