# SPDX-License-Identifier: GPL-2.0-or-later
"""Accelerators are judged by running guest code, never by opening a device."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from patchtool.core import programs
from patchtool.core.progress import Silent
from patchtool.core.settings import Settings
from patchtool.errors import InfraError, ToolMissing
from patchtool.guest import accel

if TYPE_CHECKING:
    from pathlib import Path


class Notes(Silent):
    """Remembers what a person would have been told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.mark.quiet
def test_software_emulation_runs_guest_code_and_is_timed() -> None:
    seconds, why = accel.measure("tcg")
    assert why == ""
    assert seconds is not None
    assert 0.001 < seconds < 30


@pytest.mark.quiet
def test_hardware_that_does_not_run_guest_code_is_told_in_time() -> None:
    """The device may open, make a machine, and never run an instruction of it."""
    begin = time.monotonic()
    seconds, why = accel.measure("kvm")
    assert time.monotonic() - begin < accel.FIRST_SIGN + accel.ALL_ROUNDS + 5
    if seconds is None:
        assert "kvm" in why or "guest code" in why
    else:
        assert seconds < 1


def test_an_unknown_accelerator_is_unusable_in_qemus_words() -> None:
    seconds, why = accel.measure("kvm:none")
    assert seconds is not None or why


@pytest.mark.quiet
def test_firmware_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accel, "firmware", lambda: b"\xf4" * accel.FIRMWARE_SIZE)  # hlt
    monkeypatch.setattr(accel, "FIRST_SIGN", 0.5)
    begin = time.monotonic()
    assert accel.measure("tcg") == (None, "guest code does not run")
    assert time.monotonic() - begin < 10


@pytest.mark.quiet
def test_a_loop_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = accel.firmware(turns=2**32 - 1, rounds=255)
    monkeypatch.setattr(accel, "firmware", lambda: endless)
    monkeypatch.setattr(accel, "ALL_ROUNDS", 1.0)
    assert accel.measure("tcg") == (None, "guest code starts and then does not end")


def test_the_probe_is_made_once_per_boot_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(cache=tmp_path / "cache", accelerator="tcg")
    first = accel.probe(settings, Silent())
    assert first.name == "tcg"
    assert first.factor >= accel.TCG_LEAST
    monkeypatch.setattr(accel, "measure", lambda _name: pytest.fail("measured again"))
    assert accel.probe(settings, Silent()) == first
    stored = settings.cache / "accelerator.json"
    stored.write_text("{ half a", encoding="utf-8")
    monkeypatch.setattr(accel, "measure", lambda _name: (0.5, ""))
    assert accel.probe(settings, Silent()).seconds == 0.5
    assert json.loads(stored.read_text(encoding="utf-8"))["accelerator"]["seconds"] == 0.5


def test_kvm_that_does_not_work_falls_back_to_tcg_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = {"kvm": (None, "guest code does not run"), "tcg": (0.2, "")}
    monkeypatch.setattr(accel, "measure", results.__getitem__)
    said = Notes()
    found = accel.probe(Settings(cache=tmp_path / "cache"), said)
    assert found.name == "tcg"
    assert said.notes == ["kvm: guest code does not run; using tcg"]
    assert found.notes == ("kvm: guest code does not run",)


def test_kvm_that_was_demanded_and_does_not_work_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accel, "measure", lambda _name: (None, "guest code does not run"))
    with pytest.raises(InfraError, match="kvm: guest code does not run") as caught:
        accel.probe(Settings(cache=tmp_path / "cache", accelerator="kvm"), Silent())
    assert "accelerator" in caught.value.hint


def test_timeouts_scale_with_the_measured_speed() -> None:
    slow = accel.choose("auto", {"tcg": (accel.REFERENCE * 40, "")})
    fast = accel.choose("auto", {"kvm": (accel.REFERENCE / 2, ""), "tcg": (1.0, "")})
    assert slow.factor == pytest.approx(40)
    assert (fast.name, fast.factor) == ("kvm", 1.0)


def test_without_qemu_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "which", lambda _name: None)
    with pytest.raises(ToolMissing) as caught:
        accel.probe(Settings(cache=tmp_path / "cache"), Silent())
    assert "qemu-system-x86" in caught.value.hint
