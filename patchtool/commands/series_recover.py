# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool series recover``: a mail archive's page becomes patches again."""

from __future__ import annotations

import hashlib
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.recover_report import blocks
from patchtool.errors import Exit, UsageError
from patchtool.recover import mails
from patchtool.recover.page import read_page
from patchtool.recover.posting import posting_of
from patchtool.recover.record import FILE_NAME, record_of
from patchtool.recover.recovery import recover
from patchtool.recover.state import NoFiles
from patchtool.recover.write import write
from patchtool.report import layout
from patchtool.tree.base_files import base_files
from patchtool.tree.repository import ensure_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.commands.context import Context
    from patchtool.recover.record import Recovery
    from patchtool.recover.state import Files

REPORT = "recovery.txt"
_WIDTH = 100
_LARGEST = 32 << 20  # bytes of a page
_COLOUR: dict[layout.Style, dict[str, object]] = {
    "": {}, "good": {"fg": "green"}, "bad": {"fg": "red"}, "warn": {"fg": "yellow"},
    "dim": {"dim": True}, "bold": {"bold": True},
}  # fmt: skip


@click.command("recover")
@click.argument("page")
@click.option("--tree", help="Imported tree, git tree, source tarball or folder.")
@click.option("--base", "rev", help="Commit of the tree the series is for; default: its HEAD.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the series there.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    context: Context,
    page: str,
    tree: str | None,
    rev: str | None,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> int:
    r"""Recover the patches on PAGE, a mail archive's page that was turned to text.

    Line breaks, indentation and blanks that the page lost are found again with the help of
    the tree's files, and proved by the blob hashes in the index lines. Each file diff gets a
    verdict:

    \b
      proved          the new file has the hash; "bits" says how sure that is
      consistent      it applies and the counts agree; the open places are listed
      index suspect   no likely white space gives the hash, yet all else is proved
      base missing    the old file is not there, and which blob it is
      failed          no reading fits, and why

    -o DIR gets a mail for each patch (what cannot be applied ends in .incomplete), thread.mbox
    with the replies, recovery.json and recovery.txt. PAGE may be - for standard input.

    Exits with 0 if every file diff is proved or consistent, else with 1.
    """
    if rev is not None and tree is None:
        raise UsageError("--base names a commit of a tree", hint="name the tree with --tree")
    data = _page(page)
    where = "standard input" if page == "-" else Path(page).name
    read = read_page(data)
    posting = posting_of(read, where)
    with _files(context, tree, rev) as (files, against):
        context.progress.start("recover", posting.title)
        patches = recover(posting, files, context.progress)
    names = mails.names(patches) if output is not None else {}
    found = record_of(where, data, read, posting, patches, names, against)
    if output is not None:
        made = mails.files(posting, patches, hashlib.sha256(data).hexdigest()[:12])
        found = found.model_copy(update={"written": (*made, REPORT, FILE_NAME)})
        made[REPORT] = layout.plain(blocks(found), _WIDTH).encode()
        made[FILE_NAME] = (found.model_dump_json(indent=1) + "\n").encode()
        write(output, made, force=force)
    click.echo(found.model_dump_json(indent=1) if as_json else _text(found))
    return Exit.OK if found.good else Exit.FAILED


def _page(page: str) -> bytes:
    """The page's bytes."""
    if page == "-":
        data = sys.stdin.buffer.read(_LARGEST + 1)
    else:
        path = Path(page)
        if not path.is_file():
            raise UsageError(
                f"{page}: no such file", hint="save the archive's page as text, and name that file"
            )
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise UsageError(f"{page}: larger than {_LARGEST >> 20} MB; expected one archive page")
    return data


@contextmanager
def _files(
    context: Context, spec: str | None, rev: str | None
) -> Iterator[tuple[Files, tuple[str, str]]]:
    """The tree's files, and name and commit of the tree."""
    if spec is None:
        yield NoFiles(), ("", "")
        return
    tree = ensure_tree(spec, context.settings, context.progress)
    with base_files(tree, rev, context.settings) as files:
        yield files, (tree.name, files.commit)


def _text(found: Recovery) -> str:
    lines = []
    for line in layout.lines(blocks(found), _WIDTH):
        shown = [click.style(span.text, **_COLOUR[span.style]) for span in line]  # type: ignore[arg-type]
        lines.append("".join(shown).rstrip())
    return "\n".join(lines).strip("\n")
