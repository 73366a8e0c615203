# SPDX-License-Identifier: GPL-2.0-or-later
"""A series as JSON: what ``series show --json`` prints and a report holds reads back the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from patchtool.series import manifest
from patchtool.series.file_diff import FileDiff, Hunk
from patchtool.series.model import Dependency, DependsOn, Patch, Series

ADAPTER = TypeAdapter(Series)
LATIN_1 = '+\tputs("d\xe9j\xe0 vu");'.encode("latin-1")
DIFF = FileDiff("a.c", "a.c", None, None, None, (Hunk(1, 1, 1, 2, "main()", (b" {", LATIN_1)),))
RAW = b"diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1,2 @@ main()\n {\n" + LATIN_1
MANIFEST = manifest.Manifest(
    title="x",
    revision=2,
    base=manifest.Base(tag="v6.12"),
    tests=manifest.Tests(modules=("a.py",)),
)
SERIES = Series(
    name="x",
    title="x",
    revision=2,
    cover="Hello.",
    patches=(Patch(1, "x", "A <a@example.org>", "", "", None, (DIFF,), RAW),),
    manifest=MANIFEST,
    dependencies=(Dependency(DependsOn.BASE_COMMIT, "0" * 40, 0),),
)


def test_it_reads_back_the_same() -> None:
    assert ADAPTER.validate_json(ADAPTER.dump_json(SERIES)) == SERIES
    alone = replace(SERIES, manifest=None, patches=())
    assert ADAPTER.validate_json(ADAPTER.dump_json(alone)) == alone


def test_bytes_are_text_where_they_can_be() -> None:
    (patch,) = json.loads(ADAPTER.dump_json(SERIES))["patches"]
    context, added = patch["files"][0]["hunks"][0]["lines"]
    assert context == " {"
    assert added == {"base64": "KwlwdXRzKCJk6WrgIHZ1Iik7"}


def test_what_is_worked_out_stands_beside_and_is_not_believed() -> None:
    values = json.loads(ADAPTER.dump_json(SERIES))
    (patch,) = values["patches"]
    assert values["digest"] == SERIES.digest
    assert patch["patch_id"] == SERIES.patches[0].patch_id != ""
    assert (patch["paths"], patch["files"][0]["path"]) == (["a.c"], "a.c")
    assert values["manifest"] == MANIFEST.model_dump(mode="json", exclude_none=True)
    values["digest"] = patch["patch_id"] = "0" * 40
    assert ADAPTER.validate_python(values) == SERIES
    assert ADAPTER.validate_python(values).digest == SERIES.digest


def test_a_series_without_its_mails_has_no_digest() -> None:
    """It would be that of empty mails."""
    bare = replace(SERIES, patches=(replace(SERIES.patches[0], raw=b""),))
    assert bare.digest == ""
    assert replace(SERIES, patches=()).digest != ""


@pytest.mark.parametrize("raw", [{}, {"base64": 5}, {"base64": "?"}, ["a"], None])
def test_what_is_no_mail_is_refused(raw: object) -> None:
    values = json.loads(ADAPTER.dump_json(SERIES))
    values["patches"][0]["raw"] = raw
    with pytest.raises(ValidationError, match=r"patches\.0\.raw"):
        ADAPTER.validate_json(json.dumps(values))
