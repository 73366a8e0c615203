# SPDX-License-Identifier: GPL-2.0-or-later
"""What to configure: the variants of a series, merged onto the base a guest needs."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from patchtool.build.kconfig.check import Missing, check_config, read_tree, require
from patchtool.build.kconfig.fragments import merge, parse_fragment, render
from patchtool.build.kconfig.symbols import SeriesSymbols, series_symbols
from patchtool.build.kernel.warnings import CompilerWarning  # noqa: TC001 (pydantic reads it)
from patchtool.build.toolchain.eras import read_eras
from patchtool.core import data

if TYPE_CHECKING:
    from patchtool.build.kconfig.fragments import Ask
    from patchtool.build.kconfig.parse import KconfigTree
    from patchtool.build.toolchain.eras import Eras

__all__ = [
    "RENAMED",
    "KernelConfig",
    "Variant",
    "check_config",
    "merged",
    "read_tree",
    "require",
    "series_symbols",
    "variants_of",
]

#: In an origin, before the name under which a symbol was asked for.
RENAMED = ", as CONFIG_"


class Variant(BaseModel):
    """One way to configure a series.

    Attributes:
        name: ``on``, ``off``, or ``base``.
        fragment: What it asks for on top of the guest's base, as text.
        added: Symbols the series adds: a tree that does not have them yet is configured
            without them, where the caller says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    fragment: str
    added: tuple[str, ...] = ()


class KernelConfig(BaseModel):
    """A configuration that make produced.

    Attributes:
        variant: The name of its :class:`Variant`.
        fragment: All that was asked for, one line per symbol, as make read it.
        text: The ``.config``; in no report, whose reader has *digest* and *fragment*.
        digest: SHA-256 (hex) of *text*.
        asked: Symbol -> value that was asked for.
        origins: Symbol -> where it was asked for.
        missing: What was asked for and did not survive.
        uncompiled: The same of symbols that only guard code the series touches.
        warnings: What Kconfig itself warned about.
        seconds: How long it took when it was made.
        cached: It was made by an earlier call.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    variant: str
    fragment: str
    text: str = Field(default="", exclude=True)
    digest: str
    asked: dict[str, str]
    origins: dict[str, str]
    missing: tuple[Missing, ...] = ()
    uncompiled: tuple[Missing, ...] = ()
    warnings: tuple[CompilerWarning, ...] = ()
    seconds: float = 0.0
    cached: bool = Field(default=False, exclude=True)

    @property
    def lost(self) -> dict[str, Missing]:
        """What was asked for and did not survive, by symbol."""
        return {missing.symbol: missing for missing in (*self.missing, *self.uncompiled)}


def variants_of(symbols: SeriesSymbols, title: str) -> tuple[Variant, ...]:
    """The variants of a series: ``on``, and ``off`` when the series has an option.

    Args:
        symbols: What it asks of Kconfig.
        title: Its title, for the fragments.
    """
    names = ("on", "off") if symbols.options else ("on",)
    return tuple(_variant(symbols, title, name) for name in names)


def _variant(symbols: SeriesSymbols, title: str, name: str) -> Variant:
    on = name == "on"
    requires = symbols.requires()
    if not on:  # what hangs below a switched-off option cannot be on
        requires = {key: value for key, value in requires.items() if key not in symbols.added}
    path = data.kernel() / "config" / "variant.config.j2"
    values = {
        "title": " ".join(title.split()),
        "name": name,
        "requires": requires,
        "weak": symbols.weak(),
        "options": symbols.options,
        "on": on,
    }
    text = render(path.read_text(encoding="utf-8"), str(path), values)
    return Variant(name=name, fragment=text, added=(*symbols.added, *symbols.options))


def merged(variant: Variant, kconfig: KconfigTree, *, complete: bool) -> tuple[Ask, ...]:
    """All that is asked for: the guest's base, then the variant; one line per symbol.

    A symbol the tree has under another of its names is asked for under that.

    Args:
        variant: Its lines win over the base's.
        kconfig: The tree's definitions; the base's optional lines are left out when the
            tree lacks their symbols.
        complete: The whole series is applied, so each of its symbols must be known.
    """
    template = "kernel/config/guest.config.j2"
    values = {
        "known": lambda symbol: symbol in kconfig,
        "depends": partial(_depends, kconfig),
    }
    asks = [
        *parse_fragment(render(guest_template(), template, values), template),
        *parse_fragment(variant.fragment, f"variant {variant.name}"),
    ]
    eras = read_eras()
    named = [_as_named_in(kconfig, ask, eras) for ask in asks]
    return merge(named, kconfig, () if complete else variant.added)


def _as_named_in(kconfig: KconfigTree, ask: Ask, eras: Eras) -> Ask:
    name = eras.name_in(ask.symbol, kconfig)
    if name == ask.symbol:
        return ask
    return replace(ask, symbol=name, origin=f"{ask.origin}{RENAMED}{ask.symbol}")


def guest_template() -> str:
    """The base every guest kernel needs.

    The template may ask the tree: ``known("X")``, and ``depends("X", "Y")`` for whether X
    names Y among its dependencies there. ``?`` before a line: left out if not known.
    """
    return (data.kernel() / "config" / "guest.config.j2").read_text(encoding="utf-8")


def _depends(kconfig: KconfigTree, symbol: str, on: str) -> bool:
    word = re.compile(rf"\b{re.escape(on)}\b")
    found = kconfig.symbols.get(symbol, ())
    return bool(found) and all(any(word.search(text) for text in d.depends) for d in found)
