# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a guest is gone: what its console, QEMU and the clock say -> the error to raise. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchtool.errors import BootError, LostGuest, PatchtoolError
from patchtool.guest.console import STUCK, Kind, Splat, bare, killed_by_oom, splats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchtool.guest.silence import Stuck

#: Lines of the console that go into the error.
TAIL = 30
#: The first line a kernel prints: linux_banner, init/version.c.
_BANNER = re.compile(r"\bLinux version \d")


@dataclass(frozen=True, slots=True)
class Death:
    """Why a guest is gone, as its console tells it.

    Attributes:
        kind: ``panic``, ``out of memory``, ``oops``, ``lockup``, ``power off``, ``reboot``.
        reason: One line for a person.
    """

    kind: str
    reason: str


_GOING = (
    (
        "power off",
        "the guest powered off by itself",
        re.compile(r"reboot: (?:Power(?:ing)? (?:down|off)|System halted)|^Power down\."),
    ),
    (
        "reboot",
        "the guest rebooted by itself",
        re.compile(r"reboot: (?:Restarting system|machine restart)|^Restarting system"),
    ),
)


def cause_of_death(lines: Sequence[str], agent: int = 0) -> Death | None:
    """What on the console explains that the guest is gone or does not answer; None: nothing.

    Args:
        lines: The console.
        agent: Process id of the agent; 0 while it is not known.
    """
    seen = splats(lines)
    return _panicked(seen) or _starved(lines, agent) or _broke(seen) or _left(lines)


def _panicked(seen: Sequence[Splat]) -> Death | None:
    panic = next((splat for splat in seen if splat.kind is Kind.PANIC), None)
    if panic is None:
        return None
    words = panic.title.partition("not syncing: ")[2] or panic.title
    if "deadlocked on memory" in words or "Out of memory" in words:
        return Death("out of memory", f"the guest ran out of memory and panicked: {words}")
    cause = next((s.title for s in seen if s.kind in (Kind.OOPS, Kind.BUG, Kind.LIST)), "")
    return Death("panic", f"kernel panic: {words}" + (f" (after: {cause})" if cause else ""))


def _starved(lines: Sequence[str], agent: int) -> Death | None:
    for pid, name in killed_by_oom(lines):
        if pid == agent or (not agent and name.startswith("python")):
            reason = "the guest ran out of memory and killed patchtool's agent"
            return Death("out of memory", reason)
    return None


def _broke(seen: Sequence[Splat]) -> Death | None:
    for splat in seen:
        killed = splat.kind is Kind.OOPS or any("[#" in line for line in splat.lines)
        if splat.kind in (Kind.OOPS, Kind.BUG, Kind.LIST) and killed:
            return Death("oops", f"the kernel oopsed: {splat.title}")
    for splat in seen:
        if splat.kind in STUCK:
            kind = splat.kind.value
            return Death(kind, f"{kind}: {splat.title}")
    return None


def _left(lines: Sequence[str]) -> Death | None:
    for line in reversed(lines[-40:]):
        for kind, reason, pattern in _GOING:
            if pattern.search(bare(line)):
                return Death(kind, reason)
    return None


def started(lines: Sequence[str]) -> bool:
    """Whether the kernel itself has said a word.

    Before it, a firmware may, and the code that unpacks the kernel
    (arch/x86/boot/compressed/misc.c).
    """
    return any(_BANNER.search(line) for line in lines)


def _likely(causes: Sequence[str]) -> str:
    if not causes:
        return ""
    return "\n  for this tree and compiler likely:" + "".join(f"\n    {each}" for each in causes)


class GuestDied(BootError):
    """A guest went down, and it is known why.

    Attributes:
        subject: What it died of, alike for two guests that died of the same; may be empty.
        kind: ``panic``, ``oops``, ``out of memory``, ``stuck``, ``lockup``, ``hung task``,
            ``RCU stall``, ``power off``, ``reboot``, ``reset``.
        tail: The last lines of its console.
    """

    def __init__(
        self, message: str, *, kind: str, tail: Sequence[str], hint: str = "", subject: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.subject = subject
        self.kind = kind
        self.tail = tuple(tail)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a guest that is gone or does not answer.

    Attributes:
        during: What it was asked for: ``boot`` or an operation.
        console: All lines of its console.
        log: The file that holds them.
        status: How QEMU ended, or None while it runs.
        shutdown: The reason in QEMU's last SHUTDOWN event; empty: there was none.
        seconds_waited: Seconds that were waited for an answer, or None if that is not the trouble.
        stuck: Where the processors stand, of a guest that does not go on.
        answers: Whether the agent answered another question meanwhile.
        agent: The agent's process id in the guest; 0 while it is not known.
        more: Further lines for a person.
        causes: What a reset before the kernel's first line comes from, for its era.
    """

    during: str
    console: Sequence[str]
    log: Path
    status: int | None = None
    shutdown: str = ""
    seconds_waited: float | None = None
    stuck: Stuck | None = None
    answers: bool = False
    agent: int = 0
    more: Sequence[str] = ()
    causes: Sequence[str] = ()


def obituary(facts: Facts) -> PatchtoolError:
    """The error that tells it: GuestDied when the reason is known, LostGuest otherwise."""
    tail = [line.rstrip() for line in facts.console[-TAIL:]]
    shown = "".join(f"\n  | {line}" for line in [*tail, *facts.more])
    hint = f"all of its console: {facts.log}"
    stage = "while it booted" if facts.during == "boot" else f"during {facts.during}"
    death = cause_of_death(facts.console, facts.agent)
    subject = death.reason if death is not None else ""
    stuck = facts.stuck
    if stuck and stuck.culprits and (death is None or death.kind in {each.value for each in STUCK}):
        early = facts.during == "boot" and not started(facts.console)
        where = ", before the kernel's first line on the console" if early else ""
        death, subject = Death("stuck", stuck.reason + where), stuck.subject
    if death is not None:
        message = f"{death.reason}, {stage}{shown}"
        return GuestDied(message, kind=death.kind, tail=tail, hint=hint, subject=subject)
    silent = facts.during == "boot" and facts.status == 0 and not started(facts.console)
    if facts.shutdown in ("guest-reset", "guest-panic") or (silent and not facts.shutdown):
        reason = "the guest reset itself without a word on the console: a triple fault, most likely"
        if not started(facts.console):
            reason = "reset before the kernel's first line on the console (a triple fault)"
            shown += _likely(facts.causes)
        return GuestDied(f"{reason}, {stage}{shown}", kind="reset", tail=tail, hint=hint)
    if facts.shutdown == "guest-shutdown":
        reason = "the guest powered off by itself"
        return GuestDied(f"{reason}, {stage}{shown}", kind="power off", tail=tail, hint=hint)
    if not tail:
        shown = f"\n  | (nothing on the console){shown}"
    if stuck is not None:
        return LostGuest(f"{stuck.reason}, {stage}{shown}", hint=hint)
    if facts.seconds_waited is not None:
        if facts.during == "boot":
            text = f"the guest did not come up within {facts.seconds_waited:.0f} s"
        else:
            other = "it answers other questions" if facts.answers else "it answers nothing"
            text = f"no answer to {facts.during} within {facts.seconds_waited:.0f} s; {other}"
        return LostGuest(text + shown, hint=hint)
    return LostGuest(
        f"QEMU ended {stage} (status {facts.status}), and the console does not say why{shown}",
        hint=hint,
    )
