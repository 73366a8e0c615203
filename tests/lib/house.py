# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the house as functions: a parsed module in, complaints out.

``tests/unit/test_house.py`` says which rooms there are and who may import whom, asks these about
each module of patchtool, and feeds each of them a small bad module.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: A name that says nothing of what is in a module.
BANNED_MODULES: Final = _words(
    "common engine func functions handler handlers helper helpers lib manager managers misc "
    "shared stuff tool tools util utilities utils"
)
#: A public name that says that something was done, and not what the thing is.
BANNED_NAMES: Final = _words(
    "asked bound brought counted described found given gone got kept known listed made "
    "met offered one opened picked planned said shown taken told waited wanted watched"
)
LONGEST: Final = 300  # lines of a module

_MUTATORS: Final = _words(
    "add append appendleft clear difference_update discard extend insert intersection_update "
    "pop popitem popleft remove reverse setdefault sort symmetric_difference_update update"
)
#: What makes a thing that changes or is waited for, as it is called at the top of a module.
_STATEFUL: Final = _words(
    "Barrier BoundedSemaphore Condition ContextVar Counter Event Lock OrderedDict Popen Queue "
    "RLock Semaphore SimpleQueue WeakKeyDictionary WeakValueDictionary bytearray count cycle "
    "defaultdict deque dict iter list local open set"
)
_MEMOS: Final = frozenset({"cache", "lru_cache"})
_ENVIRONMENT_CALLS: Final = _words(
    "os.chdir os.fchdir os.chroot os.putenv os.unsetenv os.umask contextlib.chdir"
)


def imports(tree: ast.Module, modules: Collection[str]) -> set[str]:
    """The full names of what a module imports, for typing as well as for use.

    Args:
        tree: The module.
        modules: Names that are modules: ``from a import b`` names ``a.b`` where that is one.
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in modules else node.module)
    return found


def circles(arrows: Mapping[str, Collection[str]]) -> list[list[str]]:
    """The groups of modules that import each other, directly or round about (Tarjan 1972)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = lowest[module] = len(number)
        stack.append(module)
        for other in arrows.get(module, ()):
            if other not in number:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], number[other])
        if lowest[module] == number[module]:
            at = stack.index(module)
            if len(stack) - at > 1 or module in arrows.get(module, ()):
                groups.append(sorted(stack[at:]))
            del stack[at:]

    for module in arrows:
        if module not in number:
            visit(module)
    return groups


def foreign(
    tree: ast.Module, name: str, places: Mapping[str, Collection[str]], ours: Collection[str]
) -> list[str]:
    """Libraries that are imported outside their place.

    Args:
        tree: The module.
        name: Its path below the package.
        places: Library -> the files and folders that may import it; empty: any. A library that
            is not Python's own must be in it.
        ours: Top-level names that are no libraries.
    """
    complaints = []
    for module in sorted(imports(tree, ())):
        library = module.partition(".")[0]
        if library in ours or (library in sys.stdlib_module_names and library not in places):
            continue
        allowed = places.get(library)
        if allowed is None:
            complaints.append(f"{library} is a library without a place")
        elif allowed and not name.startswith(tuple(allowed)):
            complaints.append(f"{library} is imported in {' and '.join(allowed)} only")
    return complaints


