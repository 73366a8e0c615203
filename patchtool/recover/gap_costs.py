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
        again=0.7 alike0=1.2 alike1=2.7 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=1 bares=0.8
        blanks:?=-2 blanks:always=-1.7 blanks:partly=-0.7 donor=1.6 donorw=1.6 down0=1.2
        downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=3.5 gridb=1.5 gstop=-0.5
        gtab=0.9 gtabs=0.5 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7
        loose=0.5 neat=6 one=2.7 one:never=1.1 one:none=2 one:none?=1.8 one:partly=0.6
        one:seldom=1.3 one:some?=0.7 tab=-1.6 tabs=-2 tabs:?=-1.2 tabs:mostly=0.5 tabs:seldom=-1.8
        tabss=-2.7 three=-1.8 torn=-1.1 two=-1.5 unlike=-0.6 up0=1 up2-=0.5 uplike=0.8 usual0=2
        usual1=0.5
    """,
        "assign": """
        again=0.7 alike0=1.2 alike1=1.8 alike1w=3.4 alike2=2.2 alike2w=4.5 alikec=0.9 bares=0.8
        blanks:?=-2.2 blanks:always=-1.6 blanks:partly=-0.7 donor=1.6 donorw=1.6 down0=1.1
        downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=2.9 gridb=1.5 gstop=-0.5
        gtab=0.9 gtabs=0.5 hblank=0.6 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7
        loose=0.5 neat=6 one=2.7 one:never=2.2 one:none=2 one:none?=1.6 one:partly=0.6
        one:seldom=1.3 tab=-1.6 tabs=-2 tabs:?=-2 tabs:mostly=0.5 tabs:seldom=-1.8 tabss=-2.6
        three=-1.8 torn=-1.1 two=-1.5 unlike=-0.6 up0=0.9 up0-=1.6 up2-=0.5 uplike=2 usual0=1
        usual1=0.5
    """,
        "backslash": """
        alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=0.9 bares=0.8 blanks:?=-1.7
        blanks:always=-1.6 blanks:partly=-0.7 donor=1.6 donorw=1.6 down0=1.1 down0-=0.8 downlike=0.8
        even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=3.4 gridb=1.5 gstop=-0.5 gtab=0.8
        gtabs=0.5 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7 loose=0.5
        neat=6 one=0.9 one:never=1.1 one:none=2 one:partly=0.6 one:seldom=1.3 one:some?=0.7 tab=-1.6
        tabs=-2 tabs:mostly=0.5 tabs:seldom=-1.8 tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5
        unlike=-0.6 up0=1.5 up0-=2.1 up1-=1.1 up2-=1.4 uplike=1.2 usual0=1.3
    """,
        "bullet": """
        again=0.7 alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 bares=0.8 blanks:?=-1.3
        donor=1.6 donorw=1.6 down0=1.1 downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.7
        gridb=1.5 gstop=-0.5 gtab=0.9 gtabs=0.5 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5
        htab=0.6 htab2s=-0.7 neat=6 one=1.7 one:none=2 one:none?=1.5 one:partly=0.6 tab=-1.6 tabs=-2
        tabs:?=-1.2 tabs:seldom=-1.8 tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5 unlike=-0.6 up0=0.7
        up0-=1.2 up2-=0.5 uplike=1.3 usual0=1
    """,
        "code": """
        alike0=1.7 alike1=2.7 alike1w=3.4 alike2=2.8 alike2w=4.5 alikec=0.8 belowsame=1.1
        blanks:?=-2.9 blanks:always=-2 blanks:partly=-0.7 blanks:seldom=-1.3 donor=2.4 donorw=9
        one=2.9 one:never=2.6 one:none=2.6 one:none?=1.9 one:partly=0.6 one:seldom=2.7 over1=1.5
        over2=0.6 oversame=9 tab=-3.5 tabs=-4.2 tabs:?=-2.5 tabs:mostly=0.5 tabs:seldom=-2.5
        three=-4.1 two=-3
    """,
        "comment": """
        alike0=1.2 alike1=1.9 alike1w=3.4 alike2=2.8 alike2w=4.5 alikec=-2.1 belowsame=1.7
        blanks:?=-2 blanks:always=-1.9 blanks:partly=-0.7 donor=2 donorw=9 one=3.1 one:never=2.3
        one:none=2.8 one:none?=3 one:partly=0.6 one:seldom=3 over1=0.7 over2=1.7 oversame=6.9
        tab=-3.5 tabs=-4 tabs:?=-3.6 tabs:mostly=0.5 tabs:seldom=-3 three=-4.3 two=-3.1
    """,
        "dash": """
        again=0.7 alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=1.2 bares=0.8
        belowsame=1.1 blanks:?=-1.8 blanks:always=-1.6 blanks:partly=-0.7 donor=1.6 donorw=1.6
        down0=1.1 downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=2.5 gridb=1.5
        gstop=-0.5 gtab=0.9 gtabs=0.5 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6
        htab2s=-0.7 list=6 loose=0.5 neat=6 one=2.8 one:never=1.1 one:none=2.1 one:none?=1.9
        one:partly=0.6 one:seldom=1.3 one:some?=0.7 over1=0.7 over2=0.7 oversame=4.1 tab=-1.6
        tabs=-2 tabs:?=-1.4 tabs:mostly=0.5 tabs:seldom=-1.8 tabss=-2.6 three=-1.8 torn=-1.1
        two=-1.5 unlike=-0.6 up0=0.7 up0-=1.2 up2-=0.5 uplike=1.3 usual0=1.1 usual1=0.5
    """,
        "decl": """
        again=0.7 alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.8 alike2w=4.5 alikec=0.9 bares=0.8
        blanks:?=-2.7 blanks:always=-1.6 blanks:partly=-0.7 donor=1.8 donorw=1.6 down0=1
        downlike=0.9 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=2.5 gridb=1.5 gstop=-0.5
        gtab=0.9 gtabs=0.5 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7
        loose=0.5 neat=6 one=3.6 one:never=2.4 one:none=2.3 one:none?=1.9 one:partly=0.6
        one:seldom=1.3 tab=-1.6 tabs=-2 tabs:?=-2.4 tabs:mostly=0.5 tabs:seldom=-1.8 tabss=-2.6
        three=-1.8 torn=-1.1 two=-1.5 unlike=-0.6 up0=0.7 up0-=1.2 up2-=0.5 uplike=1.3 usual0=1
        usual1=0.5
    """,
        "define": """
        alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=0.9 bares=0.8 blanks:?=-1.2
        blanks:always=-1.6 donor=1.6 donorw=1.6 down0=1.1 downlike=0.7 even=6 fits=0.6 five=-2.6
        four=-2.4 gblank=0.7 grid=3.4 gridb=1.5 gtab=0.9 gtabs=0.5 hblank=0.7 hblanks=0.5 hstop=-0.5
        htab=0.6 htab2s=-0.7 neat=6 one=2.8 one:never=1.1 one:none=2 one:none?=1.2 one:partly=0.6
        one:seldom=1.3 one:some?=0.7 tab=-1.6 tabs=-2 tabs:?=-2 tabs:always=-0.6 tabs:seldom=-1.8
        tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5 up0=1.1 up0-=1.2 uplike=1.7 usual0=0.6 usual1=0.5
    """,
        "enum": """
        again=0.7 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=0.9 bares=0.8 blanks:?=-1.3
        blanks:always=-1.6 down0=1.1 downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=1.1
        grid=3.2 gridb=1.5 gstop=-0.5 gtab=0.9 gtabs=0.5 hblank=0.7 hblank3=-0.5 hblanks=0.5
        hstop=-0.5 htab=0.6 htab2s=-0.7 loose=0.5 neat=6 one=1 one:never=1.1 one:none=2
        one:none?=1.1 one:partly=0.6 tab=-1.5 tabs=-2 tabs:?=-0.9 tabs:mostly=0.5 tabs:seldom=-1.8
        tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5 unlike=-0.6 up0=1.4 up0-=1.3 up2-=0.5 uplike=1.3
        usual0=1.1 usual1=0.5
    """,
        "global": """
        alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.8 alike2w=4.5 alikec=0.9 bares=0.8 blanks:?=-2.3
        blanks:always=-1.6 donor=1.6 donorw=1.6 down0=1.1 downlike=0.8 one=3.1 one:never=1.6
        one:none=2.4 one:none?=1.8 one:partly=0.6 one:seldom=1.3 tab=-2.7 tabs:?=-2.1
        tabs:seldom=-1.8 two=-2.5 up0=0.7 up0-=1.2 up2-=0.5 uplike=1.3
    """,
        "hash": """
        alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 blanks:?=-2.2 blanks:always=-1.6 donor=1.6
        donorw=9 one=2.8 one:never=1.2 one:none=2.7 one:none?=1.2 one:partly=0.6 one:seldom=1.3
        tab=-1.8 tabs:?=-1.2 two=-2.5
    """,
        "hung": """
        alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 asaw=1.5 asx,=0.8 asxw=0.7 blanks:?=-0.8
        blanks:always=-1.6 blanks:seldom=-0.8 donor=1.6 donorw=1.6 down0=1.1 downlike=0.8 even=6
        fellow=2 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=2.3 gstop=-0.5 gtab=0.9 gtabs=0.5
        hang=1.5 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7 neat=6 one=1.3
        one0w=-0.7 one:always=-0.5 one:none=2 one:none?=0.7 one:partly=0.6 one:some?=1.6 oneA.=-0.5
        oneAw=-1.2 over1=0.7 over2=0.7 oversame=4.1 tab=-1.6 tabs=-2 tabs:?=-1.2 tabs:seldom=-1.8
        tabss=-2.6 three=-1.5 torn=-1.1 two=-1.5 up0-=1.2 up2-=0.5 uplike=2.3 usual1=0.5 wide2=0.6
        wide3=1.5 wideA.=0.7
    """,
        "init": """
        again=0.7 alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=2.2 bares=0.8
        blanks:?=-1.6 blanks:always=-1.3 blanks:partly=-0.7 donor=1.6 donorw=1.6 down0=1.1
        downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=3.3 gridb=1.5 gstop=-0.5
        gtab=1.1 gtabs=0.5 hblank=0.9 hblank3=-0.5 hblanks=0.5 hmixed=0.5 hstop=-0.5 htab=0.6
        htab2s=-0.7 loose=0.6 neat=6 one=1.3 one:never=1.1 one:none=2 one:none?=1.2 one:partly=0.6
        one:seldom=1.3 one:some?=0.7 tab=-1.6 tabs=-2 tabs:?=-1.1 tabs:always=-0.7 tabs:mostly=0.5
        tabs:seldom=-1.8 tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5 unlike=-0.6 up0=1.7 up0-=1.2
        up1-=0.7 up2-=0.7 uplike=0.8 upother=0.6 usual0=1 usual1=1.1
    """,
        "item": """
        again=0.7 alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=0.9 asaw=1.5
        asx.=0.6 asx.+=1 asxw=0.7 bares=0.8 belowsame=1.1 blanks:?=-1 blanks:always=-1.6
        blanks:partly=-0.7 donor=1.6 donorw=1.6 down0=1.1 downlike=1.2 even=6 fellow=2.1 fits=0.6
        five=-2.5 four=-2.3 grid=2.5 gridb=1.5 gstop=-0.5 gtab=0.9 gtabs=0.5 hang=0.7 hang@=1.5
        hang@t=0.7 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7 neat=6
        one=1.1 one0w=-0.7 one:never=1.1 one:none=2 one:none?=1.1 one:partly=0.6 one:some?=0.7
        oneA.=-0.5 oneAw=-1.2 onex.=-0.5 onex:=-0.6 over1=0.7 oversame=4.1 tab=-1.6 tabs=-2.1
        tabs:?=-1.2 tabs:seldom=-1.8 tabss=-2.6 three=-1.8 torn=-1.1 two=-1.4 unlike=-0.6 up0=0.7
        up0-=1.2 up2-=0.5 uplike=1.7 usual0=1 usual1=0.5 wide2=0.7 wide3=1.2 wideA.=0.7 widea:=0.5
    """,
        "lead": """
        alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 blanks:?=-1.2 donor=1.6 donorw=1.6
        down0=1.1 downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=2.5 gridb=1.5
        gstop=-0.5 gtab=0.9 gtabs=0.5 hblank=0.7 hblank3=-0.5 hstop=-0.5 htab=0.6 neat=6 one=1.1
        one:never=1.1 one:none=2 one:none?=1.1 one:partly=0.6 one:some?=0.7 tab=-1.6 tabs=-2
        tabs:?=-1.2 tabs:seldom=-1.8 tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5 up0=0.7 up0-=1.2
        up2-=0.5 uplike=2.2 usual0=1 usual1=0.5
    """,
        "member": """
        again=0.7 alike0=1.2 alike1=2.4 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=0.9 bares=0.8
        blanks:?=-1.9 blanks:always=-1.6 blanks:partly=-0.7 donor=1.6 donorw=1.6 down0=1
        downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.7 grid=3.3 gridb=1.2 gstop=-0.5
        gtab=1.1 gtabs=0.5 hblank=0.6 hblank3=-0.5 hstop=-0.5 htab=0.6 htab2s=-0.7 loose=0.5 neat=6
        one=1.3 one:always=-0.9 one:mostly=0.9 one:never=1.1 one:none=2 one:none?=1.2 one:partly=0.5
        one:seldom=1.3 one:some?=0.7 tab=-1.6 tabs=-2 tabs:?=-1 tabs:seldom=-1.7 tabss=-2.6
        three=-1.8 torn=-1.5 two=-1.5 unlike=-0.6 up0=0.9 up0-=1.2 up2-=0.5 uplike=1.4 usual0=1
        usual1=0.5
    """,
        "nested": """
        blanks:?=-1.3 donor=1.6 donorw=1.6 one=1.1 one:none?=1.2 one:partly=0.6 parent=1.5
        sibling=1.7 tab=-1.6 tabs=-2 tabs:?=-1.2 tabs:seldom=-1.8 three=-1.8 two=-1.5
    """,
        "option": """
        alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 bares=0.8 blanks:?=-1.3
        blanks:always=-1.6 donor=1.6 donorw=1.6 down0=1.1 downlike=0.8 even=6 fits=0.6 five=-2.5
        four=-2.3 gblank=0.6 gridb=1.5 gstop=-0.5 gtab=0.9 gtabs=0.5 hblank=0.7 hblank3=-0.5
        hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7 neat=6 one=1.8 one:none=2 one:none?=1.4
        one:some?=0.7 tab=-1.6 tabs=-2 tabs:?=-1.2 tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5 up0=0.7
        up0-=1.2 up2-=0.5 uplike=1.3
    """,
        "proto": """
        again=0.7 alike0=1.2 alike1=2 alike1w=3.4 alike2=1.6 alike2w=4.5 bares=0.8 blanks:?=-2.3
        blanks:always=-1.6 donor=1.6 donorw=1.6 down0=1.1 down0-=0.7 downlike=1.2 even=6 fits=0.6
        five=-2.5 four=-2.3 gblank=0.6 grid=2.5 gridb=1.5 gstop=-0.5 gtab=0.9 gtabs=0.5 hblank=0.7
        hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7 loose=0.5 neat=6 one=3.3
        one:never=1.4 one:none=2.5 one:none?=2 one:partly=0.6 one:seldom=1.3 tab=-1.6 tabs=-2
        tabs:?=-2.2 tabs:seldom=-1.8 tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5 unlike=-0.6 up0=0.7
        up0-=1.6 up2-=0.5 uplike=1.7 usual0=1 usual1=0.5
    """,
        "row": """
        again=0.7 alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=0.9 bare=0.5
        bares=0.8 blanks:?=-2 blanks:always=-1.6 blanks:partly=-0.6 blanks:seldom=-0.6 donor=1.6
        donorw=1.6 down0=1.1 downlike=0.8 even=6 fits=0.6 five=-2.5 four=-2.3 gblank=0.6 grid=2.5
        gridb=1.5 gstop=-0.5 gtab=0.9 gtabs=0.5 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5
        htab=0.6 htab2s=-0.7 loose=0.5 neat=6 one=1.9 one:never=1.4 one:none=2 one:none?=1.2
        one:partly=0.6 one:seldom=1.3 over1=0.7 over2=0.7 oversame=4.1 tab=-1.6 tabs=-2 tabs:?=-1.2
        tabs:mostly=0.5 tabs:seldom=-1.8 tabss=-2.6 three=-1.8 torn=-1.1 two=-1.5 unlike=-0.6
        up0=0.7 up0-=1.8 up1-=0.5 up2-=0.8 uplike=2.3 usual0=1 usual1=0.5
    """,
        "sentence": """
        alike0=1.2 alike1=1.8 alike1w=3.4 alike2=2.1 alike2w=4.5 alikec=0.9 belowsame=1.1 donor=1.6
        donorw=9 last=2.7 near=0.8 one=0.9 one:never=1.1 one:none=2.1 one:partly=0.6 one:seldom=1.3
        one:some?=0.6 over1=0.7 over2=0.7 oversame=4.1 tab=-2.7 tabs:?=-1.8 tabs:seldom=-1.9
        two=-0.6
    """,
        "star": """
        again=0.7 alike0=1.2 alike1=1.7 alike1w=3.4 alike2=2.5 alike2w=4.5 alikec=1.1 asA.+=2.1
        asAw+=1 asaw=3.5 asx,=0.5 asx.=0.7 asx.+=2.2 asxw=1.2 bares=1.9 belowsame=1.1 blanks:?=-1.3
        blanks:always=-2.4 blanks:mostly=-0.6 blanks:partly=-1.2 blanks:seldom=-1.2 donor=2.6
        donorw=9 down0=0.9 downlike=1.6 fellow=2.4 fits=0.7 five=-2.5 four=-2.4 gblank=0.6
        gblank3=1.1 gblank3s=0.9 grid=1 gridb=1.5 gstop=-0.8 gstops=-0.5 hang@=4 hang@-1=2.5
        hang@t=1.2 hblank=0.8 hblank3=-0.8 hblanks=0.7 hstop=-0.9 htab=2.4 htab2s=-0.7 htabs=0.7
        loose=0.5 one=2.8 one0w=-1 one:mostly=-0.9 one:never=1.6 one:none=2.2 one:none?=1.1
        one:partly=0.8 one:seldom=2.5 one:some?=0.7 one@:=-2.2 oneA.=-1 oneA.+=0.6 oneA^=1.8
        oneAw=-2.5 oneAw+=0.7 onea.+=2.1 onea:=-0.5 onea;=-0.6 onea^=1.6 oneaw=-1.1 onex.=-0.8
        onexw=-0.8 over1=0.7 over2=1.8 oversame=3.9 tab=-2.1 tabs=-2 tabs:?=-2.1 tabs:always=1.5
        tabs:mostly=0.7 tabs:seldom=-2.4 tabss=-3.4 three=-1.8 title=3 titleb=3 torn=-1.1 two=-1.6
        unlike=-0.6 up0=-1.8 up0-=1.2 upcol=-1.5 uplike=2.7 usual0=1 wide2=1.1 wide3=2.1 wide4=0.6
        wide@:=2.3 wideA.=1.4 wideA.+=-0.5 wideA^=-0.6 widea.+=-0.7 widea:=0.8
    """,
        "string": """
        alike0=1.2 alike1=1.8 alike1w=3.4 alike2=2 alike2w=4.5 alikec=0.9 belowsame=1.1
        blanks:?=-2.8 blanks:always=-1.6 blanks:partly=-0.7 donor=1.6 donorw=9 one=3.5 one:never=2.7
        one:none=2.4 one:none?=1.9 one:partly=0.6 one:seldom=1.3 over1=0.7 over2=0.7 oversame=4.1
        tab=-2 tabs=-2.8 tabs:?=-2.8 tabs:seldom=-1.8 three=-2.8 two=-2.5
    """,
        "tag": """
        alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=0.9 bares=0.8 blanks:?=-1.4
        blanks:always=-1.6 donor=1.6 donorw=1.6 down0=1.1 downlike=0.8 even=0.9 grid=2.5 one=2.6
        one:never=1.1 one:none=2 one:none?=1.9 one:partly=0.6 one:seldom=1.3 tab=-1.7 tabs:?=-1.9
        tabs:seldom=-1.8 two=-1.7 up0=0.7 up2-=0.5 uplike=1.3
    """,
        "trailing": """
        again=0.7 alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.8 alike2w=4.5 alikec=0.9 bares=0.8
        blanks:?=-2.1 blanks:always=-1.6 blanks:partly=-0.7 donor=1.6 donorw=1.6 down0=1.1
        downlike=0.8 even=6 fits=0.7 five=-2.6 four=-2.4 gblank=0.6 grid=2.4 gridb=1.9 gstop=-0.5
        gtab=1.2 gtabs=0.6 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6 htab2s=-0.7
        loose=0.5 neat=6 one=1.4 one:always=-0.8 one:never=1.1 one:none=2 one:none?=1.2
        one:partly=0.9 one:some?=0.7 tab=-1.6 tabs=-2.3 tabs:?=-0.7 tabs:mostly=0.5 tabs:seldom=-1.8
        tabss=-2.8 three=-2 torn=-1.1 two=-1.5 unlike=-0.6 up0=0.6 up0-=0.8 uplike=1.3 usual0=1.2
        usual1=0.5
    """,
        "type": """
        alike0=1.2 alike1=1.8 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=0.9 blanks:?=-1.8
        blanks:always=-1.6 donor=1.6 donorw=9 one=2.2 one:never=1.1 one:none=2 one:none?=1.3
        one:partly=0.6 one:seldom=1.3 tab=-2.1 tabs:?=-1.2 tabs:mostly=0.5 tabs:seldom=-1.8 two=-2.1
    """,
        "value": """
        again=0.9 alike0=1.2 alike1=2.4 alike1w=3.4 alike2=1.6 alike2w=4.5 alikec=1.2 bares=0.8
        blanks:?=-1.7 blanks:always=-1.6 blanks:partly=-0.7 donor=1.6 donorw=1.6 down0=1.5
        down0-=0.7 downlike=0.7 even=6 fits=0.6 five=-2.8 four=-2.6 gblank=0.6 grid=3.4 gridb=2.1
        gstop=-0.5 gtab=1.3 gtabs=1.2 hblank=0.7 hblank3=-0.5 hblanks=0.5 hstop=-0.5 htab=0.6
        htab2s=-0.7 loose=0.5 neat=6 one=1 one:never=1.1 one:none=2 one:none?=0.7 one:partly=0.6
        one:seldom=1.3 one:some?=0.7 tab=-1.1 tabs=-2.1 tabs:mostly=0.5 tabs:seldom=-1.8 tabss=-2.7
        three=-2 torn=-1.1 two=-1.5 unlike=-0.8 up0=1.3 up0-=1.7 up1-=0.8 up2-=0.8 uplike=1
        usual0=1.3 usual1=1.3
    """,
    }
)
