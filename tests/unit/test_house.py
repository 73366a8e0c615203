# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the house: which module may import what, and what every module must (not) have."""

from __future__ import annotations

import ast
import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.lib import house

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

TOP = Path(__file__).resolve().parents[2]
PACKAGE = TOP / "patchtool"
SOURCES = ("patchtool", "tests", "kernel", "ci")
FILES = sorted(PACKAGE.rglob("*.py"))

#: Library, or module of Python's own -> the only places that may import it; empty: any.
ONLY_IN: Final = {
    "_pytest": ["testing/collection.py"],
    "_typeshed": [""],
    "click": ["cli.py", "commands/"],
    "elftools": ["build/elf/"],
    "git": ["tree/"],
    "jinja2": ["build/kconfig/", "report/"],
    "liblore": ["intake/servers/lore.py"],
    "markupsafe": ["report/html.py"],
    "matplotlib": ["report/plots.py"],
    "numpy": ["bisect/"],
    "pydantic": [""],
    "pydantic_core": ["commands/", "report/", "testing/"],
    "pytest": ["testing/"],
    "qemu": ["guest/qmp.py"],
    "requests": ["intake/servers/"],
    "rich": ["core/progress.py", "core/text.py", "report/"],
    "tomli_w": ["report/"],
    "subprocess": ["core/process.py"],
    "urllib3": ["intake/servers/"],
}
#: Not libraries: patchtool itself, and what the agent is beside in the guest.
OURS: Final = {"patchtool", "wire", "operations"}

#: Room -> the rooms it may import, besides itself, ``core`` and ``errors``: always to the left in
#: the line of DESIGN.md, section 2. The record of a run is what the rooms behind the run read, so
#: it is a room of its own. A new room needs a line here.
RECORD: Final = "run.record"
_RECORD: Final = {RECORD, "run.record_v1", "run.host"}
_TREE: Final = ("series", "tree")
_RUN: Final = (*_TREE, "intake", "build", "guest", "testing", RECORD, "verdict", "report", "run")
ARROWS: Final = {
    "errors": (),
    "core": (),
    "series": (),
    "tree": ("series",),
    "intake": _TREE,
    "recover": (*_TREE, "intake"),
    "revisions": ("series",),
    "lint": (*_TREE, "intake"),
    "build": _TREE,
    "guest": ("build.elf",),
    "testing": ("series", "guest"),
    RECORD: (*_TREE, "build", "guest", "testing"),
    "verdict": ("series", "build", "testing", RECORD),
    "report": (
        *_TREE,
        "intake.servers",
        "build",
        "guest",
        "testing",
        RECORD,
        "verdict",
        "revisions",
    ),
    "run": _RUN,
    "matrix": _RUN,
    "bisect": _RUN,
    "commands": (*_RUN, "lint", "matrix", "bisect", "recover", "revisions"),
    "cli": ("commands",),
    "__main__": ("cli",),
}

#: State that is meant, with the reason.
STATE: Final = {
    "core/command_log.py": "which log is in force, of each run and thread; a ContextVar",
    "core/locks.py": "which locks are held, of each run and thread; a ContextVar",
    "series/envelope.py": "a bounded memo of a pure function: mails repeat their prefixes",
}
#: Names of modules that two rooms have, with the reason. A verb in ``commands/`` is called as what
#: it prints and is not looked at.
TWINS: Final = {
    "diffstat": "a check in lint/ bears the name of what it checks, read in series/",
    "findings": "what a person has to know: of a posting, and of a run",
    "posting": "what was mailed together: checked in lint/, told apart on a page in intake/",
    "patchwork": "the server, and a report in the form it takes",
    "record": "what a verb leaves behind: run, matrix, recover, revisions",
    "search": "for the commit to apply a series to, in tree/; for the first bad one, in bisect/",
}
#: Public names that are keys of stored results, of manifests or of what --json prints.
KEYS: Final = {
    "build/kconfig/check.py": {"wanted", "got"},
    "build/kconfig/variants.py": {"asked"},
    "recover/record.py": {"told"},
    "run/record.py": {"bound"},
    "series/figures.py": {"bound"},
    "tree/base/blobs.py": {"known", "taken"},
    "tree/base/origin.py": {"found"},
    "tree/base/prerequisites.py": {"asked"},
    "tree/base/proof.py": {"said"},
    "tree/conflict.py": {"found"},
}

#: The modules that may end the process.
MAY_EXIT: Final = ("cli.py", "core/guard.py", "guest/inside/agent.py")


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def module(path: Path) -> str:
    """The full name of a module or, of an ``__init__``, of its package."""
    return ".".join(path.relative_to(TOP).with_suffix("").parts).removesuffix(".__init__")