def state(tree: ast.Module) -> list[str]:
    """State of a module that changes while patchtool runs: its containers, locks, memos.

    A dict may be a table: not empty, and changed by nobody. A list or a set at the top of a
    module is a tuple or a frozenset. What is imported from elsewhere is not changed either.
    """
    top: set[str] = set()
    complaints = []
    for node in _module_level(tree.body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            top |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            top.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {leaf.id for target in targets for leaf in _names(target)}
            top |= names
            if node.value is not None and names != {"__all__"}:
                complaints += [
                    f"line {node.lineno}: {', '.join(sorted(names))} {why}"
                    for why in _mutable(node.value)
                ]
    complaints += [
        f"line {node.lineno}: global {', '.join(node.names)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Global)
    ]
    for function in _functions(tree.body):
        complaints += _memos(function)
        complaints += _mutations(function, top)
    return complaints


def _functions(
    body: Iterable[ast.stmt],
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions and methods, but not those inside them."""
    for node in _module_level(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body)


def _module_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _module_level(node.body)
            yield from _module_level(getattr(node, "orelse", []))
            yield from _module_level(getattr(node, "finalbody", []))
            for handler in getattr(node, "handlers", []):
                yield from _module_level(handler.body)


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (leaf for leaf in ast.walk(node) if isinstance(leaf, ast.Name))


def _mutable(value: ast.expr) -> Iterator[str]:
    if isinstance(value, (ast.List, ast.ListComp)):
        yield "is a list: write a tuple"
    elif isinstance(value, (ast.Set, ast.SetComp)):
        yield "is a set: write a frozenset"
    elif isinstance(value, ast.Dict) and not value.keys:
        yield "is an empty dict: somebody is to fill it"
    elif isinstance(value, ast.Call) and _last(value.func) in _STATEFUL:
        yield f"is made by {ast.unparse(value.func)}()"


def _last(func: ast.expr) -> str:
    while isinstance(func, ast.Subscript):
        func = func.value
    return _dotted(func).rpartition(".")[2]


def _dotted(node: ast.expr | None) -> str:
    """``a.b.c``, or empty for what is no such name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else ""


def _memos(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for mark in node.decorator_list:
        if _last(mark.func if isinstance(mark, ast.Call) else mark) in _MEMOS:
            yield f"line {node.lineno}: {node.name} remembers its results"


def _mutations(function: ast.FunctionDef | ast.AsyncFunctionDef, top: set[str]) -> Iterator[str]:
    """Changes a function makes to names of the module, but not to its own of the same name."""
    nodes = list(ast.walk(function))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    outer = top - own
    for node in nodes:
        changed: list[ast.expr] = []
        if isinstance(node, (ast.Assign, ast.Delete)):
            changed = [part for target in node.targets for part in _parts(target)]
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
            changed = _parts(node.target)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _MUTATORS
            and (not isinstance(node.func.value, ast.Name) or _constant(node.func.value.id))
        ):
            changed = [node.func]
        for target in changed:
            base: ast.expr = target
            while isinstance(base, (ast.Attribute, ast.Subscript)):
                base = base.value
            if base is not target and isinstance(base, ast.Name) and base.id in outer:
                yield f"line {target.lineno}: {ast.unparse(target)} is changed"


def _constant(name: str) -> bool:
    """Whether a name is written as one of a constant, not as one of a module or class."""
    return name == name.upper() or name.startswith("_")


def _parts(target: ast.expr) -> list[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        return [part for inner in target.elts for part in _parts(inner)]
    return [target]


def surroundings(tree: ast.Module) -> list[str]:
    """Changes of the process's own environment, working folder or search path."""
    complaints = []
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.Call):
            name = _dotted(node.func)
            owner, _, method = name.rpartition(".")
            if name in _ENVIRONMENT_CALLS or (
                owner in ("os.environ", "environ", "os.environb", "sys.path")
                and method in _MUTATORS
            ):
                text = name
        elif isinstance(node, (ast.Assign, ast.Delete, ast.AugAssign)):
            targets = node.targets if not isinstance(node, ast.AugAssign) else [node.target]
            for target in (part for whole in targets for part in _parts(whole)):
                base = target.value if isinstance(target, ast.Subscript) else target
                if _dotted(base) in ("os.environ", "environ", "os.environb", "sys.path"):
                    text = ast.unparse(target)
            value = node.value if isinstance(node, ast.Assign) else None
            if _dotted(value) in ("os.environ", "os.environb"):
                text = ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            names = {f"os.{alias.name}" for alias in node.names}
            text = ", ".join(sorted(names & {*_ENVIRONMENT_CALLS, "os.environ"}))
        if text:
            complaints.append(f"line {getattr(node, 'lineno', 0)}: {text}")
    return complaints


def public_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of each public function, class, method and attribute of a module."""

    def of(body: Iterable[ast.stmt], *, inside: bool) -> Iterator[tuple[int, str]]:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.lineno, node.name
                if inside:
                    yield from (
                        (leaf.lineno, leaf.attr)
                        for leaf in ast.walk(node)
                        if isinstance(leaf, ast.Attribute)
                        and isinstance(leaf.ctx, ast.Store)
                        and _dotted(leaf.value) == "self"
                    )
            elif isinstance(node, ast.ClassDef):
                yield node.lineno, node.name
                if not node.name.startswith("_"):
                    yield from of(node.body, inside=True)
            elif inside and isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield node.lineno, node.target.id

    for line, name in of(tree.body, inside=False):
        if not name.startswith("_"):
            yield line, name


def poor_names(tree: ast.Module) -> list[str]:
    """Public names that say that something was done, not what the thing is."""
    names = dict.fromkeys(public_names(tree))
    return [f"line {line}: {name}" for line, name in names if name.lower() in BANNED_NAMES]


def twins(paths: Iterable[str], reasons: Collection[str]) -> list[str]:
    """Names that modules of different rooms share, other than those there is a reason for.

    Args:
        paths: Paths below the package.
        reasons: Names that may be shared.
    """
    rooms: dict[str, set[str]] = {}
    for path in paths:
        room, slash, rest = path.partition("/")
        name = rest.rpartition("/")[2].removesuffix(".py")
        if slash and name != "__init__":
            rooms.setdefault(name, set()).add(room)
    return [
        f"{name}: {', '.join(sorted(found))}"
        for name, found in sorted(rooms.items())
        if len(found) > 1 and name not in reasons
    ]
