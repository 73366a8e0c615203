# SPDX-License-Identifier: GPL-2.0-or-later
"""Reports and bundles of version 1 as those of version 2. Pure: JSON values in and out.

Version 1 kept excerpts of what the stages gave, under names of its own. What it left out
(mails, hunks, a manifest but for its counters, hashes of trees) stays empty; nothing is made
up. New warnings of an image were a list of their own, and follow from those of the images.
"""

from __future__ import annotations

import re
from typing import Any

Values = dict[str, Any]
#: How a file of version 1 begins: patchtool writes its fields in order.
_BEGIN = re.compile(rb'\s*\{\s*"schema_version"\s*:\s*1\s*[,}]')
_DESCRIBED = re.compile(r"(?P<name>.*?)(?: \((?P<chosen_by>.*)\))?\Z", re.DOTALL)
#: What fields were where they were left out; not all were there from the beginning.
_REPORT: Values = {
    "apply": [], "kconfig": [], "images": [], "elf": None, "control": None, "patched": None,
    "other_runs": [],
}  # fmt: skip
_SERIES: Values = {
    "revision": 1, "message_id": None, "patches": [], "counters": [], "uses": [],
    "invariants": [],
}  # fmt: skip
_PATCH: Values = {"author": "", "paths": []}
_BASE: Values = {"tag": None, "release": "", "describe": ""}
_APPLY: Values = {"commit": None, "detail": "", "conflicts": []}
_CONFLICT: Values = {"hunk": "", "expected": "", "found": ""}
_CONFIG: Values = {"fragment": "", "symbols": [], "digest": ""}
_SYMBOL: Values = {"got": "", "reason": "", "ok": True, "needed": True}
_WARNING: Values = {"path": "", "line": None, "flag": ""}
_IMAGE: Values = {
    "patch": None, "variant": "on", "tree": "", "config": "", "warnings": [], "linked": True,
    "seconds": 0, "cpu_seconds": 0, "cached": False, "log": "",
}  # fmt: skip
_ELF: Values = {
    "symbols": [], "sections": [], "total": None, "exports_added": [], "exports_removed": [],
    "events_before": None, "events_after": None, "seconds": 0,
}  # fmt: skip
_EVENTS: Values = {"names": None, "expected": None, "detail": ""}
_RUN: Values = {"plan": "", "tests": [], "complete": True, "seconds": 0}


def is_version_1(text: bytes) -> bool:
    """Whether a file is one of version 1."""
    return _BEGIN.match(text) is not None


def report(old: Values) -> Values:
    """What ``report.json`` said, as version 2 says it.

    Raises:
        LookupError, TypeError, AttributeError: It is not as patchtool wrote it.
    """
    old = _REPORT | old
    series = _SERIES | old["series"]
    images = [_IMAGE | image for image in old["images"]]
    return {
        **old,
        "schema_version": 2,
        "series": _series(series),
        "counters": {
            "adds": series["counters"],
            "uses": series["uses"],
            "invariants": series["invariants"],
        },
        **_base(_BASE | old["base"]),
        "apply": [_applied(_APPLY | patch) for patch in old["apply"]],
        "kconfig": [_config(_CONFIG | config) for config in old["kconfig"]],
        "images": [_image(image) for image in images if image["linked"]],
        "compiled": [{**_built(i), "folders": []} for i in images if not i["linked"]],
        "elf": old["elf"] and _elf(_ELF | old["elf"]),
        "control": old["control"] and _run(old["control"]),
        "patched": old["patched"] and _run(old["patched"]),
        "other_runs": [_run(run) for run in old["other_runs"]],
    }


def rerun_plan(old: Values) -> Values:
    """What a bundle's ``plan.json`` said, as version 2 says it.

    Raises:
        LookupError, TypeError, AttributeError: It is not as patchtool wrote it.
    """
    return {**old, "schema_version": 2, **_base(_BASE | old["base"])}


