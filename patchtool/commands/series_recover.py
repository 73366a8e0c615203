# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool series recover``: patches from a page of a mail archive."""

from __future__ import annotations

import hashlib
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchtool.commands.man import example
from patchtool.commands.options import styled
from patchtool.commands.printing import put, put_json
from patchtool.commands.recover_report import blocks
from patchtool.errors import Exit, UsageError
from patchtool.intake.pages.page import read_page
from patchtool.intake.pages.posting import posting_of
from patchtool.recover import mails
from patchtool.recover.record import FILE_NAME, record_of
from patchtool.recover.recovery import NoFiles, recover
from patchtool.report import layout
from patchtool.tree.commit_files import base_files
from patchtool.tree.repository import ensure_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.commands.options import Context
    from patchtool.recover.record import Recovery
    from patchtool.recover.recovery import Files

REPORT = "recovery.txt"
_WIDTH = 100
_LARGEST = 32 << 20  # bytes of a page


@click.command(
    "recover",
    epilog=example(
        "make patches of a saved page, with the files of v3.6",
        "patchtool series recover page.txt --tree ~/linux --base v3.6 -o recovered",
    ),
)
@click.argument("page")
@click.option(
    "--tree",
    help="Kernel tree: the name of an imported tree, a git tree, a source folder or a tarball.",
)
@click.option("--base", "rev", help="Commit of the tree that the series is for.  [default: HEAD]")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder to write the series to."
)
@click.option("--force", is_flag=True, help="Overwrite files in that folder.")
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
    """Recover the patches on PAGE, a page of a mail archive that was saved as text.

    Such a page has lost line breaks, indentation and blanks. They are worked out from the
    tree's files, and the result is proved by the blob hashes in the index lines. Each file
    diff gets a verdict:

    \b
      proved          the new file has the hash; "bits" says how strong the proof is
      consistent      it applies and the counts agree; uncertain places are listed
      index suspect   consistent, and all other diffs are proved: the hash may be wrong
      base missing    the tree does not have the old file; its blob is named
      failed          no reading of the diff fits; the reason is named

    -o DIR gets one mail for each patch (a patch that cannot be applied ends in .incomplete),
    with-replies.mboxrd, recovery.json and recovery.txt. PAGE may be - for standard input.

    Exits with 0 if every file diff is proved or consistent, else with 1.
    """  # noqa: D301 (click reads the backspace: what follows is not wrapped)
    if rev is not None and tree is None:
        raise UsageError("--base needs --tree", hint="name the kernel tree with --tree")
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
        mails.write(output, made, force=force)
    if as_json:
        put_json(found.model_dump_json(indent=1))
    else:
        put(_text(found))
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
        shown = [styled(span.text, span.style) for span in line]
        lines.append("".join(shown).rstrip())
    return "\n".join(lines).strip("\n")
