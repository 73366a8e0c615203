# SPDX-License-Identifier: GPL-2.0-or-later
"""The values of stages as the store keeps them, and what of them no report has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from patchtool.build.kconfig import configure
from patchtool.build.kconfig.variants import KernelConfig
from patchtool.build.kernel import image, touched
from patchtool.build.toolchain.toolchain import Toolchain
from patchtool.core.store import Store
from patchtool.run import record

#: As the store had them before reports held the stages' own values.
OLD_CONFIG = {
    "variant": "on", "fragment": "CONFIG_X=y\n", "text": "CONFIG_X=y\n", "digest": "d",
    "asked": {"X": "y"}, "origins": {"X": "manifest"}, "missing": [], "uncompiled": [],
    "warnings": [], "seconds": 1.5,
}  # fmt: skip
OLD_IMAGE = {
    "tree": "t", "config": "d", "variant": "on", "toolchain": "c", "release": "6.12.0",
    "warnings": [{"file": "mm/a.c", "line": 3, "flag": "-Wunused", "text": "unused"}],
    "seconds": 9.5, "cpu_seconds": 17.0, "steps": 42,
}  # fmt: skip
OLD_COMPILED = {"folders": ["mm/"], "warnings": [], "seconds": 2.5, "cpu_seconds": 4.0}


def keep(store: Store, stage: str, key: str, values: dict[str, Any]) -> Path:
    with store.put(stage, key) as folder:
        (folder / "value.json").write_text(json.dumps(values))
    return store.path(stage, key)


def test_results_that_an_older_patchtool_stored_are_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, configure.STAGE, "key", OLD_CONFIG)
    config = configure._load(store, "key")
    assert config is not None
    assert (config.text, config.cached) == ("CONFIG_X=y\n", True)
    folder = keep(store, image.STAGE, "key", OLD_IMAGE)
    found = image.load(folder, "1/2", 1, cached=True)
    assert found is not None
    assert (found.label, found.patch, found.cached) == ("1/2", 1, True)
    assert found.bzimage == folder / "bzImage"
    assert found.warnings[0].flag == "-Wunused"


def test_what_was_compiled_is_told_to_a_run_in_its_own_words(tmp_path: Path, sample: Any) -> None:
    store, config = Store(tmp_path), sample.record().kconfig[1]
    toolchain = Toolchain(image="i", name="n", digest="d", version="gcc", packages=(), origin="o")
    key = touched.compiled_key("tree", config, toolchain)
    keep(store, touched.STAGE, key, OLD_COMPILED)
    found = touched.find_compiled("tree", config, toolchain, store, label="off", patch=4)
    assert found is not None
    assert (found.label, found.patch, found.variant, found.cached) == ("off", 4, "off", True)
    assert found.folders == ("mm/",)


def test_a_config_comes_back_with_its_text(tmp_path: Path) -> None:
    store, made = Store(tmp_path), KernelConfig.model_validate(OLD_CONFIG)
    configure._save(store, "key", made)
    assert configure._load(store, "key") == made.model_copy(update={"cached": True})


def test_what_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number, text in enumerate(("", "[]", "{}", '{"tree": 5}')):
        with store.put(image.STAGE, f"{number}") as folder:
            (folder / "value.json").write_text(text)
        assert image.load(store.path(image.STAGE, f"{number}"), "base", None, cached=True) is None
    keep(store, configure.STAGE, "key", {**OLD_CONFIG, "text": ""})
    assert configure._load(store, "key") is None, "its .config is gone"


def test_no_path_of_this_machine_and_no_config_are_in_a_report(tmp_path: Path, sample: Any) -> None:
    folder = keep(Store(tmp_path), image.STAGE, "key", OLD_IMAGE)
    found = image.load(folder, "base", None, cached=False)
    assert found is not None
    (folder / "events.i").touch()
    with_events = image.load(folder, "1/4", 1, cached=False)
    assert with_events is not None
    made = sample.record().model_copy(
        update={
            "images": (found, with_events.model_copy(update={"log": Path("logs/a.log")})),
            "kconfig": (KernelConfig.model_validate(OLD_CONFIG),),
        }
    )
    text = record.write(made, tmp_path).read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    values = json.loads(text)
    assert "text" not in values["kconfig"][0]
    first, second = values["images"]
    assert "log" not in first, "it was not copied to the run directory"
    assert second["log"] == "logs/a.log"
    assert not {"bzimage", "vmlinux", "config_path", "events"} & (first.keys() | second.keys())
    assert record.read(tmp_path).images[1].log == Path("logs/a.log")
