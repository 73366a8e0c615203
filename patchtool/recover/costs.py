# SPDX-License-Identifier: GPL-2.0-or-later
"""Bits that speak for an indentation, by the kind of line and by the sign that is seen.

A candidate's weight is the sum over its signs, and its probability 2**weight over the sum of
that for all candidates of the place. Fitted by maximum likelihood (with a share that all kinds
have in common, so that rare kinds follow the frequent ones) to the added lines of 800 file diffs
of git, 300 of libbpf, 1750 between Linux 5.10, 6.1 and 6.12, and 200 excerpts of 6.12 (160,000
places); weights under 0.5 bits are left out. Set by hand and then measured: labels, ``list``,
``twin``, ``donorw``, ``hang@``, ``title``, ``undert-1``, ``kin``, ``lent``, ``even``, ``neat``, and
the lines that are no C.
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
        above1=3.4 alike=1.6 below-1=-0.6 blank=-2.5 donor=1.1 parent1=5 parent2=-1.8 same=-1
        shifted=1.1 step=-1.2 tab=-0.5 twin=3
    """,
        "case": """
        above-1=0.7 above0=1.1 above1=0.7 above1:seldom=-0.8 alike=1.6 alike:?=0.9 alike:seldom=0.6
        below-1=-0.5 below1:?=-0.9 below1:seldom=-0.5 blank=-2 blank:seldom=-0.6 donor=1.1
        donor:always=1 mate=1.9 mate:mostly=0.7 parent0=3 parent0:?=1.4 parent0:always=1.7
        parent1=1.3 parent1:partly=-0.6 parent1:seldom=-0.8 parent2=-1 parent2:mostly=0.8
        parent2:partly=0.7 same=-1 same:seldom=-0.6 shifted=1.1 sibling=2.8 sibling:?=0.6
        step:seldom=-0.6 tab:seldom=-0.6 twin=3 twin:seldom=0.6
    """,
        "close": """
        above-1=2.2 alike=1.8 below-1=-0.6 blank=-2.3 donor=1.1 parent0=6.4 parent1=-0.6
        parent2=-1.5 same=-1 shifted=1.1 sibling=-0.7 twin=3
    """,
        "comment": """
        above-1=0.7 above0=0.5 above1=1.3 alike=1.6 below-1=-0.6 blank=-2 donor=1.1 mate=2
        parent1=5.1 parent2=-1.7 same=-1 shifted=1.1 sibling=2.4 step=-0.5 twin=3
    """,
        "continuation": """
        above0=0.7 above0:always=0.5 above1=1 above1:seldom=-0.8 alike=2.2 alike:?=1.4
        alike:seldom=0.6 below-1=-0.6 below0=-0.5 below0:?=-0.7 below1:?=-0.9 below1:seldom=-0.6
        blank=-2.4 blank:seldom=-0.6 donor=1.1 donor:always=1 equals=1.7 equals:?=0.7 half=-1.1
        half:?=-0.7 half:seldom=-0.5 lent=8 likewise=1.1 likewise:?=1.2 mated=4.1 mated:?=2
        mated:partly=0.7 mated:seldom=0.5 parent0=0.8 parent0:always=1.1 parent1=2.1
        parent1:always=0.5 parent1:partly=-0.7 parent1:seldom=-0.8 parent2=-1 parent2:mostly=0.8
        parent2:partly=0.9 return=2.2 return:?=1.8 same=-1 same:seldom=-0.6 shifted=1.1
        step:seldom=-0.6 tab:seldom=-0.6 twin=3 twin:seldom=0.7
    """,
        "directive": """
        above0=0.5 above1=1 blank=-2 donor=1.1 parent1=1.9 parent2=-1 sibling=1.5 twin=3
    """,
        "hanging": """
        above-1=1.5 above1=1.4 above1:seldom=-0.8 alike=1.7 alike:?=0.9 alike:seldom=0.6
        below-1=-0.6 below1:?=-0.9 below1:seldom=-0.5 blank=-2 blank:seldom=-0.6 donor=1.8
        donor:always=1.6 fellow=1.6 fellow:?=0.9 fellow:partly=0.7 lent=8 likewise=1.7
        likewise:?=1.3 mate=1.9 mate:mostly=0.7 mated=2.3 mated:?=1.5 mated:partly=0.7 opened1=1
        opened1:mostly=0.6 opened2=0.8 opened2:mostly=0.5 parent0=1.1 parent0:?=0.7 parent0:always=1
        parent1=2 parent1:always=0.5 parent1:partly=-0.6 parent1:seldom=-0.7 parent2:?=0.6
        parent2:mostly=0.9 parent2:partly=0.7 same=-1 same:seldom=-0.6 shifted=1.1 step:seldom=-0.6
        tab:seldom=-0.6 twin=3 under=1.4 under+2=-0.5 under:always=1.1 under:mostly=0.8 underb=-0.9
        underb:seldom=-0.6 undert-1=0.5 undert-2=1 undert-2:?=1.1
    """,
        "help": """
        above0=5 alike=3 below0=1 donor=2 helped=6 helps=2 same=2
    """,
        "inside": """
        above-1=0.7 above0=1.2 above1:seldom=-1.2 alike=1.6 alike:?=0.9 alike:seldom=0.6
        below-1=-0.6 below1:?=-0.9 below1:seldom=-0.8 blank=-1.3 blank:?=0.7 blank:seldom=-0.6
        donor=1.1 donor:always=1 flush*=-0.9 flush*:seldom=-0.6 mate=2.1 mate:mostly=0.8 next*=2.2
        next*:?=0.7 next*:mostly=1 same=-1 same:seldom=-0.6 shifted=1.1 start*=5 start*:?=2.5
        start*:always=3.2 start*:mostly=0.7 step=-1 step:seldom=-0.7 tab:seldom=-0.7 text*=-1.5
        text*:seldom=-0.8 text-=0.7 twin=3 twin:seldom=0.6 two*=-1.4 two*:seldom=-0.7 under*=1.9
        under*:seldom=0.5
    """,
        "label": """
        alike=2 blank=3 donor=2 labelled=4 labels=4 parent2=-3 twin=3
    """,
        "open": """
        above-1=0.7 above0=0.8 above1=1 alike=1.6 below-1=-0.6 blank=-2 parent0=1.3 parent1=1.9
        parent2=-1 twin=3
    """,
        "parenthesis": """
        above-1=0.7 above1=1.3 above1:seldom=-0.6 alike=2.3 alike:?=0.9 alike:seldom=1 below-1=-0.7
        below1:?=-1.4 blank=-2.6 blank:seldom=-0.8 donor=1.1 donor:always=1 fellow=3 fellow:?=0.6
        fellow:partly=1.1 kin=2 lent=8 likewise=1.8 likewise:?=1.8 mate=2.7 mate:mostly=0.7
        mate:partly=0.8 mated=3 mated:?=1.2 mated:partly=1 mated:seldom=0.7 opened1:?=-0.6
        opened1:mostly=0.6 opened1:partly=-0.6 opened2=1.7 opened2:mostly=0.8 opened3:partly=0.5
        parent0=1.1 parent0:?=0.7 parent0:seldom=-0.8 parent1=1.5 parent1:?=-0.7 parent1:always=0.5
        parent1:partly=-0.7 parent1:seldom=-0.7 parent2:mostly=1.1 parent2:partly=0.9 same=-1.3
        same:seldom=-0.9 shifted=1.1 step:partly=0.5 step:seldom=-0.6 tab=0.7 tab:partly=0.5
        tab:seldom=-0.6 twin=3 twin:seldom=0.7 under=4.3 under+2=-0.7 under:?=1.5 under:always=2.5
        under:mostly=1.7 under:partly=0.9 underb=-1.5 underb:seldom=-1.1 undert=0.6 undert-1=1
        undert-2:?=0.6 undert-2:seldom=-1 undert:mostly=0.9
    """,
        "statement": """
        above-1=0.7 above0=1.3 above1=1.2 alike=2.2 below-1=-0.6 blank=-3.8 donor=1.5 mate=4
        parent0=-2.7 parent1=4.9 parent2=-2.7 row=4.3 same=-1 shifted=1.5 sibling=4.2 step=-1.3
        twin=3
    """,
        "text": """
        above0=3 alike=3 below0=1.5 blank=-1 donor=3 helps=-1 same=2 tab=2.5
    """,
    }
)