def _base(base: Values) -> Values:
    named = _DESCRIBED.match(base["describe"])
    assert named is not None
    chosen = {
        "commit": base["commit"],
        "tree": "",
        "release": {"version": base["release"] or (base["tag"] or "").removeprefix("v")},
        "name": named["name"],
        "chosen_by": named["chosen_by"] or "",
    }
    return {"tree": base["tree"], "base": chosen if base["commit"] else None}


def _series(series: Values) -> Values:
    same = ("name", "title", "revision", "message_id")
    patches = [_patch(_PATCH | patch) for patch in series["patches"]]
    kept = {name: series[name] for name in same}
    return {**kept, "cover": None, "patches": patches, "manifest": None}


def _patch(patch: Values) -> Values:
    none = dict.fromkeys(("old_blob", "new_blob", "new_mode"))
    files = [{"old_path": p, "new_path": p, "hunks": [], **none} for p in patch["paths"]]
    kept = {name: patch[name] for name in ("number", "subject", "author")}
    return {**kept, "date": "", "message": "", "message_id": None, "files": files, "raw": ""}


def _applied(patch: Values) -> Values:
    return {**patch, "tree": None, "conflicts": [_CONFLICT | c for c in patch["conflicts"]]}


def _config(config: Values) -> Values:
    symbols = [_SYMBOL | symbol for symbol in config["symbols"]]
    lost = [symbol for symbol in symbols if not symbol["ok"]]
    return {
        "variant": config["variant"],
        "fragment": config["fragment"],
        "digest": config["digest"],
        "asked": {symbol["name"]: symbol["wanted"] for symbol in symbols},
        "origins": {symbol["name"]: symbol["reason"] for symbol in symbols if symbol["ok"]},
        "missing": [_missing(symbol) for symbol in lost if symbol["needed"]],
        "uncompiled": [_missing(symbol) for symbol in lost if not symbol["needed"]],
    }


def _missing(symbol: Values) -> Values:
    kept = {name: symbol[name] for name in ("wanted", "got", "reason")}
    return {"symbol": symbol["name"], **kept}


def _image(image: Values) -> Values:
    log = {"log": image["log"]} if image["log"] else {}
    return {**_built(image), "toolchain": "", "release": "", "steps": 0, **log}


def _built(image: Values) -> Values:
    same = ("label", "patch", "tree", "config", "variant", "seconds", "cpu_seconds", "cached")
    warnings = [_warning(_WARNING | warning) for warning in image["warnings"]]
    return {**{name: image[name] for name in same}, "warnings": warnings}


def _warning(warning: Values) -> Values:
    kept = {name: warning[name] for name in ("flag", "text")}
    return {"file": warning["path"], "line": warning["line"] or 0, **kept}


def _elf(elf: Values) -> Values:
    symbols = [{"kind": "", **symbol} for symbol in elf["symbols"]]
    both = [symbol for symbol in symbols if symbol["before"] and symbol["after"]]
    diff = {
        "added": [symbol for symbol in symbols if not symbol["before"]],
        "removed": [symbol for symbol in symbols if symbol["before"] and not symbol["after"]],
        "grown": [symbol for symbol in both if symbol["after"] > symbol["before"]],
        "shrunk": [symbol for symbol in both if symbol["after"] <= symbol["before"]],
        "exports_added": elf["exports_added"],
        "exports_removed": elf["exports_removed"],
        "sections": elf["sections"],
        "total": elf["total"] or (0, 0),
    }
    before, after = elf["events_before"], elf["events_after"]
    return {
        "diff": diff,
        "base": before and _events(before),
        "patched": after and _events(after),
        "seconds": elf["seconds"],
    }


def _events(events: Values) -> Values:
    events = _EVENTS | events
    detail = events["detail"] or f"{events['names']} names for {events['expected']} events"
    return {
        "entries": events["names"] or 0,
        "expected": events["expected"] or 0,
        "added": [],
        "problems": [] if events["ok"] else [detail],
    }


def _run(run: Values) -> Values:
    return {name: value for name, value in (_RUN | run).items() if name != "log"}
