# SPDX-License-Identifier: GPL-2.0-or-later
"""``patchtool series base``: the commit a series was made on, and what to rebase it over."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click
from pydantic_core import to_jsonable_python

from patchtool.commands.man import example
from patchtool.commands.options import series_argument
from patchtool.commands.printing import put, put_json
from patchtool.errors import Exit
from patchtool.intake.load import load_series
from patchtool.tree.base.belonging import find_base
from patchtool.tree.base.origin import Reason
from patchtool.tree.repository import ensure_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchtool.commands.options import Context
    from patchtool.intake.load import Reference
    from patchtool.tree.base.belonging import Belonging
    from patchtool.tree.base.blobs import Absent, Evidence
    from patchtool.tree.base.origin import Obstacle
    from patchtool.tree.history import Commit

_FEW = 8  # as many of a kind are shown; --json has all
_MANY = 40  # as many hunks


@click.command(
    "base",
    epilog=example(
        "find the base, and what to rebase over to reach a release",
        "patchtool series base my-series --tree ~/linux --tip v6.13-rc1",
    ),
)
@series_argument
@click.option(
    "--tree",
    required=True,
    help="Kernel tree: the name of an imported tree, a git tree, a source folder or a tarball.",
)
@click.option(
    "--tip", "rev", help="Commit to rebase it to.  [default: HEAD, or the newest release]"
)
@click.option("--json", "as_json", is_flag=True, help="Print everything, as JSON.")
@click.pass_obj
def command(context: Context, series: Reference, tree: str, rev: str | None, as_json: bool) -> int:
    """Find the commit SERIES was made on, and the commits to rebase it over.

    Candidates come from its base-commit, from the blob hashes in its index lines, from the
    releases and trees it names, and from its date. A candidate counts only if every patch
    applies there. The tree is only read, and nothing is checked out.

    If the series does not apply at the tip, each hunk that fails is printed with the commit
    that changed the lines under it. Exits with 1 if the series applies nowhere.
    """
    begin = time.monotonic()
    loaded = load_series(series, context.settings, context.progress)
    context.progress.start("base", loaded.title)
    source = ensure_tree(tree, context.settings, context.progress)
    found = find_base(loaded, source, rev, context.settings, context.progress)
    good = found.base is not None
    summary = f"{found.base_name}: {found.found_by}" if good else "none found"
    context.progress.finish("base", summary, time.monotonic() - begin, cached=False, ok=good)
    if as_json:
        put_json(json.dumps(_values(found), indent=1))
    else:
        for line in report_lines(found):
            put(line)
    return Exit.OK if good else Exit.FAILED


def _values(found: Belonging) -> dict[str, object]:
    over = to_jsonable_python(found.obstacles.over)
    values: dict[str, object] = to_jsonable_python(found)
    values["obstacles"] = {**to_jsonable_python(found.obstacles), "over": over}
    return values


def report_lines(found: Belonging) -> Iterator[str]:
    """The result as lines of text."""
    yield f"{found.title} (v{found.revision}, {_count(found.patches, 'patch')})"
    yield from _base(found)
    if found.evidence is not None:
        yield from _blobs(found.evidence)
    yield from _tip(found)
    yield from _obstacles(found)
    for note in found.notes:
        yield f"Note    {note}"


def _base(found: Belonging) -> Iterator[str]:
    if found.base is None:
        yield f"Base    none found in {found.tree}"
    else:
        name = found.base_name
        said = "" if found.base.hash.startswith(name) else f"{name}: "
        yield f"Base    {said}{_commit(found.base)}"
        applied = (
            "the patch applies" if found.patches == 1 else f"all {found.patches} patches apply"
        )
        if remarks := found.tried[-1].trial.remarks:
            applied += f", {remarks}"
        yield f"        found by: {found.found_by}; {applied}"
        if found.nearest is not None:
            near = found.nearest
            place = (
                f"{_count(near.commits, 'commit')} after {near.after}"
                if near.commits
                else near.after
            )
            place = place or "no release before it"
            yield f"        nearest tag: {place}" + (
                f"; before {near.before}" if near.before else ""
            )
        if found.releases:
            yield f"        in: {_few(found.releases)}"
        if found.until is not None:
            yield f"        its files stay as they are until {_commit(found.until)}"
    tried = [item for item in found.tried if found.base is None or not item.trial.applies]
    for item in tried[:_FEW]:
        trial = item.trial
        came = f"patch {trial.failed} does not apply ({trial.said})"
        if trial.applies:
            came = f"patch {', '.join(map(str, trial.present))} is there already"
        yield f"        tried {item.candidate.name} ({item.candidate.found_by}): {came}"
    if len(tried) > _FEW:
        yield f"        tried {len(tried) - _FEW} more"


def _blobs(evidence: Evidence) -> Iterator[str]:
    yield f"Blobs   {evidence.matched} of {evidence.total} match at {evidence.commit[:12]}"
    if evidence.new_files:
        free = evidence.new_files - evidence.taken
        yield f"        {free} of {evidence.new_files} new files are free there"
    for item in evidence.absent[:_FEW]:
        yield f"        {_absent(item)}"
    if len(evidence.absent) > _FEW:
        yield f"        and {len(evidence.absent) - _FEW} more"
    if evidence.ambiguous:
        yield f"        short for several objects, told apart by path: {_few(evidence.ambiguous)}"


def _absent(item: Absent) -> str:
    if not item.blob:
        return f"{item.path}: exists there; the series makes it"
    known = {
        "nowhere": "nowhere in this tree",
        "ambiguous": "short for several objects, none of them ever at this path",
        "elsewhere": "in this tree, but not at this path in the history that was searched",
    }[item.known]
    if item.commit:
        known = f"at this path since {item.commit[:12]}, but not together with the others"
    return f"{item.path} {item.blob[:12]}: {known}"


def _tip(found: Belonging) -> Iterator[str]:
    trial = found.at_tip
    name = f"{found.tip_name} ({found.tip.hash[:12]}, {found.tip.date})"
    there = len(trial.present)
    if trial.applies and there == found.patches:
        yield f"Tip     {name}: all of it is there already"
    elif trial.applies:
        also = f"; patch {', '.join(map(str, trial.present))} is there already" if there else ""
        yield f"Tip     {name}: applies{also}"
    else:
        yield f"Tip     {name}: patch {trial.failed} does not apply ({trial.said})"
    if found.newest_good:
        yield f"        newest release it applies to: {found.newest_good}"
    if found.first_bad:
        yield f"        first release it does not apply to: {found.first_bad}"


def _obstacles(found: Belonging) -> Iterator[str]:
    over = found.obstacles.over
    if over:
        yield "Rebase over"
        for commit in over:
            yield f"  {_commit(commit)}"
    if found.obstacles.since:
        yield "Changed again, at the same lines, by"
        for commit in found.obstacles.since[:_FEW]:
            yield f"  {_commit(commit)}"
        if len(found.obstacles.since) > _FEW:
            yield f"  and {len(found.obstacles.since) - _FEW} more"
    yield from _upstream(found)
    items = [item for item in found.obstacles.found if item.path]
    if items:
        yield "In the way at the tip"
    for item in items[:_MANY]:
        yield f"  {item.patch}/{found.patches} {item.path} {item.hunk}".rstrip()
        yield f"      {_reason(item)}"
    if len(items) > _MANY:
        yield f"  and {len(items) - _MANY} more places; --json has them all"


def _upstream(found: Belonging) -> Iterator[str]:
    upstream = [item for item in found.obstacles.found if not item.path]
    if upstream:
        yield "Upstream already, by"
    for item in upstream:
        assert item.commit is not None
        yield f"  {item.patch}/{found.patches} {_commit(item.commit)} ({item.detail})"


def _reason(item: Obstacle) -> str:
    who = f" by {_commit(item.commit)}" if item.commit else ""
    detail = f" ({item.detail})" if item.detail else ""
    return {
        Reason.CHANGED: f"changed{who}",
        Reason.DELETED: f"the file was removed{who}",
        Reason.MOVED: f"the file was moved to {item.detail}{who}",
        Reason.EXISTS: f"the file exists already, made{who}" if who else "the file exists already",
        Reason.UPSTREAM: f"already upstream{who}{detail}",
        Reason.FOLLOWS: f"no commit upstream: {item.detail}",
        Reason.UNKNOWN: f"not known: {item.detail}",
    }[item.reason]


def _commit(commit: Commit) -> str:
    return f"{commit.hash[:12]} {commit.date} {commit.subject}"


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _few(names: tuple[str, ...]) -> str:
    if len(names) <= _FEW:
        return ", ".join(names)
    return f"{', '.join(names[: _FEW - 2])}, … {names[-1]} ({len(names)})"
