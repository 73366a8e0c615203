# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading Kconfig files and expressions, and saying why a symbol did not survive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchtool.build.kconfig import expr
from patchtool.build.kconfig.check import check_config, require
from patchtool.build.kconfig.parse import KconfigTree, parse
from patchtool.errors import ConfigMissing

FILES = {
    "Kconfig": """
mainmenu "test"
source "arch/$(SRCARCH)/Kconfig"
config MODULES
\tbool "Modules"
menu "Memory"
\tdepends on MMU # a comment && NOTHING
comment "just text"
\tdepends on COMMENT_ONLY
source "mm/Kconfig"
endmenu
source "../outside/Kconfig"
source "/etc/passwd"
config AFTER
\tbool "After the menu"
""",
    "arch/x86/Kconfig": """config MMU
\tdef_bool y
config X86
\tdef_bool y
\tselect CHOSEN if MMU
""",
    "mm/Kconfig": """
config MIGRATION
\tbool "Migration"
\tdefault y
\tdepends on (NUMA || CMA) && \\
\t\tMMU
\thelp
\t  Help text, indented.

\t  config NOT_A_SYMBOL
\t  depends on NOTHING
config CHOSEN
\tbool
if EXPERT
rsource "more/Kconfig"
endif
choice
\tprompt "Pick"
config PICK_A
\tbool "A"
config PICK_B
\tbool "B"
endchoice
config HIDDEN
\tbool "Hidden" if EXPERT
config SIZE
\tint "Size"
\trange 1 8
config TWICE
\tbool "Here" if NEVER
config TWICE
\tbool "There"
\tdepends on NEVER2
""",
    "mm/more/Kconfig": 'config DEEP\n\ttristate "Deep"\n\tdepends on m || !NUMA\n',
}


def read(path: str) -> bytes | None:
    text = FILES.get(path)
    return text.encode() if text is not None else None


@pytest.fixture
def tree() -> KconfigTree:
    return parse(read)


def reason(tree: KconfigTree, symbol: str, wanted: str, config: str) -> str:
    (missing,) = check_config({symbol: wanted}, config, tree)
    return missing.reason


def test_definitions_carry_the_conditions_around_them(tree: KconfigTree) -> None:
    """A symbol in an if in a menu depends on both, and on nothing of a comment."""
    (deep,) = tree.symbols["DEEP"]
    assert deep.depends == ("MMU", "EXPERT", "m || !NUMA")
    assert (deep.file, deep.line, deep.kind) == ("mm/more/Kconfig", 1, "tristate")
    assert tree.symbols["AFTER"][0].depends == ()
    assert tree.symbols["MIGRATION"][0].depends == ("MMU", "(NUMA || CMA) &&  MMU")
    assert tree.symbols["PICK_A"][0].choice
    assert tree.files == 4


def test_help_text_is_no_kconfig(tree: KconfigTree) -> None:
    """Help texts quote Kconfig lines; they define nothing."""
    assert "NOT_A_SYMBOL" not in tree


@pytest.mark.parametrize(
    ("symbol", "wanted", "config", "expected"),
    [
        ("NONE", "y", "", "no such symbol in this tree, for this architecture"),
        ("MIGRATION", "y", "CONFIG_MMU=y", "unmet dependency: NUMA || CMA (NUMA=n, CMA=n)"),
        ("AFTER", "m", "CONFIG_AFTER=y", "it is a bool: it cannot be a module"),
        ("HIDDEN", "y", "CONFIG_MMU=y", "its prompt needs EXPERT=n"),
        ("PICK_A", "y", "CONFIG_MMU=y\nCONFIG_PICK_B=y", "another member of its choice was chosen"),
        ("CHOSEN", "n", "CONFIG_MMU=y\nCONFIG_X86=y\nCONFIG_CHOSEN=y", "it is selected by X86"),
        ("CHOSEN", "y", "CONFIG_MMU=y",
         "it has no prompt; it is on only when one of these selects it: X86"),
        ("X86", "n", "CONFIG_X86=y", "it has no prompt, and its default is on"),
        ("SIZE", "9", "CONFIG_MMU=y\nCONFIG_SIZE=8",
         "the value is not one its type (int) and range allow"),
        ("DEEP", "y", "CONFIG_MMU=y\nCONFIG_EXPERT=y\nCONFIG_NUMA=y\nCONFIG_DEEP=m",
         "make gave it another value; a selected symbol or a limit stands in the way"),
        ("TWICE", "y", "CONFIG_MMU=y", "its prompt needs NEVER=n"),
    ],
)  # fmt: skip
def test_why_a_symbol_did_not_survive(
    tree: KconfigTree, symbol: str, wanted: str, config: str, expected: str
) -> None:
    """The reason is what the author has to change; make does not give one."""
    assert reason(tree, symbol, wanted, config) == expected