def room(of: str) -> str:
    """The room a module of ours belongs to."""
    parts = of.split(".")[1:]
    if ".".join(parts) in _RECORD:
        return RECORD
    return parts[0] if parts else ""


MODULES = {module(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
NAMES = {name(path): MODULES[module(path)] for path in FILES}


def everywhere(rule: Callable[[ast.Module], Iterable[str]], but: Collection[str] = ()) -> list[str]:
    """The complaints of a rule in all modules."""
    return [
        f"{name}: {complaint}"
        for name, tree in NAMES.items()
        if name not in but
        for complaint in rule(tree)
    ]


def wrong_arrows(of: str, imported: set[str]) -> list[str]:
    """The imports of a module that point the wrong way."""
    allowed = {room(of), "", "core", "errors", "__version__", *ARROWS[room(of)]}
    return sorted(
        other
        for other in imported
        if other.startswith("patchtool")
        and not {room(other), ".".join(other.split(".")[1:3])} & allowed
    )


@pytest.fixture(scope="module")
def arrows() -> dict[str, set[str]]:
    return {
        of: {other for other in house.imports(tree, MODULES) if other in MODULES} - {of}
        for of, tree in MODULES.items()
    }


def test_every_room_has_its_arrows() -> None:
    assert {room(of) for of in MODULES} - {""} <= ARROWS.keys()


def test_dependencies_point_down_the_line(arrows: dict[str, set[str]]) -> None:
    wrong = {of: wrong_arrows(of, to) for of, to in arrows.items() if of != "patchtool"}
    assert not {of: to for of, to in wrong.items() if to}


def test_an_arrow_the_wrong_way_is_found() -> None:
    source = (
        "from patchtool.core import store\n"
        "from patchtool.run.record import RunRecord\n"
        "if TYPE_CHECKING:\n    from patchtool.report import html\n"
        "def late():\n    import patchtool.commands.tree\n"
    )
    imported = house.imports(ast.parse(source), MODULES)
    late, typed = "patchtool.commands.tree", "patchtool.report.html"
    assert wrong_arrows("patchtool.verdict.claims", imported) == [late, typed]
    assert wrong_arrows("patchtool.run.pipeline", imported) == [late]
    assert "patchtool.run.record" in wrong_arrows("patchtool.series.mail", imported)


def test_the_page_for_developers_has_the_same_arrows() -> None:
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| .* \|(?: (.*))? \|$", text, re.MULTILINE)
    arrows = {room: set(others.split(", ")) - {""} for room, others in rows}
    assert arrows == {room: set(to) - {room} for room, to in ARROWS.items() if room != "__main__"}


def test_the_line_itself_has_no_circle() -> None:
    line = {of: {to for to in others if to != of} for of, others in ARROWS.items()}
    assert not house.circles(line)


def test_no_module_imports_itself_round_about(arrows: dict[str, set[str]]) -> None:
    """Imports for typing count as well: who reads the one needs the other."""
    assert not house.circles(arrows)


def test_a_circle_is_found() -> None:
    assert house.circles({"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": []}) == [["b", "c"]]
    assert house.circles({"a": ["a"]}) == [["a"]]
    assert not house.circles({"a": ["b", "c"], "b": ["c"], "c": []})


def test_libraries_are_imported_in_their_place() -> None:
    complaints = [
        f"{name}: {complaint}"
        for name, tree in NAMES.items()
        for complaint in house.foreign(tree, name, ONLY_IN, OURS)
    ]
    assert not complaints


def test_a_library_in_the_wrong_place_is_found() -> None:
    source = "import os\nimport git.cmd\ndef late():\n    from numpy import array\n"
    assert house.foreign(ast.parse(source), "build/kernel.py", ONLY_IN, OURS) == [
        "git is imported in tree/ only",
        "numpy is imported in bisect/ only",
    ]
    assert house.foreign(ast.parse("import subprocess"), "run/x.py", ONLY_IN, OURS)
    assert not house.foreign(ast.parse("import git, pydantic"), "tree/x.py", ONLY_IN, OURS)


def test_no_module_has_state() -> None:
    complaints = everywhere(house.state, but=STATE)
    assert not complaints


def test_state_with_a_reason_is_still_there() -> None:
    assert all(house.state(NAMES[name]) for name in STATE)


@pytest.mark.parametrize(
    "source",
    [
        "_log = []",
        "_log: list[int] = [1]",
        "known = {1, 2}",
        "cache = {}",
        "cache = dict()",
        "if sys.platform:\n    seen = set[str]()",
        "lock = threading.Lock()",
        "log = ContextVar('log')",
        "def f():\n    global count\n    count = 1",
        "T = {'a': 1}\ndef f():\n    T['b'] = 2",
        "T = {'a': 1}\ndef f():\n    del T['a']",
        "T = {'a': 1}\ndef f():\n    T.update(b=2)",
        "T = {'a': [1]}\nclass C:\n    def f(self):\n        T['a'].append(2)",
        "from a.b import T\ndef f():\n    T.setdefault(1, 2)",
        "from a import b\ndef f():\n    b.T.clear()",
        "from a import b\ndef f():\n    b.level = 2",
        "class C:\n    n = 0\ndef f():\n    C.n += 1",
        "@functools.lru_cache(maxsize=9)\ndef f(a): return a",
    ],
)
def test_state_of_a_module_is_found(source: str) -> None:
    assert house.state(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "T = {'a': 1}\nN = (1, 2)\nS = frozenset({1})\n__all__ = ['f']",
        "T = {'a': 1}\ndef f(T):\n    T['b'] = 2",
        "T = {'a': 1}\ndef f():\n    T = []\n    T.append(1)",
        "import os\ndef f(path):\n    os.remove(path)",
        "class C:\n    def f(self):\n        self.a = []\n        self.a.append(1)",
    ],
)
def test_tables_and_locals_are_no_state(source: str) -> None:
    assert not house.state(ast.parse(source))


def test_the_environment_and_folder_of_the_process_stay() -> None:
    complaints = everywhere(house.surroundings)
    assert not complaints


@pytest.mark.parametrize(
    "line",
    [
        "os.environ['A'] = 'b'",
        "del os.environ['A']",
        "os.environ.pop('A')",
        "os.environ.setdefault('A', 'b')",
        "os.environ |= {'A': 'b'}",
        "env = os.environ",
        "os.putenv('A', 'b')",
        "os.chdir('/')",
        "with contextlib.chdir('/'): pass",
        "from os import environ",
        "from os import chdir",
        "sys.path.insert(0, '/')",
    ],
)
def test_a_change_of_them_is_found(line: str) -> None:
    assert house.surroundings(ast.parse(line))


def test_to_read_the_environment_is_no_change() -> None:
    assert not house.surroundings(ast.parse("a = os.environ['A']\nb = os.environ.get('B')"))
    assert not house.surroundings(ast.parse("env = {**os.environ, 'A': 'b'}\nhere = os.getcwd()"))


def test_no_exit_or_shell_in_the_house() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "shell=True" not in text, path
        if name(path) not in MAY_EXIT:
            assert "sys.exit" not in text, path


def test_verbs_print_by_what_cleans_the_text() -> None:
    may = (
        "commands/printing.py",
        "commands/revisions_output.py",
    )  # that sets its lines with colours
    for path in FILES:
        if name(path) not in may:
            assert "click.echo" not in path.read_text(encoding="utf-8"), path


def test_a_module_has_one_subject_of_300_lines() -> None:
    poor = [name(path) for path in FILES if path.stem in house.BANNED_MODULES]
    assert not poor
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    long = {of: n for of, n in lines.items() if n > house.LONGEST}
    assert not long


def test_a_name_stands_for_one_thing_in_all_rooms() -> None:
    paths = [path for path in NAMES if not path.startswith("commands/")]
    assert not house.twins(paths, TWINS)
    shared = {line.partition(":")[0] for line in house.twins(paths, ())}
    assert TWINS.keys() <= shared


def test_a_name_of_two_rooms_is_found() -> None:
    paths = ["a/facts.py", "a/b/x.py", "b/c/facts.py", "b/__init__.py", "a/__init__.py", "x.py"]
    assert house.twins(paths, ()) == ["facts: a, b"]
    assert not house.twins(paths, {"facts"})


def test_public_names_say_what_they_are() -> None:
    names = {(line.partition(":")[0], line.split()[-1]) for line in everywhere(house.poor_names)}
    keys = {(of, key) for of, found in KEYS.items() for key in found}
    assert keys <= names
    assert not names - keys


def test_a_poor_name_is_found() -> None:
    source = (
        "def taken(): ...\nclass C:\n    said: str\n    own: int\n"
        "    def __init__(self):\n        self.made = 1\n        self._told = 1\n"
        "    def shown(self, given): return given\n"
        "def _asked(): ...\nclass _D:\n    done: int\n"
    )
    assert house.poor_names(ast.parse(source)) == [
        "line 1: taken", "line 3: said", "line 6: made", "line 8: shown",
    ]  # fmt: skip


def test_every_file_names_its_licence() -> None:
    for path in chain.from_iterable((TOP / top).rglob("*.py") for top in SOURCES):
        first = path.read_text(encoding="utf-8").splitlines()[:2]
        assert any("SPDX-License-Identifier: GPL-2.0-or-later" in line for line in first), path
