# SPDX-License-Identifier: GPL-2.0-or-later
"""Bits that speak for a blank, by the kind of place and by the sign that is seen.

A candidate's weight is the sum over its signs, and its probability 2**weight over the sum of
that for all candidates of the place. Fitted by maximum likelihood to the added lines of 800
file diffs of git, 300 of libbpf and 2500 excerpts of Linux 6.12 (25,000 indentations, 100,000
gaps); weights under 0.7 bits are left out. Set by hand and then measured: ``twin``, ``tag``,
``hang@``, ``undert-1``, labels, the lines that are no C, and that a run of blanks stands alone in
code and comments seldom. blanks.py and gaps.py say what the signs mean, habits.py what the word
behind the colon does.
"""

from __future__ import annotations


def _table(rows: dict[str, str]) -> dict[str, dict[str, float]]:
    pairs = {kind: [word.rsplit("=", 1) for word in row.split()] for kind, row in rows.items()}
    return {kind: {sign: float(bits) for sign, bits in own} for kind, own in pairs.items()}


#: Kind of line -> sign -> bits.
INDENT = _table(
    {
        "attribute": """
        above0=1 alike=3 attribute=5 below0=1 donor=2 helps=-3 same=2 tab=4 tabs=-3
    """,
        "help": """
        above0=5 alike=3 below0=1 donor=2 helped=6 helps=2 same=2
    """,
        "text": """
        above0=3 alike=3 below0=1.5 blank=-1 donor=3 helps=-1 same=2 tab=2.5
    """,
        "body": """
        above-1=-2.2 above0=-1.6 alike=2 blank=-3.9 donor=1.5 parent0=-3.3 parent1=6.5 parent2=-2
        same=-1.3 shifted=1.4 step=-2.3 tab=-2.2 twin=3
    """,
        "case": """
        above-1:mostly=0.7 above1:seldom=-0.9 alike=0.9 below-1:?=1.3 below-1=1.8 below0:partly=1
        below1:seldom=-0.9 below1=-0.8 blank:?=-2.3 blank:seldom=-1.2 blank=-2.5 donor:?=0.7
        donor:always=1 donor=1 mate:?=1.5 mate:always=0.9 mate:mostly=0.8 mate=1.5 parent0:?=1.5
        parent0:always=2 parent0:mostly=0.8 parent0=2 parent1:seldom=-1.4 parent2:?=-2.3
        parent2:seldom=-1.1 parent2=-2.5 sibling:?=2.4 sibling:mostly=1.1 sibling=2.6
        step:always=0.8 step:seldom=-1.1 tab:always=0.8 tab:seldom=-1.1 twin=3
    """,
        "close": """
        above-1=2.4 above1=-3.1 alike=1.4 below-1=0.7 below1=0.8 blank=-3.3 parent0=7.7 parent1=-2.4
        parent2=-3.1 same=-0.9 shifted=0.7 sibling=-2.7 twin=3
    """,
        "comment": """
        alike=1.1 below1=-1.1 blank=-1.7 donor=2.4 mate=3.7 parent0=-1.3 parent1=5.4 parent2=-2.6
        same=-0.8 shifted=1.1 sibling=4.3 twin=3
    """,
        "continuation": """
        above-1:seldom=-2.3 above-1=-1.2 above0:always=1.3 above0:mostly=-1.4 above0:partly=-1.5
        above1:partly=1.5 above1:seldom=-2 alike:?=1.7 alike:seldom=1.3 alike=2.2 below-1:?=-1.6
        below-1:seldom=-0.9 below-1=-2.1 below0:?=-1 below0:always=1 below1:?=-1.3 below1:always=0.8
        blank:?=-3.1 blank:seldom=-2.6 blank=-4 donor:always=2.6 donor=2.1 half:?=-4.6
        half:seldom=-3.9 half=-1.2 likewise:?=2 likewise=1.2 mated:?=3.3 mated:mostly=1.9
        mated:partly=-1.1 mated=2.1 parent0:?=-0.9 parent0:always=1.7 parent0:partly=-1.2
        parent0:seldom=-0.8 parent1:?=1.2 parent1:always=1.4 parent1:partly=-1.8 parent1:seldom=-0.8
        parent1=1.1 parent2:?=-4.6 parent2:partly=1.3 parent2:seldom=-3.5 parent2=-1.1 return:?=1.7
        return=2 shifted=1.5 step:?=-1 step:always=1.6 step:seldom=-2.3 tab:?=-1 tab:always=1.6
        tab:seldom=-2.4 twin=3
    """,
        "hanging": """
        above0:always=0.9 above1:partly=0.8 above1=0.8 alike=0.9 below-1:seldom=-1.5 below-1=-1.6
        below0:mostly=1.6 below1:partly=0.7 blank:?=-2.1 blank:seldom=-1.6 blank=-2.9
        donor:always=1.4 donor=1.3 fellow:?=0.9 fellow:always=0.9 fellow:mostly=0.9 fellow=1.4
        likewise:?=2.1 likewise=2.1 mate:always=0.8 mate:mostly=0.9 mate=2.6 mated:?=0.9
        mated:mostly=0.9 mated=1.4 opened1:mostly=1.1 opened2:seldom=-1.3 opened3:seldom=-2.1
        opened3=-1.1 overt:?=-2.2 overt:seldom=-1.5 overt=-1.8 parent0:?=-1.6 parent1:?=1
        parent1:mostly=1.1 parent1=0.8 parent2:seldom=-1.6 shifted=-0.7 step:always=0.9
        tab:always=0.9 twin=3 under+1:?=-1.8 under+1:seldom=-1.7 under+1=-2.7 under+2:?=-2.1
        under+2:seldom=-1.5 under+2=-2.8 under-1:?=-2.2 under-1:seldom=-1.7 under-1=-2.4
        under:?=-2.1 under:seldom=-1.6 under=-2.9 underb:?=-2.1 underb:seldom=-1.6 underb=-2.9
        undert:seldom=-2.6 undert=-1.4
    """,
        "inside": """
        above-1:seldom=-1.5 above-1=-1.8 above0:?=0.7 above0=1.3 above1:?=-1.1 above1:seldom=-2.1
        above1=-2.4 below-1:?=-0.7 below-1=-0.8 below0:?=-0.7 below1:?=-1.2 below1:seldom=-1.7
        below1=-2.1 blank:partly=-1.4 blank:seldom=-1.4 blank=-0.9 flush*:?=-1.1 flush*:seldom=-2
        flush*=-2.4 mate:mostly=1.4 mate=1.5 next*:?=1.2 next*:always=0.8 next*:mostly=1.3 next*=1.8
        next-:mostly=0.9 next-=1.6 start*:?=3.1 start*:always=3.9 start*:mostly=2.5 start*=4.9
        start-:seldom=-1.3 start-=-1.3 step:seldom=-1.3 step=-1.5 tab:seldom=-1.4 tab=-1.6
        text*:?=-1.6 text*:seldom=-2.3 text*=-2.7 text-=2.9 twin=3 two*:?=-1.7 two*:seldom=-2.1
        two*=-2.6 two-:seldom=-1.5 two-=-1.5 under*:mostly=1.6 under*:seldom=1.7 under*=2.5
        under*b:seldom=-1.7 under*b=-1.7
    """,
        "label": """
        alike=2 blank=3 donor=2 labelled=4 labels=4 parent2=-3 twin=3
    """,
        "parenthesis": """
        above-1:?=0.7 above-1:partly=1.1 above-1:seldom=-1 above0:seldom=1.1 above1:mostly=-0.9
        above1:partly=0.7 above1=0.7 alike:?=1 alike:seldom=1.8 alike=2.1 below-1:?=-2.1 below0:?=-1
        below0:seldom=1.5 below0=0.7 below1:mostly=-1.6 blank:?=-2.3 blank:seldom=-2.8 blank=-3.5
        donor:?=1 donor:always=2.4 donor:partly=-1.9 donor=2.1 fellow:?=1.4 fellow:partly=1.7
        fellow=2.1 likewise:?=3.1 likewise:seldom=1 likewise=2 mate:mostly=0.9 mate:partly=2.3
        mate=3 mated:?=1.1 mated:partly=1.8 mated=2 opened0:always=1.1 opened0:seldom=-0.8
        opened1:always=0.7 opened1:mostly=1.3 opened2:mostly=1.3 opened3:partly=1.2 overt:partly=-1
        parent0:always=1.1 parent0:seldom=-2.1 parent1:always=0.7 parent1:mostly=1 parent2=0.8
        same:seldom=-1.5 same=-1.8 shifted:?=-1.6 step:always=1.1 step:mostly=0.8 step:partly=0.7
        step:seldom=-1.8 tab:always=1.1 tab:mostly=0.8 tab:partly=0.7 tab:seldom=-1.8 twin=3
        under+1:?=-1 under+2:?=-1.5 under+2:partly=0.9 under+2:seldom=-0.9 under+2=-0.7
        under-1:?=-4.8 under-1:mostly=1.9 under-1:partly=1.1 under:?=1.7 under:always=3.2
        under:mostly=1.5 under:seldom=-1.8 under=3.3 underb:?=-1 underb:seldom=-3.1 underb=-2.8
        undert-1=1 undert:always=-1.3 undert:mostly=-0.7
    """,
        "statement": """
        above-1=-1.4 above1=1 alike=1.6 below-1=-0.9 below1=-0.7 blank=-5.1 donor=3.5 mate=5.7
        parent0=-2.9 parent1=5.6 parent2=-2.4 row=3 shifted=1.2 sibling=5.6 step=-1.4 tab=1 twin=3
    """,
    }
)
#: Kind of gap -> sign -> bits.
GAP = _table(
    {
        "argument": """
        blanks:?=-3.4 blanks:always=-3.8 blanks:mostly=-0.8 donor=1.9 down0-=1.2 down0=1 down1-=1.4
        downlike=0.7 downother=-1.7 five=-1.3 four=-1.7 gblank2=-1.8 gmixed=1.1 gtab2=-0.7 gtab=2.2
        one:always=1.8 one:mostly=-1.3 one:never=1.5 one:none=2.5 one:none?=1.3 one:partly=-1.9
        one:seldom=1.7 one=0.9 tab=-0.7 tabs:?=-3.2 tabs:always=0.9 tabs:mostly=0.7 tabs:seldom=-3.4
        tabs=-1.6 tabss=-2.5 three=-1.4 up0-=0.9 up0=3.4 up1-=1.2 up2-=2.1 uplike=1.4 upother=1
        usual0=2 usual1=1.1 usual2=-1.9
    """,
        "assign": """
        alike0=1.8 alike1=2 alike2=3.1 blanks:?=-3 blanks:always=-3.6 blanks:mostly=-2.5 donor=3.2
        down0=2.2 down1-=1 downlike=0.7 downother=1 five=-3.8 four=-3.8 gblank=0.9 gmixed=2.3
        gtab2=-1.9 gtab=2.1 one:mostly=-2 one:never=1.6 one:none=1.2 one:none?=4 one:partly=1.2
        one:seldom=1.8 one=2 tab=-1.2 tabs:?=-2.2 tabs:always=-0.9 tabs:mostly=-1.5 tabs:seldom=-3.5
        tabs=-1.5 tabss=-1.6 up0-=1.2 up0=2.7 up1-=1.4 up2-=1.1 uplike=2.2 usual0=2.7 usual2=-0.7
    """,
        "backslash": """
        blanks:?=-3.2 blanks:always=-1.7 blanks:mostly=-2 donor=1.3 down0-=1.3 down0=2.2 down1-=1.6
        five=-3.8 four=-3.7 gblank2=-2.6 gmixed=-1 gstop=-1.9 gtab2=1.3 one:always=-1.3
        one:mostly=-1.1 one:none=2.2 one:partly=1 one=0.8 tab=-1.1 tabs:?=-0.7 tabs:mostly=1
        tabs:seldom=-2.5 tabs=-1.3 tabss=-1.5 three=-1 two=-3.6 up0-=1.4 up0=5.2 upcol=3.5 up1-=1.8
        up2-=1.3 upother=0.8 usual0=1.5 usual1=0.9 usual2=-0.7
    """,
        "bullet": """
        blanks:?=-3.7 down0-=1.4 down1-=0.7 downlike=1.2 five=-1.8 four=-1.7 gblank=0.9 gmixed=0.8
        gtab2=-0.7 gtab=-0.7 one:none=1.2 one:none?=1.7 one=2.2 tab=-1.9 tabs:?=-3.4 tabs=-1.8
        tabss=-1.9 three=-1.8 two=-1.7 up0-=1.2 up0=1 up1-=0.8 uplike=1.3
    """,
        "code": """
        alike0=3.4 alike1=3.5 alike2=3.2 below1=-0.8 below2=-0.7 belowsame=3.5 blanks:?=-2.1
        blanks:always=-4 blanks:partly=-1.8 blanks:seldom=-1.3 donor=4.6 one:always=-1.9
        one:never=3.7 one:none=4.3 one:none?=1.4 one:partly=2.1 one:seldom=2.4 one=3.9 over1=2.8
        oversame=9.4 tab=-3 tabs:?=-1.9 tabs:mostly=-3.5 tabs:partly=-2.3 tabs:seldom=-4.1 tabs=-5.2
        three=-5.3 two=-3
    """,
        "comment": """
        alike0=2.3 alike1=2.1 alike2=3.2 below2=1 belowsame=2.8 blanks:?=-1.5 blanks:always=-3.1
        blanks:mostly=-2 blanks:partly=0.8 blanks:seldom=-0.7 donor=3.6 one:mostly=-3.8
        one:never=3.7 one:none=5.3 one:none?=2.3 one:seldom=3.5 one=3.7 over2=1.1 oversame=7.5
        tab=-4.9 tabs:?=-2.3 tabs:always=-0.7 tabs:mostly=-1 tabs:partly=-4.1 tabs:seldom=-2.5
        tabs=-5.2 three=-4.9 two=-4.6
    """,
        "dash": """
        below1=-1.2 blanks:?=-2.5 blanks:always=-4 donor=3.9 down2-=0.9 downother=0.7 five=-1.1
        four=-1.1 gblank=2 gstop=-1.6 gtab2=-1.3 gtab=-1.5 one:never=1 one:none?=2 one=1.1
        over2=-0.9 oversame=2.5 tab=-1.6 tabs:?=-3.3 tabs:always=-0.9 tabs:seldom=-3.7 tabs=-2
        tabss=-3.9 three=-1.2 two=-2.5 up0=1.6 up2-=0.7 uplike=0.7 upother=1 usual0=0.8 usual2=-1.9
    """,
        "decl": """
        alike0=0.8 alike1=0.7 alike2=0.9 blanks:?=-3.7 blanks:mostly=-1.8 blanks:seldom=-3.2 donor=2
        down1-=2 down2-=1.6 downlike=0.7 five=-3.1 four=-3.2 gblank2=-1.8 gstop=-0.9 gtab2=-2.1
        gtab=1.4 one:always=-1.5 one:never=3.2 one:none=3.7 one:none?=2.1 one:seldom=2.2 one=2.5
        tabs:?=-3.6 tabs:mostly=0.9 tabs:seldom=-3 tabs=-1.6 tabss=-3.5 three=-1.4 two=-3 up0-=1.2
        up0=1.6 up1-=1.2 up2-=0.8 uplike=0.8 usual0=1.3
    """,
        "define": """
        alike1=1.6 alike2=0.9 blanks:?=-3.8 blanks:always=-2.6 blanks:seldom=-1.2 donor=0.9
        down0=1.6 downother=-0.9 five=-2.9 four=-2.9 gblank=0.7 gstop=0.7 one:never=1.3 one:none=2.6
        one:none?=3 one:partly=-0.7 one:seldom=1.8 one=1.7 tabs:?=-4.7 tabs:always=1.3
        tabs:seldom=-3.5 tabs=-1.3 tabss=-3.6 three=-3 two=-2.1 up0-=1 up0=0.9 up1-=1.8 up2-=2
        uplike=1.1 usual0=1.9
    """,
        "enum": """
        blanks:?=-2.4 blanks:always=-4.6 blanks:mostly=-1 blanks:seldom=0.8 down0-=1.6 down0=1.2
        down1-=1 down2-=-1.1 downlike=-0.9 downother=0.9 five=-3.8 four=-1.5 gblank2=0.7 gblank=2
        gstop=-1.9 one:none=1.9 one=1 tabs:?=-1.6 tabs:mostly=-1.1 tabs:seldom=-3.7 tabss=-2.1
        three=-3.8 two=-0.7 up0-=1 up0=3.4 up1-=2.1 usual0=1.6 usual1=2.4 usual2=0.9
    """,
        "global": """
        alike2=1.1 blanks:?=-2.5 blanks:always=-1.1 blanks:seldom=-1.4 donor=1.2 down0-=1.3
        down1-=1.3 down2-=0.8 downlike=1.5 one:never=2.8 one:none=3 one:none?=1 one:seldom=1.2
        one=2.9 tab=-3.3 tabs:?=-3.1 tabs:always=1.1 tabs:seldom=-1.2 two=-2.6 up0-=0.7 up0=1.9
        up1-=1.8 up2-=1.5 uplike=2 upother=-0.8
    """,
        "hash": """
        alike1=0.8 blanks:?=-3 blanks:always=-2.6 donor=2.4 one:never=2.5 one:none=2.7 one:none?=2.8
        one:partly=-0.8 one:seldom=4 one=2.5 tab=-1.7 tabs:?=-4.1 tabs:always=0.9 two=-3.7
    """,
        "hung": """
        blanks:?=-0.9 down0-=0.9 down1-=0.9 down2-=0.9 downlike=0.9 downother=0.9 five=-2.4
        gblank=1.2 gmixed=1.2 gstop=-1.1 gtab2=-1 hang=2.6 one:mostly=-0.7 one:none?=0.8 over1=2.6
        over2=2.1 tab=-1.7 tabs:?=-1.1 tabs:seldom=-1 tabss=-3.6 two=-4 up0-=1.1 up0=1.3 up1-=1.3
        up2-=1.4 uplike=1.8 upother=1 usual0=0.9
    """,
        "init": """
        blanks:?=-1.6 blanks:always=-1.1 blanks:mostly=-1.7 donor=2.9 down0=2.4 down1-=1 down2-=0.9
        downlike=0.9 downother=1 five=-1.7 four=-1.5 gblank2=-2.3 gblank=1.2 gmixed=-1.1 gtab=1.3
        one:always=-1.7 one:mostly=0.9 one:never=0.7 one:none=2.6 tab=-0.7 tabs:?=-1.6
        tabs:always=-0.8 tabs:mostly=1.6 tabss=-1.6 up0=3.4 up1-=1.9 up2-=2.2 uplike=1.2 upother=1.5
        usual1=1.1 usual2=-2.4
    """,
        "item": """
        alike2=1.4 below1=-2.3 below2=-1.4 belowsame=1.6 blanks:?=-1.8 blanks:always=-3.6 down0-=1.4
        down0=1.3 down2-=-1.1 downlike=2.4 five=-2 four=-3.7 gstop=-3.1 gtab=-1.8 hang=-1.4
        hangitem=2.2 hangs=-0.7 one:none=1.3 one:none?=0.7 one=1 over2=-0.7 oversame=1.1 tab=-3.2
        tabs:?=-2.3 tabs:always=1 tabs:seldom=-2.4 tabs=-2 tabss=-3.8 up0=1.7 up1-=0.9 up2-=0.9
        uplike=2.9 upother=0.7 usual0=2.1
    """,
        "lead": """
        alike2=2.3 blanks:?=-1.7 blanks:always=-3.7 blanks:seldom=0.8 donor=3.7 down0=0.8 down2-=1.3
        downlike=1.4 downother=0.7 five=-4.5 gblank2=1.1 gblank=-0.8 gmixed=-0.8 gstop=1.7
        gtab2=-0.8 one:always=-1.6 one:never=0.7 one:none=1.8 one:none?=0.8 one=1.1 tabs:?=-5.5
        tabs:mostly=-2 tabs:seldom=-4.1 tabs=-3.4 tabss=-2.5 three=-1 up0=1.4 up1-=1 uplike=2.3
        upother=0.7 word2=1.1 word5=-1
    """,
        "member": """
        alike0=0.8 alike1=3.2 blanks:?=-5.9 blanks:always=-1.6 blanks:mostly=-3.9 blanks:partly=-2.6
        donor=2.5 down0-=1.5 down0=1.3 downother=-1.8 five=-3.6 four=-1.4 gblank2=-0.7 gblank=-0.7
        gstop=0.7 one:always=-1.2 one:never=1 one:none=4.1 one:none?=0.7 one:partly=1.1
        one:seldom=1.3 one:some?=1.1 one=1.9 tabs:?=-1.7 tabs:partly=-2.6 tabs:seldom=-4.2
        tabss=-0.8 three=-0.7 two=-1.2 up0-=0.9 up0=4.4 up1-=1.3 uplike=0.9 usual0=2.2
    """,
        "nested": """
        blanks:?=-3.2 donor=1.2 one:mostly=1 one:none=1.6 one:none?=1.3 parent=1.3 sibling=3.4
        tabs:?=-3.1 tabs:seldom=-2.7 tabs=-2.4 three=-3.1
    """,
        "option": """
        alike2=0.9 blanks:?=-4.5 blanks:seldom=1.5 down2-=0.7 downlike=0.7 five=-3.1 four=-3.1
        gblank2=-2 gstop=-1.3 one:none=1.2 one:none?=2.2 one=1.1 tab=-2.4 tabs:?=-4 tabs:seldom=-2.2
        tabs=-2.4 tabss=-2.5 three=-2.9 two=-0.7 up0=1.3 up2-=0.9 uplike=1.9
    """,
        "proto": """
        alike0=0.9 alike1=0.7 alike2=1.5 blanks:?=-3.1 blanks:seldom=-1.4 donor=1.1 down0-=1.4
        down0=0.8 down1-=1.2 down2-=1 downlike=1.6 five=-2.8 four=-2.8 gblank=1.5 gmixed=1.5
        one:never=1.4 one:none=2.5 one:none?=1.5 one:seldom=1.1 one=2.9 tab=-2.7 tabs:?=-3.8
        tabs:seldom=-1.6 tabs=-2.7 tabss=-2.7 three=-2.8 two=-0.9 up0-=1.5 up0=1.3 up1-=1.1 up2-=1.2
        uplike=2
    """,
        "row": """
        alike1=1.1 below1=1.1 below2=1.3 belowsame=1.6 blanks:?=-4.5 blanks:always=-3.3 donor=1.7
        down0-=0.9 down0=2.5 down1-=1 down2-=1.9 downlike=1 five=-4.3 gblank2=-0.7 gblank=-1.1
        gmixed=-0.8 gstop=-0.8 gtab2=1.3 one:always=-1.5 one:never=2.5 one:none=1 one:none?=0.8
        one:seldom=3.2 one=1.9 over2=-0.8 oversame=4.7 tab=-1 tabs:?=-1.4 tabs:always=0.7
        tabs:seldom=-4.4 tabs=-4 tabss=-2.8 up0-=2.1 up0=2.1 up1-=0.8 up2-=1.4 uplike=1.1
        upother=-1.6 usual2=-1.6
    """,
        "sentence": """
        alike1=2.5 alike2=1.7 below1=-1.8 blanks:?=-0.7 donor=3.2 last=2.2 near=1 one:always=-1.8
        one:never=0.9 one:none=3.5 one:seldom=3.7 one=1.2 over1=-3.3 over2=-1.2 tab=-3.5 tabs:?=-2.4
        tabs:seldom=-3.5
    """,
        "star": """
        alike1=2.3 alike2=3.9 below2=-1 belowsame=1.8 blanks:?=-2.5 blanks:always=-4.5
        blanks:mostly=-1 blanks:partly=-5.5 blanks:seldom=-1.9 donor=5.1 downlike=1.3 downother=0.7
        five=-5 four=-4.5 gstop=-2.1 gtab=0.8 hang@-1=3 hang@=3.8 hangs=1.9 hangs@=-3.5
        hangsitem=-0.7 one:always=-1.4 one:mostly=-0.7 one:never=2.2 one:none=1.3 one:seldom=2.9
        one=2.1 over1=1.2 over2=1.8 oversame=3.4 tab=-4.5 tabs:?=-3.5 tabs:mostly=-0.7
        tabs:partly=-1 tabs:seldom=-3.3 tabs=-4 tabss=-6.3 three=-3.5 two=-2.5 up0=-2.5 up1-=0.7
        uplike=4.2 upother=2.6 usual0=1.4 usual2=-1.5 title=4 titleb=4
    """,
        "string": """
        alike0=3.9 alike1=2.6 alike2=3.3 below1=1.8 below2=1.3 blanks:?=-3.3 blanks:always=-4.8
        donor=2.2 one:mostly=-1.9 one:never=4.4 one:none=1.1 one:none?=4.8 one:seldom=2.3 one=2.8
        over1=1 over2=0.7 oversame=5.8 tabs:?=-3.2 tabs:mostly=-2.9 tabs:seldom=-5.5 tabs=-4.9
        three=-2.3 two=-0.8
    """,
        "tag": """
        five=-2 four=-2 one:always=-4 one:mostly=-3 one=6 up0=2 uplike=2
    """,
        "trailing": """
        alike0=2.4 alike1=1.7 alike2=2.5 blanks:?=-4 blanks:always=-2.3 blanks:mostly=-1.5 donor=2.7
        down0=1.6 down1-=1.3 down2-=1.4 downlike=1.2 five=-1.7 four=-2.7 gblank2=1.4 gmixed=-1
        gtab=1.1 one:mostly=-0.9 one:never=1.6 one:none=2.8 one:none?=0.7 one:partly=0.7 one=1.1
        tabs:?=-1.6 tabs:seldom=-1.6 tabss=-1.4 three=-1.6 two=0.7 up0-=1.3 up0=3.9 up1-=1 up2-=1.7
        uplike=1.1 usual0=1.2 usual1=0.7 usual2=-0.9
    """,
        "type": """
        blanks:?=-3.2 blanks:always=-1.4 donor=1.8 one:never=2.8 one:none=0.7 one:none?=2.7
        one:seldom=1.8 one=2.6 tab=-1.9 tabs:?=-1.7 tabs:always=-1.9 two=-3.5
    """,
        "value": """
        alike1=2.9 blanks:?=-1.9 blanks:always=-2.3 blanks:partly=-2 donor=1.7 down0-=1.2 down0=1.5
        down1-=1.2 down2-=1.2 downlike=0.8 downother=-2 five=-2.7 four=-1.6 gblank2=-3.8 gblank=0.8
        gmixed=-0.8 gstop=-1.1 gtab=0.9 one:always=-1.7 one:never=0.9 one:none=2.9 one:partly=1.5
        one:seldom=2 one:some?=-0.7 tabs:?=-1.4 tabs:seldom=-1.2 tabs=-1.2 tabss=-2.3 three=-1.9
        up0-=1.7 up0=4 up1-=1.4 up2-=1.8 uplike=1 usual0=1.3 usual2=1
    """,
    }
)
