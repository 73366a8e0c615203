# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the message of a mail ends for git, and what stands there that was no end. Pure.

``git mailinfo`` takes for the end of the message the first line that may begin a diff, wherever
it stands: ``---`` alone, ``--- NAME``, ``diff -`` or ``Index: ``.
"""

from __future__ import annotations

import re

#: A line that ends the message.
BREAK = re.compile(rb"^(?:---[^\S\n]*$|--- \S|diff -|Index: )", re.MULTILINE)


def mailable(message: str) -> str:
    """A message that no line of its own ends: a blank stands in front of each that would."""
    return BREAK.sub(rb" \g<0>", message.encode()).decode()
