# SPDX-License-Identifier: GPL-2.0-or-later
"""Bits that speak for an indentation, by the kind of line and by the sign that is seen.

A candidate's weight is the sum over its signs, and its probability 2**weight over the sum of
that for all candidates of the place. Fitted by maximum likelihood (with a share that all kinds
have in common, so that rare kinds follow the frequent ones) to the added lines of 800 file diffs
of git, 300 of libbpf, 1750 between Linux 5.10, 6.1 and 6.12, and 200 excerpts of 6.12 (158,000
places); weights under 0.5 bits are left out. Set by hand and then measured: labels, ``list``,
``twin``, ``donorw``, ``hang@``, ``title``, ``undert-1``, ``kin``, and the lines that are no C.
blanks.py says what the signs mean, habits.py what the word behind the colon does.
"""

from __future__ import annotations


def table(rows: dict[str, str]) -> dict[str, dict[str, float]]:
    """Kind -> sign -> bits, of rows that have ``sign=bits`` for each sign."""
    pairs = {kind: [word.rsplit("=", 1) for word in row.split()] for kind, row in rows.items()}
    return {kind: {sign: float(bits) for sign, bits in own} for kind, own in pairs.items()}


#: Kind of line -> sign -> bits.
INDENT = table(
    {
        "attribute": """
        above0=1 alike=3 attribute=5 below0=1 donor=2 helps=-3 same=2 tab=4 tabs=-3
    """,
        "body": """
        above1=3.3 alike=1.7 below0=-0.5 blank=-2.8 donor=0.6 parent1=5 parent2=-2.1 same=-1.1
        shifted=1.1 step=-1.3 tab=-0.8 twin=3
    """,
        "case": """
        above-1=1.1 above0=1.2 above1=0.5 above1:seldom=-1 alike=1.6 alike:?=0.7 alike:seldom=0.6
        below0:?=-0.6 blank=-2.3 blank:seldom=-0.7 donor=0.8 donor:always=0.7 mate=2.2
        mate:mostly=0.6 parent0=2.7 parent0:?=1.5 parent0:always=1.5 parent1=1.2 parent1:?=-0.8
        parent1:seldom=-0.8 parent2=-1.3 same=-1 shifted=1.1 sibling=2.4 sibling:?=0.7
        sibling:mostly=0.6 twin=3
    """,
        "close": """
        above-1=2.3 alike=2 below0=0.6 below1=0.5 blank=-2.7 donor=0.8 parent0=6.1 parent2=-1.7
        same=-1 shifted=1.1 sibling=-0.6 twin=3
    """,
        "comment": """
        above-1=0.8 above0=0.8 above1=1.5 alike=1.8 blank=-2.4 donor=0.9 mate=2.6 parent1=4.6
        parent2=-1.9 same=-1.1 shifted=1.3 sibling=2.7 step=-0.6 twin=3
    """,
        "continuation": """
        above0=1 above0:always=0.8 above1=1.1 above1:always=0.5 above1:seldom=-0.9 alike=1.8
        alike:?=1.1 below-1=-0.8 below0=-0.7 below0:?=-1.2 below1:?=-0.8 below1:seldom=-0.8
        blank=-2.7 blank:seldom=-0.9 donor=1 donor:always=1.2 equals=1.5 equals:?=0.9
        equals:partly=0.8 half=-1.4 half:?=-0.9 half:seldom=-0.7 likewise=1.5 likewise:?=1.8
        mated=3.6 mated:?=2.3 mated:mostly=0.6 mated:partly=0.8 parent0=0.8 parent0:always=1.3
        parent0:partly=-0.5 parent1=2.4 parent1:always=1 parent1:seldom=-0.9 parent2=-0.8
        parent2:mostly=0.9 parent2:partly=0.9 return=2.3 return:?=1.8 same=-1.4 same:seldom=-0.7
        shifted=1.2 step:always=0.6 step:seldom=-0.6 tab:always=0.6 tab:seldom=-0.6 twin=3
        twin:seldom=0.7
    """,
        "directive": """
        above0=0.6 above1=1 blank=-2.2 donor=0.9 parent1=2.1 parent2=-1.1 sibling=1.6 twin=3
    """,
        "hanging": """
        above-1=1.8 above-1:?=0.6 above1=1.5 above1:partly=0.6 above1:seldom=-0.9 alike=2
        alike:?=0.8 alike:seldom=0.9 blank=-2.3 blank:seldom=-0.7 donor=1.9 donor:always=1.6
        donor:mostly=0.5 fellow=1.6 fellow:?=1 fellow:partly=0.7 likewise=1.8 likewise:?=1.5
        likewise:seldom=0.5 mate=2.4 mate:mostly=0.8 mated=2.2 mated:?=1.7 mated:partly=0.8
        opened0=0.6 opened0:seldom=0.6 opened1=0.9 opened1:mostly=0.8 opened2=0.7 overt:seldom=-0.5
        parent0=1.3 parent0:?=0.7 parent0:always=0.7 parent1=2.1 parent1:seldom=-0.7 parent2:?=0.7
        parent2:mostly=1.1 same=-1 same:seldom=-0.5 shifted=1.2 shifted:seldom=0.5 step=-0.5
        step:seldom=-0.6 tab:seldom=-0.6 twin=3 under=1.1 under+2=-0.7 under:always=1.1
        under:mostly=0.8 underb=-1 underb:seldom=-0.7 undert-1:always=-0.6 undert-2=1 undert-2:?=0.8
    """,
        "help": """
        above0=5 alike=3 below0=1 donor=2 helped=6 helps=2 same=2
    """,
        "inside": """
        above-1=0.7 above0=1.5 above0:always=0.6 above0:partly=0.7 above1:?=-0.5 above1:seldom=-1.5
        alike=1.5 alike:?=0.7 alike:seldom=0.6 below0:?=-0.7 below1=-0.7 below1:?=-0.7
        below1:seldom=-1 blank=-1.5 blank:?=0.7 blank:always=0.6 blank:seldom=-0.7 donor=0.9
        donor:always=0.8 flush*=-1.1 flush*:seldom=-0.8 mate=2.2 mate:mostly=0.7 next*=2 next*:?=0.9
        next*:mostly=1.2 next-=0.9 next-:partly=0.9 same=-1.1 same:seldom=-0.6 shifted=1.1
        start*=4.7 start*:?=2.5 start*:always=3.2 start*:mostly=1 step=-1.2 step:seldom=-0.8
        tab=-0.7 tab:seldom=-0.8 text*=-1.6 text*:?=-0.6 text*:seldom=-1 text-=0.6 twin=3 two*=-1.5
        two*:?=-0.6 two*:seldom=-0.9 under*=1.7 under*:seldom=1.1
    """,
        "label": """
        alike=2 blank=3 donor=2 labelled=4 labels=4 parent2=-3 twin=3
    """,
        "open": """
        above-1=0.8 above0=1.3 above1=0.5 alike=1.7 below1=0.6 blank=-2.2 parent0=1.8 parent1=1.6
        parent2=-1.1 tab=0.6 twin=3
    """,
        "parenthesis": """
        above-1=0.7 above-1:?=0.6 above-1:seldom=-0.6 above1=1.2 above1:partly=0.6
        above1:seldom=-0.8 alike=2.5 alike:?=1 alike:seldom=1.2 below-1=-0.7 below0:?=-0.8
        below1=-0.7 below1:?=-1.2 below1:partly=-0.6 blank=-2.9 blank:seldom=-1.2 donor=0.9
        donor:always=0.8 fellow=2.7 fellow:?=0.8 fellow:mostly=1.1 fellow:partly=1 kin=2
        likewise=2.1 likewise:?=2.1 mate=2.7 mate:mostly=0.6 mate:partly=0.6 mated=2.8 mated:?=1.4
        mated:partly=1.1 opened0:?=0.6 opened1:?=-0.5 opened1:mostly=0.6 opened2=1.6
        opened2:always=0.8 opened2:mostly=0.7 opened3:partly=0.5 overt:?=0.6 overt:seldom=-0.8
        parent0=1.1 parent0:?=1 parent0:seldom=-1.1 parent1=1.6 parent1:?=-0.6 parent1:partly=-0.7
        parent2:always=0.9 parent2:mostly=1 parent2:partly=0.6 same=-1.4 same:seldom=-0.9
        shifted=0.7 step:partly=0.7 step:seldom=-0.6 tab=0.6 tab:partly=0.7 tab:seldom=-0.6 twin=3
        twin:seldom=0.5 under=4.1 under+1:partly=0.9 under+2=-1.1 under+2:?=-0.5 under:?=1.8
        under:always=2.5 under:mostly=1.4 under:partly=0.8 underb=-1.8 underb:seldom=-1.3 undert-1=1
        undert-2:seldom=-0.7 undert:mostly=0.5
    """,
        "statement": """
        above-1=0.8 above0=1.5 above1=1.3 alike=2.3 blank=-3.8 donor=1.5 mate=4.5 parent0=-2.2
        parent1=5 parent2=-2.8 row=4.7 same=-1.3 shifted=1.7 sibling=4.2 step=-1.3 twin=3
    """,
        "text": """
        above0=3 alike=3 below0=1.5 blank=-1 donor=3 helps=-1 same=2 tab=2.5
    """,
    }
)
