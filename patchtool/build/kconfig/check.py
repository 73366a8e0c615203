# SPDX-License-Identifier: GPL-2.0-or-later
"""Did every symbol that was asked for survive, and if not, why. Pure but for reading files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from patchtool.build.kconfig import expr
from patchtool.build.kconfig.fragments import parse_config
from patchtool.build.kconfig.parse import KconfigTree, parse
from patchtool.errors import ConfigMissing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from patchtool.build.kconfig.parse import Definition

#: Largest Kconfig file that is read, in bytes; mainline's largest has 100 KB.
MAX_BYTES = 4 << 20
#: How many selectors are named before the rest is counted.
NAMED = 4


class Missing(BaseModel):
    """A symbol that was asked for and did not survive.

    Attributes:
        symbol: Without ``CONFIG_``.
        wanted: The value asked for.
        got: The value that came out; ``n`` also when the symbol is absent.
        reason: The unmet dependency, or what else stood in the way.
        place: Where the tree defines it: ``file:line``, or empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str
    wanted: str
    got: str
    reason: str
    place: str = ""

    def __str__(self) -> str:
        where = f" [{self.place}]" if self.place else ""
        text = f"CONFIG_{self.symbol}={self.wanted} was asked for, {self.got} came out"
        return f"{text}: {self.reason}{where}"


def read_tree(srctree: Path, arch: str = "x86") -> KconfigTree:
    """Parse the Kconfig files of a source tree; no link out of the tree is followed."""
    return parse(partial(_read, srctree.resolve()), arch)


def _read(top: Path, path: str) -> bytes | None:
    file = top / path
    try:
        if file.is_symlink() or not file.parent.resolve().is_relative_to(top):
            return None
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES)
    except (OSError, ValueError):
        return None


def check_config(
    asked: Mapping[str, str], config_text: str, srctree: Path | KconfigTree
) -> tuple[Missing, ...]:
    """What was asked for and did not survive.

    Args:
        asked: Symbol -> value, as in :class:`~patchtool.build.kconfig.fragments.Ask`.
        config_text: The ``.config`` that came out.
        srctree: The source tree, or its Kconfig read already; read only if something is
            missing.
    """
    values = parse_config(config_text)
    lost = [(name, want) for name, want in asked.items() if not _same(want, values.get(name, "n"))]
    if not lost:
        return ()
    tree = srctree if isinstance(srctree, KconfigTree) else read_tree(srctree)
    return tuple(_explain(name, want, values, tree) for name, want in lost)


def require(missing: Sequence[Missing]) -> None:
    """Raise when anything is missing.

    Raises:
        ConfigMissing: Names each symbol and its reason.
    """
    if missing:
        noun = "symbol" if len(missing) == 1 else "symbols"
        lines = "".join(f"\n  {item}" for item in missing)
        raise ConfigMissing(
            f"{len(missing)} config {noun} did not survive{lines}",
            hint="add what it depends on to kconfig.requires of the series' manifest, or ask "
            "for another value there",
        )


def _same(wanted: str, got: str) -> bool:
    if wanted == got:
        return True
    try:
        return int(wanted, 0) == int(got, 0)
    except ValueError:
        return False


def _explain(name: str, wanted: str, values: Mapping[str, str], tree: KconfigTree) -> Missing:
    got = values.get(name, "n")
    found = tree.symbols.get(name, ())
    if not found:
        reason = "no such symbol in this tree, for this architecture"
        return Missing(symbol=name, wanted=wanted, got=got, reason=reason)
    first = found[0]
    place = f"{first.file}:{first.line}"
    if wanted == "n":
        reason = _why_on(name, values, tree, found)
    else:
        reason = _why_off(name, wanted, values, tree, found)
    return Missing(symbol=name, wanted=wanted, got=got, reason=reason, place=place)


def _why_on(
    name: str, values: Mapping[str, str], tree: KconfigTree, found: Sequence[Definition]
) -> str:
    active = [
        by
        for by, condition in tree.selected_by.get(name, ())
        if values.get(by, "n") != "n" and _level(condition, values)
    ]
    if active:
        more = f" and {len(active) - NAMED} more" if len(active) > NAMED else ""
        return f"it is selected by {', '.join(active[:NAMED])}{more}"
    if any(item.choice for item in found):
        return "it is the member of a choice that is left when no other is chosen"
    if not any(item.prompts for item in found):
        return "it has no prompt, and its default is on"
    prompts = [condition for item in found for condition in item.prompts]
    if any(_level(condition, values) for condition in prompts):
        return "make gave it another value; a line that came later may have asked for it"
    return "its prompt is hidden, and its default is on"


def _why_off(
    name: str,
    wanted: str,
    values: Mapping[str, str],
    tree: KconfigTree,
    found: Sequence[Definition],
) -> str:
    reasons: list[str] = []
    for item in found:
        reasons += (text for part in item.depends for text in _unmet(part, values))
    met = [item for item in found if all(_level(part, values) for part in item.depends)]
    if not met:
        return f"unmet dependency: {', '.join(dict.fromkeys(reasons))}"
    prompts = [condition for item in met for condition in item.prompts]
    if not prompts:
        selectors = dict.fromkeys(by for by, _ in tree.selected_by.get(name, ()))
        if not selectors:
            return "it has no prompt and nothing selects it: it cannot be set"
        shown = ", ".join(list(selectors)[:NAMED])
        more = f" and {len(selectors) - NAMED} more" if len(selectors) > NAMED else ""
        return f"it has no prompt; it is on only when one of these selects it: {shown}{more}"
    hidden = [text for condition in prompts for text in _unmet(condition, values)]
    if hidden and not any(_level(condition, values) for condition in prompts):
        return f"its prompt needs {', '.join(dict.fromkeys(hidden))}"
    if any(item.choice for item in found):
        return "another member of its choice was chosen"
    kinds = {item.kind for item in found} - {""}
    if wanted == "m" and kinds == {"bool"}:
        return "it is a bool: it cannot be a module"
    if kinds and not kinds <= {"bool", "tristate"}:
        return f"the value is not one its type ({', '.join(sorted(kinds))}) and range allow"
    return "make gave it another value; a selected symbol or a limit stands in the way"


def _level(expression: str, values: Mapping[str, str]) -> int:
    if not expression:
        return 2
    try:
        return expr.evaluate(expr.parse(expression), values)
    except ValueError:
        return 2


def _unmet(expression: str, values: Mapping[str, str]) -> tuple[str, ...]:
    if not expression:
        return ()
    try:
        return expr.unmet(expr.parse(expression), values)
    except ValueError:
        return ()