def test_what_survives_is_not_missing(tree: KconfigTree) -> None:
    """Absent counts as n, and numbers are equal in any notation."""
    asked = {"AFTER": "y", "NONE": "n", "SIZE": "0x8"}
    assert check_config(asked, "CONFIG_AFTER=y\nCONFIG_SIZE=8\n", tree) == ()
    require(())


def test_the_error_names_every_missing_symbol(tree: KconfigTree) -> None:
    """Finding one missing symbol per run would take a run per symbol."""
    missing = check_config({"NONE": "y", "MIGRATION": "y"}, "", tree)
    with pytest.raises(ConfigMissing, match=r"2 config symbols") as caught:
        require(missing)
    assert "CONFIG_NONE=y" in str(caught.value)
    assert "[mm/Kconfig:2]" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("A", 2),
        ("M", 1),
        ("!M", 1),
        ("!A", 0),
        ("A && M", 1),
        ("M || A", 2),
        ("!(A && N)", 2),
        ('WORD = "text"', 2),
        ("WORD != text", 2),
        ("SIZE > 7 && SIZE <= 8", 2),
        ("SIZE > 10", 0),
        ("$(cc-option,-mfoo(bar)) && A", 2),
        ('"$(ARCH)" = "x86"', 2),
        ("A = y", 2),
        ("N = n", 2),
    ],
)
def test_expressions_have_kconfigs_values(text: str, level: int) -> None:
    """n, m and y are 0, 1 and 2, as in the kernel's own kconfig."""
    values = {"A": "y", "M": "m", "WORD": '"text"', "SIZE": "8"}
    assert expr.evaluate(expr.parse(text), values) == level


def test_only_the_terms_that_are_off_are_named() -> None:
    """A dependency of five terms with one off: the author wants the one."""
    tree = expr.parse("A && B && (C || D) && !E && F = y")
    values = {"A": "y", "E": "y", "F": "y"}
    assert expr.unmet(tree, values) == ("B=n", "C || D (C=n, D=n)", "!E (E=y)")
    assert expr.show(tree) == "A && B && (C || D) && !E && F=y"


@given(st.text(max_size=200))
def test_no_expression_breaks_the_reader(text: str) -> None:
    """Kconfig files come with the series: anything may be in them."""
    try:
        tree = expr.parse(text)
    except ValueError:
        return
    expr.evaluate(tree, {})
    expr.parse(expr.show(tree))


def test_deep_nesting_is_refused_not_followed() -> None:
    """A thousand parentheses must not end in a RecursionError."""
    for text in ("(" * 1000 + "A" + ")" * 1000, "!" * 1000 + "A"):
        with pytest.raises(ValueError, match="too deep"):
            expr.parse(text)


PIECES = """config A
config
menuconfig B
if A
endif
menu
endmenu
choice
endchoice
source "Kconfig"
help
  text
\tbool "x" if (
\tdepends on
\tselect
\tdepends on A \\
---help---
\\
#"""
LINES = st.sampled_from(PIECES.splitlines())


@given(st.lists(LINES, max_size=30))
def test_no_file_breaks_the_parser(lines: list[str]) -> None:
    """Unbalanced, cut off, or sourcing itself: it is read as far as it goes."""
    content = "\n".join(lines).encode()
    calls = 0

    def once(path: str) -> bytes | None:
        nonlocal calls
        calls += 1
        return content if path == "Kconfig" and calls < 50 else None

    parse(once)
