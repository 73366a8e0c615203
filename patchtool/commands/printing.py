# SPDX-License-Identifier: GPL-2.0-or-later
"""The way to standard output for every verb.

Subjects, names and messages come from mails, trees and servers. A terminal must not obey them, and
what is piped ends on a terminal too. Blocks with colours go by :mod:`patchtool.report.layout`,
which cleans the text of each span.
"""

from __future__ import annotations

import click

from patchtool.core.text import clean, escaped_json


def put(text: str, *, newline: bool = True, err: bool = False) -> None:
    """Print text without what a terminal would obey.

    Args:
        text: It may have several lines.
        newline: End it with one.
        err: On standard error.
    """
    click.echo(clean(text), nl=newline, err=err)


def put_json(text: str) -> None:
    """Print JSON: the same value, with what a terminal would obey written as an escape."""
    click.echo(escaped_json(text))
