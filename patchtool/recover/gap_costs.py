# SPDX-License-Identifier: GPL-2.0-or-later
"""Bits that speak for a gap, as :mod:`.costs` has them for indentations.

gaps.py, groups.py and leads.py say what the signs mean.
"""

from __future__ import annotations

from patchtool.recover.costs import table

#: Kind of gap -> sign -> bits.
GAP = table(
    {
        "argument": """
        alike0=1.3 alike0w=0.8 alike1=2.8 alike1w=4 alike2=1.8 alike2w=4.1 alikec=1.8 blanks:?=-2.3
        blanks:always=-2.1 donor=1.7 donorw=2.4 down0=0.8 down0-=0.8 down1-=0.5 downlike=0.5
        fits=0.7 five=-1.2 four=-1.8 gblank=0.8 grid=4.3 gridb=1.9 gtab=1.2 gtabs=1.3 hblank=0.8
        hblank2=0.5 hblanks=0.6 hstop=-0.6 htab2s=-0.6 one=2.7 one:mostly=0.5 one:never=1.6
        one:none=1.8 one:none?=2 one:seldom=1.3 tabs=-1.4 tabs:?=-1.6 tabs:mostly=0.9
        tabs:seldom=-2.1 tabss=-2.1 three=-1.4 torn=-0.8 two=-0.9 up0=1.8 up1-=0.8 up2-=0.7
        uplike=0.6 upother=0.9 usual0=2.1 usual1=0.5
    """,
        "assign": """
        alike0=1.3 alike0w=0.7 alike1=2.1 alike1w=3.7 alike2=2.3 alike2w=4.7 alikec=1.2
        blanks:?=-2.3 blanks:always=-1.8 donor=1.8 donorw=2.6 down0=0.8 down0-=0.5 downlike=0.8
        five=-1.8 four=-1.8 gblank=0.6 gblank2=0.7 gmixed2=0.5 grid=4 gridb=2 gtab=1.2 gtabs=1.3
        hstop=-0.7 htab2s=-0.6 one=2.6 one:always=-1 one:never=2.5 one:none=1.7 one:none?=1.8
        one:seldom=1.8 tab=-0.9 tabs=-1.5 tabs:?=-2.2 tabs:mostly=0.6 tabs:seldom=-2.1 tabss=-2
        three=-1.7 torn=-0.6 up0=1.5 up0-=1.7 up1-=0.7 upcol=0.5 uplike=1.7 upother=0.6 usual0=1.9
        usual1=0.6
    """,
        "backslash": """
        alike0=1.2 alike0w=0.7 alike1=1.9 alike1w=3.4 alike2=1.7 alike2w=3.7 alikec=1.6
        blanks:?=-1.9 blanks:always=-2 donor=1.3 donorw=1.5 down0-=1.4 downlike=0.6 five=-1.7
        four=-1.8 grid=3.6 gridb=2 gstop=-0.6 gtab2=0.6 gtab22=0.8 gtab2s=0.6 gtabs=1 hblank=0.6
        hblank2=0.5 hstop=-0.5 htab2s=-0.6 one=0.9 one:always=-0.9 one:never=1.5 one:none=1.7
        one:partly=0.9 one:seldom=1.4 tab=-1 tabs=-1.1 tabs:mostly=0.6 tabs:seldom=-1.9 tabss=-1.3
        three=-1.4 torn=-0.6 two=-0.9 up0=2.1 up0-=1.9 up1-=1.5 up2-=1.2 upcol=0.5 uplike=1
        usual0=1.7 usual1=0.5
    """,
        "bullet": """
        alike0=1.2 alike0w=0.7 alike1=1.9 alike1w=3.4 alike2=1.6 alike2w=4.2 blanks:?=-1.7 donor=1.5
        donorw=2.3 down0=0.6 down0-=0.5 downlike=0.7 fits=0.6 five=-1.5 four=-1.6 gblank=0.9
        gridb=1.7 gtab=0.8 gtabs=1 hblank=0.6 hblank2=0.5 hstop=-0.5 htab=0.5 htab2s=-0.6 one=2
        one:none=1.9 one:none?=1.5 one:partly=0.9 tab=-1 tabs=-1.2 tabs:?=-1.6 tabs:seldom=-1.9
        tabss=-1.7 three=-1.4 torn=-0.7 two=-0.9 up0=1.1 up0-=1.1 up1-=0.7 up2-=0.5 uplike=1.2
        usual0=1.1
    """,
        "code": """
        alike0=2 alike0w=1.7 alike1=3.1 alike1w=4.6 alike2=2.9 alike2w=4.8 belowsame=1.5 blanks:?=-3
        blanks:always=-2.3 blanks:partly=-0.6 blanks:seldom=-0.6 donor=2.7 donorw=9 one=3.3
        one:never=3.3 one:none=2.2 one:none?=2.1 one:partly=1 one:seldom=2.9 over1=2.5 over2=1.2
        oversame=8.1 tab=-1.8 tabs=-1.8 tabs:?=-3.3 tabs:always=0.7 tabs:mostly=0.5 tabs:partly=-1
        tabs:seldom=-3 three=-3.3 two=-1.6
    """,
        "comment": """
        alike0=1.3 alike0w=0.7 alike1=2.3 alike1w=3.8 alike2=2.6 alike2w=5.5 alikec=1.7
        belowsame=0.8 blanks:?=-2.7 blanks:always=-2.2 blanks:partly=-0.5 blanks:seldom=-0.6 donor=2
        donorw=9 one=3.4 one:never=3.5 one:none=2.8 one:none?=1.7 one:partly=0.7 one:seldom=2.9
        over1=1.1 over2=1.4 oversame=6.9 tab=-2.3 tabs=-3.2 tabs:?=-3.6 tabs:mostly=0.8
        tabs:partly=-0.7 tabs:seldom=-3.2 three=-3.5 two=-1.8
    """,
        "dash": """
        alike0=1.4 alike0w=0.7 alike1=2 alike1w=3.1 alike2=1.9 alike2w=4.2 alikec=2 belowsame=0.8
        blanks:?=-2.1 blanks:always=-1.6 donor=1.5 donorw=2.4 down0=0.6 downlike=0.5 fits=0.7
        five=-1.3 four=-1.8 gblank=0.7 grid=2.8 gridb=1.7 gtab=1 gtabs=1.1 hblank=0.7 hblank2=0.7
        hstop=-0.6 htab=0.5 htab2s=-0.6 list=6 one=2.7 one:always=-0.7 one:never=1.4 one:none=2.2
        one:none?=2 one:partly=0.7 one:seldom=1.4 over1=0.8 over2=0.9 oversame=4.2 tab=-1.3
        tabs=-1.1 tabs:?=-1.9 tabs:mostly=0.6 tabs:seldom=-2 tabss=-1.8 three=-1.6 torn=-0.7
        two=-0.8 up0=1 up0-=1.4 up1-=0.7 up2-=0.5 upcol=0.7 uplike=1.2 upother=0.6 usual0=1.8
    """,
        "decl": """
        alike0=1.4 alike0w=0.7 alike1=1.8 alike1w=3.6 alike2=2 alike2w=4.6 alikec=1.7 blanks:?=-2.6
        blanks:always=-1.7 donor=1.9 donorw=3 downlike=0.9 five=-1.8 four=-1.8 gblank=0.7 grid=2.5
        gridb=1.6 gtab=0.9 gtabs=1 hstop=-0.6 htab2s=-0.6 one=3.1 one:never=2.7 one:none=2.2
        one:none?=1.9 one:partly=0.6 one:seldom=1.1 tab=-0.8 tabs=-1.7 tabs:?=-2.7 tabs:always=0.6
        tabs:mostly=0.6 tabs:seldom=-2 tabss=-1.9 three=-1.9 torn=-0.9 two=-0.8 up0=0.9 up0-=0.9
        up2-=0.7 uplike=0.8 upother=0.6 usual0=1.8 usual1=0.5
    """,
        "define": """
        alike0=1.2 alike0w=0.7 alike1=2 alike1w=3.3 alike2=1.8 alike2w=4.2 alikec=1.4 blanks:?=-1.6
        blanks:always=-1.6 donor=1.5 donorw=2.2 down0=0.6 down0-=0.8 downlike=1 five=-1.8 four=-2
        gblank=0.9 gblank2=0.5 grid=3.8 gridb=1.7 gtab=0.7 gtabs=1 hblank2=0.6 hstop=-0.6
        hstops=-0.5 htab2s=-0.6 one=2.7 one:always=-0.7 one:never=1.7 one:none=2.1 one:none?=1.3
        one:partly=1.1 one:seldom=1.5 tab=-1 tabs=-1.7 tabs:?=-1.9 tabs:seldom=-2 tabss=-2 two=-1.3
        up0=2.1 up0-=1.3 up1-=0.6 uplike=2.3 upother=0.5 usual0=0.6
    """,
        "enum": """
        alike1=1.9 alike1w=3.4 alike2=1.6 alike2w=4.2 alikec=1.5 blanks:?=-1.9 blanks:always=-1.9
        down0=0.6 fits=0.6 five=-1.5 four=-1.7 gblank=0.9 grid=3.1 gridb=1.7 gstop=-0.6 gtab=1.2
        gtab2=0.6 gtabs=1.2 hblank=0.7 hblank2=0.6 hstop=-0.5 htab2s=-0.6 one=1.5 one:always=-1
        one:never=1.4 one:none=1.8 one:none?=0.8 one:partly=1.1 tabs=-1.1 tabs:?=-0.7
        tabs:mostly=0.5 tabs:seldom=-2 tabss=-1.8 three=-1.6 torn=-0.8 two=-0.8 up0=1.5 up0-=1.5
        up1-=1.5 up2-=0.8 upcol=0.5 uplike=0.8 upother=0.9 usual0=1.5
    """,
        "global": """
        alike0=1.4 alike0w=0.7 alike1=2.2 alike1w=3.6 alike2=2.1 alike2w=4.3 alikec=1.2
        blanks:?=-2.6 blanks:always=-1.7 donor=1.5 donorw=2.2 down0=0.8 down0-=0.7 downlike=1.1
        grid=2.9 one=2.9 one:never=2.2 one:none=2.5 one:none?=1.7 one:partly=0.6 one:seldom=1.3
        tab=-1.8 tabs:?=-2.2 tabs:seldom=-1.9 two=-1.8 up0=1.1 up0-=1.1 up1-=0.8 up2-=0.5 uplike=1.2
        upother=0.6
    """,
        "hash": """
        alike1=2.2 alike1w=3.4 alike2=1.6 alike2w=4.2 blanks:?=-2.5 blanks:always=-1.7 donor=1.6
        donorw=9 one=2.9 one:never=1.8 one:none=2.8 one:none?=1.1 one:partly=1 one:seldom=1.5
        tab=-1.3 tabs:?=-1.6 tabs:seldom=-1.9 two=-1.9
    """,
        "hung": """
        alike1=2 alike1w=3.4 alike2=1.7 alike2w=4.1 asaw=1 blanks:?=-1.1 blanks:always=-1.7
        donor=1.5 donorw=2.3 down0=0.6 downlike=1.1 fits=0.5 five=-1.5 four=-1.3 grid=2.8 gtab=0.8
        gtabs=1 hang=1.5 hangt=1.1 hblank=0.5 hstop=-0.6 htab=0.5 htab2s=-0.6 one=1.2 one0w=-0.6
        one:always=-1.1 one:none?=1 one:partly=0.8 oneA.=-0.5 oneAw=-1 oneaw=-1.1 over1=0.8
        over2=0.9 oversame=4.1 tab=-1 tabs=-1.1 tabs:?=-1.6 tabs:seldom=-2.1 tabss=-1.7 three=-1.2
        torn=-0.7 two=-1 up0=1.2 up0-=1.1 up1-=0.8 up2-=0.6 uplike=1.2 upother=0.7 usual0=0.8
        wide3=1.1 wide4=0.6 wideA.=0.7
    """,
        "init": """
        alike0=1.3 alike0w=0.7 alike1=2.1 alike1w=3.4 alike2=1.7 alike2w=6 alikec=2.3 blanks:?=-1.9
        blanks:always=-1.1 donor=1.6 donorw=1.8 down0=0.7 down0-=0.6 downcol=-0.6 fits=0.7 five=-1.2
        four=-1.5 gblank=0.7 grid=3.8 gridb=2.2 gtab=1.6 gtab2=0.8 gtabs=1.3 hblank=1.1 hblank2=0.7
        hblanks=0.6 htab2s=-0.6 loose=0.6 one=1.7 one:always=-1 one:never=1.2 one:none=1.8
        one:none?=1.1 one:partly=1 one:seldom=1.2 one:some?=0.5 tab=-1.4 tabs=-0.6 tabs:?=-0.7
        tabs:always=-0.7 tabs:seldom=-2 tabss=-1.1 three=-1.4 torn=-0.9 two=-0.9 up0=2 up0-=1
        up1-=1.2 up2-=0.6 upcol=0.5 uplike=0.6 upother=1.5 usual0=0.8 usual1=1
    """,
        "item": """
        alike0=1.3 alike0w=0.7 alike1=1.9 alike1w=3.5 alike2=1.7 alike2w=4.3 alikec=1.6 asaw=1.2
        asx.=1.1 asx.+=0.9 asxw=0.6 below1=-0.5 belowsame=0.8 blanks:?=-0.9 blanks:always=-1.7
        donor=1.5 donorw=2.3 down0=0.6 downlike=1.6 fits=0.6 five=-1.6 four=-1.6 gblank2=0.7
        grid=2.5 gridb=1.7 gstop=-0.6 gtab=0.7 gtabs=0.9 hang=0.6 hang@=1.7 hblank=0.6 hblank2=0.5
        hstop=-0.6 htab=0.5 htab2s=-0.6 one=1.3 one0w=-0.6 one:always=-0.8 one:never=1.4
        one:none=1.9 one:none?=0.9 one:partly=0.8 oneAw=-1 oneaw=-0.7 onex:=-0.7 over1=0.8
        oversame=3.9 tab=-1.1 tabs=-1.7 tabs:?=-1.8 tabs:seldom=-2 tabss=-1.7 three=-1.2 torn=-0.7
        up0=1 up0-=1.1 up1-=0.7 up2-=0.6 upcol=0.6 uplike=1.9 upother=0.7 usual0=1 usual1=0.5
        wide2=0.9 wide3=1.1
    """,
        "lead": """
        alike0=1.2 alike0w=0.7 alike1=1.9 alike1w=3.4 alike2=1.7 alike2w=4.8 blanks:?=-0.9 donor=1.5
        donorw=2.3 down0=0.7 downlike=0.6 five=-1.7 four=-1.1 gblank=0.5 grid=2.9 gridb=1.8 gtab=0.9
        gtabs=1 hblank=0.5 hblank2=0.5 hstop=-0.6 htab=0.5 one=0.9 one:always=-1 one:never=1.4
        one:none=1.8 one:none?=0.8 one:partly=1 tab=-0.7 tabs=-1.3 tabs:?=-1.6 tabs:seldom=-2.1
        tabss=-1.8 three=-1.7 torn=-0.7 up0=1.3 up0-=1.5 up1-=0.7 uplike=2.1 upother=0.7 usual0=1.3
        usual1=0.7
    """,
        "member": """
        alike0=1 alike0w=0.7 alike1=2.7 alike1w=4 alike2=1.2 alike2w=4.1 alikec=1.7 blanks:?=-2.2
        blanks:always=-1.5 donor=1.5 donorw=2.3 down0=0.7 down0-=0.8 fits=0.5 five=-1.6 four=-1.1
        gblank=0.8 grid=3.5 gridb=1.8 gtab=1.1 gtab2=0.7 gtab22=0.6 gtabs=1.1 hblank2=0.6 hstop=-0.6
        htab=0.7 htab2s=-0.7 one=1.2 one:always=-1.4 one:never=1.7 one:none=1.6 one:none?=1.4
        one:partly=0.9 one:seldom=1 one:some?=0.5 tabs=-0.9 tabs:?=-0.9 tabs:mostly=0.6
        tabs:seldom=-1.5 tabss=-1.7 three=-1.3 torn=-1.2 up0=1.5 up0-=1.6 up1-=0.7 upcol=0.5
        uplike=1.3 upother=1.5 usual0=0.9 usual1=0.7
    """,
        "nested": """
        blanks:?=-1.2 blanks:always=-1.7 donor=1.5 donorw=2.6 level=-0.9 one=0.9 one:always=-1.4
        one:none?=1.2 one:partly=0.7 parent=1.2 sibling=2.9 tab=-0.6 tabs=-0.7 tabs:?=-1.7
        tabs:always=0.7 tabs:seldom=-2.1 three=-1.7
    """,
        "option": """
        alike0=1.2 alike0w=0.7 alike1=1.9 alike1w=3.4 alike2=1.9 alike2w=4.2 blanks:?=-1.8
        blanks:always=-1.6 donor=1.5 donorw=2.3 down0-=0.6 downlike=0.7 five=-1.6 four=-1.6
        gblank=0.6 gtab=0.9 gtabs=1.1 hblank=0.5 hblank2=0.5 hstop=-0.6 htab=0.5 htab2s=-0.6 one=2.3
        one:none=1.9 one:none?=1.7 one:some?=0.5 tab=-1 tabs=-1.3 tabs:?=-1.7 tabss=-1.7 three=-1.5
        torn=-0.7 two=-0.9 up0=1.1 up0-=1.1 up1-=0.7 up2-=0.5 uplike=1.1
    """,
        "proto": """
        alike0=1.3 alike0w=0.7 alike1=2.3 alike1w=3.4 alike2=1.9 alike2w=4.4 blanks:?=-2.4
        blanks:always=-1.6 donor=1.5 donorw=2.2 down0=0.6 down0-=1.2 downlike=1.3 fits=0.5 five=-1.8
        four=-1.8 gblank=0.5 grid=2.6 gridb=1.7 gtab=0.9 gtabs=1 hblank=0.5 hblank2=0.5 hstop=-0.6
        htab=0.5 htab2s=-0.6 one=3.1 one:never=1.9 one:none=2.6 one:none?=2 one:partly=0.9
        one:seldom=1.4 tab=-1.3 tabs=-1.5 tabs:?=-2.4 tabs:seldom=-1.9 tabss=-1.9 three=-1.7
        torn=-0.7 two=-0.8 up0=1.1 up0-=1.7 up1-=0.7 up2-=0.5 upcol=0.7 uplike=1.7 upother=0.6
        usual0=1.3 usual1=0.5
    """,
        "row": """
        alike0=1.3 alike0w=0.7 alike1=2.2 alike1w=3.4 alike2=1.8 alike2w=4.5 belowsame=0.7
        blanks:?=-2.2 blanks:always=-1 donor=1.7 donorw=2.3 down0=0.8 down0-=0.9 down1-=0.7
        down2-=0.7 downlike=1.2 downother=-0.7 fits=0.6 five=-1.7 four=-1.8 gblank=0.8 grid=3.2
        gridb=1.9 gstop=-0.5 gtab=0.8 gtabs=0.9 hblank=0.6 hstop=-0.6 htab2s=-0.6 one=2.1
        one:never=1.8 one:none=1.8 one:none?=1.2 one:partly=0.7 one:seldom=1.6 over1=1.3 over2=0.9
        oversame=4.1 tabs=-1.5 tabs:?=-1.1 tabs:mostly=0.7 tabs:seldom=-2.1 tabss=-1.6 three=-1.5
        torn=-0.8 two=-0.9 up0=1.7 up0-=1.9 up1-=0.9 up2-=1 upcol=0.5 uplike=1.8 upother=0.6
        usual0=1 usual2=0.6
    """,
        "sentence": """
        alike0=1 alike0w=0.7 alike1=2 alike1w=3.6 alike2=2.2 alike2w=5 alikec=1.3 belowsame=0.7
        blanks:?=-0.5 donor=1.6 donorw=9 last=2.8 near=0.7 one=1.5 one:always=-0.9 one:mostly=0.6
        one:never=1.4 one:none=2.3 one:partly=1.1 one:seldom=1.4 over1=0.6 over2=0.8 oversame=4
        tab=-2 tabs:?=-2.2 tabs:seldom=-2.4 two=0.6
    """,
        "star": """
        alike0=1.2 alike0w=0.7 alike1=1.7 alike1w=3.9 alike2=2.4 alike2w=4.3 alikec=1.9 asA.+=2.1
        asAw=-1 asAw+=1 asa;=0.8 asa;+=0.8 asaw=2.9 asx.=1.1 asx.+=2.2 asxw=1 bare=-1.2 bares=1.4
        belowsame=0.8 blanks:?=-1.8 blanks:always=-2.4 blanks:mostly=-0.8 blanks:partly=-1
        blanks:seldom=-1 donor=2.6 donorw=9 downlike=1 five=-1.9 four=-2.1 gblank=0.7 gblank3=0.7
        gblank32=0.7 grid=0.9 gridb=1.6 gstop=-0.7 gstop2=-0.6 gtab22=0.7 gtabs=0.6 hang@=4
        hang@-1=2.5 hang@t=0.7 hblanks=0.6 hstop=-1.1 hstops=-0.7 htab=1.7 htab2=0.5 htab2s=-0.9
        one=3.1 one0w=-1.1 one:always=-1.5 one:mostly=-0.9 one:never=2.7 one:none=2.4 one:none?=0.8
        one:partly=1.5 one:seldom=2.8 one:some?=0.7 oneA.=-1.1 oneA:=-0.9 oneA^=1.8 oneAw=-2.5
        onea,=-0.5 onea.+=1.5 onea:=-0.6 onea:+=-0.6 onea;=-0.9 onea;+=-0.7 onea^=1.5 oneaw=-1.8
        onex.=-0.7 onex.+=-0.8 onexw=-1 over2=2.1 oversame=3.9 tab=-1.6 tabs=-1.7 tabs:?=-2.5
        tabs:always=1.2 tabs:mostly=1.3 tabs:seldom=-2.3 tabss=-2.7 three=-1.6 title=3 titleb=3
        torn=-0.6 two=-1.4 up0=-1.2 up0-=1.1 uplike=3.1 usual0=0.9 usual2=0.5 wide0w=-0.6 wide2=0.7
        wide3=1.6 wideA.=1.3 wideA.+=-1 wideA:=0.6 wideA^=-0.9 wideAw+=0.5 widea.+=-0.7 widea:=0.6
        widea:+=0.5 widea;+=0.6 widex.+=-0.7
    """,
        "string": """
        alike0=1.4 alike0w=0.7 alike1=2.2 alike1w=4.1 alike2=2.4 alike2w=4.4 alikec=1.9
        belowsame=0.7 blanks:?=-3 blanks:always=-1.6 donor=1.7 donorw=9 one=3.7 one:always=-0.9
        one:never=3.1 one:none=2.4 one:none?=2.1 one:partly=0.9 one:seldom=1.4 over1=0.7 over2=0.7
        oversame=4 tab=-1.7 tabs=-2.2 tabs:?=-3 tabs:seldom=-2.2 three=-2 two=-1.8
    """,
        "tag": """
        alike0=1.2 alike0w=0.7 alike1=2 alike1w=3.4 alike2=1.6 alike2w=3.9 alikec=1.5 blanks:?=-1.9
        blanks:always=-1.6 donor=1.6 donorw=2.3 down0=0.6 down0-=0.5 downlike=0.8 grid=2.7 one=2.3
        one:always=-1.2 one:never=1.7 one:none=2 one:none?=1.8 one:partly=0.8 one:seldom=1.4
        tab=-1.3 tabs:?=-2.1 tabs:seldom=-2 two=-1.3 up0=1.3 up1-=0.9 up2-=0.6 upcol=0.6 uplike=1.3
        upother=0.6
    """,
        "trailing": """
        alike0=1.3 alike0w=0.7 alike1=2.2 alike1w=3.5 alike2=2.1 alike2w=4.8 alikec=1.6 bare=-0.5
        blanks:?=-2.2 blanks:always=-1.9 blanks:mostly=-0.6 donor=1.6 donorw=2.3 down0=0.9
        downother=-0.7 fits=0.9 five=-1.6 four=-1.9 gblank=0.7 gblank2=0.7 grid=3.1 gridb=2 gtab=1.4
        gtabs=1.8 hblank=0.5 hblank2=0.7 hstop=-0.6 htab=0.6 htab2s=-0.6 one=1.9 one:always=-0.9
        one:never=1.4 one:none=1.9 one:none?=1.1 one:partly=0.9 one:some?=0.8 tabs=-0.7 tabs:?=-0.7
        tabs:seldom=-2.1 tabss=-1.9 three=-1.6 torn=-0.8 up0=1.7 up1-=0.7 upcol=0.6 uplike=1.7
        usual0=1.3 usual1=0.8 usual2=0.9
    """,
        "type": """
        alike0=1.3 alike0w=0.7 alike1=2 alike1w=3.7 alike2=1.7 alike2w=4.6 alikec=1.8 blanks:?=-2.2
        blanks:always=-1.7 donor=1.6 donorw=9 one=2.4 one:never=1.7 one:none=1.9 one:none?=1.6
        one:partly=0.7 one:seldom=1.7 tab=-1.1 tabs:?=-1.5 tabs:mostly=0.5 tabs:seldom=-1.9 two=-1.7
    """,
        "value": """
        alike0=1.3 alike0w=0.7 alike1=2.8 alike1w=4.1 alike2=1.7 alike2w=4.1 alikec=2 blanks:?=-2.2
        blanks:always=-1.4 donor=1.5 donorw=1.7 down0=0.7 down0-=0.9 downlike=0.9 downother=-0.8
        fits=0.6 five=-1.5 four=-2.1 gblank=0.9 gmixeds=-0.5 grid=3.8 gridb=2 gtab=1.5 gtab2=0.9
        gtab22=0.9 gtabs=1.8 hblank=0.7 hblank2=0.8 hstop=-0.5 htab=0.6 htab2s=-0.7 one=1
        one:always=-0.8 one:never=1.5 one:none=1.7 one:none?=0.7 one:partly=1 one:seldom=1.6
        one:some?=0.5 tabs:mostly=0.8 tabs:partly=-0.8 tabs:seldom=-1.8 tabss=-1.1 three=-1.4
        torn=-0.8 two=-0.5 up0=1.6 up0-=1.8 up1-=1.1 up2-=0.5 upcol=0.8 uplike=1.3 usual0=1.3
        usual1=1.4
    """,
    }
)
