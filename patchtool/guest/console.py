# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel says when something is wrong: console or dmesg text -> splats. Pure.

The words looked for are those of the kernel's own ``printk`` calls; the place of each is
named beside it. Nothing here trusts its input: a test kernel may print anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A splat longer than this is cut; its first lines say what it is.
MAX_LINES = 160


class Kind(StrEnum):
    """What a splat is about."""

    PANIC = "panic"
    OOPS = "oops"
    BUG = "BUG"
    LIST = "list corruption"
    SANITIZER = "sanitizer"
    LOCKDEP = "lockdep"
    WARNING = "warning"
    OOM = "out of memory"
    HUNG_TASK = "hung task"
    LOCKUP = "lockup"
    RCU_STALL = "RCU stall"
    ALLOCATION = "allocation failure"


#: After one of these the kernel, or the task that asked, does not go on.
FATAL = frozenset({Kind.PANIC, Kind.OOPS})
#: The kernel itself says that something does not go on.
STUCK = frozenset({Kind.HUNG_TASK, Kind.LOCKUP, Kind.RCU_STALL})


@dataclass(frozen=True, slots=True)
class Splat:
    """A complaint of the kernel.

    Attributes:
        kind: What it is about.
        title: Its telling line, without time stamp.
        lines: All of it, as it was printed.
        seconds: Time since boot, or None when lines carry no time stamp.
    """

    kind: Kind
    title: str
    lines: tuple[str, ...]
    seconds: float | None

    @property
    def fatal(self) -> bool:
        """Whether the kernel, or the task in it, is dead."""
        return self.kind in FATAL


#: ``[   12.345678][  T123] `` (CONFIG_PRINTK_TIME, CONFIG_PRINTK_CALLER), and ``<4>`` before it.
_STAMP = re.compile(r"^(?:<\d+>)?\[ *(\d{1,9}\.\d{1,9})\](?:\[ *[TC]\d+\])? ?")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")

# In this order: the first that matches a line names it.
_TITLES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.PANIC, r"Kernel panic - not syncing: "),  # kernel/panic.c
        (Kind.LIST, r"list_(?:add|del)\b.*corruption|list_add double add"),  # lib/list_debug.c
        (Kind.SANITIZER, r"(?:BUG: K(?:A|C|M)SAN: |BUG: KFENCE: |UBSAN: )"),
        (Kind.LOCKUP, r"BUG: (?:soft|workqueue) lockup|hard LOCKUP"),  # kernel/watchdog.c
        (Kind.RCU_STALL, r"INFO: rcu_\w+ (?:self-)?detected (?:expedited )?stalls?\b"),
        (Kind.HUNG_TASK, r"INFO: task .{1,80} blocked (?:in I/O wait )?for more than \d+ sec"),
        (
            Kind.LOCKDEP,  # kernel/locking/lockdep.c
            (
                r"(?:WARNING|INFO|BUG): (?:possible (?:circular|recursive|irq) |inconsistent lock "
                r"|suspicious RCU |bad unlock |lock held when returning|HARDIRQ-safe|SOFTIRQ-safe"
                r"|Nested lock|held lock freed|trying to register non-static|Invalid wait context)"
                r"|\[ (?:BUG|INFO): .{1,80} \]\Z"
            ),
        ),
        (Kind.BUG, r"kernel BUG at "),  # lib/bug.c
        (
            Kind.OOPS,  # arch/x86/mm/fault.c, arch/x86/kernel/dumpstack.c, traps.c
            (
                r"BUG: unable to handle |BUG: kernel NULL pointer|Unable to handle kernel "
                r"|Oops(?::| - )|(?:general protection fault|invalid opcode|divide error"
                r"|stack segment|double fault|segment not present|kernel stack overflow)\b.*[:,] .*"
                r"\[#\d+\]|PANIC: double fault"
            ),
        ),
        # kernel/panic.c; "CPU: 0 PID: 1" since 3.11
        (Kind.WARNING, r"WARNING: (?:CPU: \d+ PID: \d+ |\S+:\d+ )?at "),
        (Kind.OOM, r"invoked oom-killer: |Out of memory: Kill(?:ed)? process "),  # mm/oom_kill.c
        (Kind.OOM, r"Memory cgroup out of memory: "),
        (Kind.ALLOCATION, r": page allocation failure: order:"),  # mm/page_alloc.c
        (Kind.BUG, r"(?:^|[^:\w] ?)BUG: (?!using smp_processor_id)\S|BUG: using smp_processor_id"),
    )
)
_CUT_HERE = "------------[ cut here ]------------"
_END = re.compile(r"---\[ end (?:trace|Kernel panic)")
_RULER = re.compile(r"={60,}\Z")
_KILLED = re.compile(
    r"(?:Out of memory|cgroup out of memory): Kill(?:ed)? process (\d+) \(([^)]*)\)"
)
#: How lines begin that belong to the report before them, and that are not indented.
_BODY_STARTS = (
    *("RIP:", "IP:", "EIP:", "RSP:", "RAX:", "RDX:", "RBP:", "R10:", "R13:", "FS:", "CS:", "CR2:"),
    *("RIP ", "page flags:"),  # before 4.10, before 3.19
    *("DR0:", "DR3:", "PKRU:", "Code:", "ORIG_RAX:", "EFLAGS:", "PGD ", "#PF:", "Oops:", "Stack:"),
    *("CPU: ", "CPU ", "Pid: ", "Comm: ", "Process ", "task:", "Workqueue:", "Tainted: ", "note: "),
    *("Hardware name:", "Modules linked in:", "Call Trace:", "Last potentially", "Kernel Offset:"),
    *("Sending NMI", "NMI backtrace", "rcu:", "stack backtrace:", "irq event stamp", "hardirqs "),
    *("softirqs ", "in_atomic", "preempt_count", "Preemption disabled", "INFO: lockdep", "locks "),
    *("page:", "page dumped", "page_type:", "flags:", "raw:", "head:", "page_owner", "Read of"),
    *("Write of", "Allocated by", "Freed by", "The buggy", "Memory state", "which belongs"),
    *("Mem-Info:", "active_anon:", "Node ", "DMA", "Normal", "lowmem_reserve", "Tasks state"),
    *("oom-kill:", "oom_reaper:", "Out of memory:", "Swap cache", "Free swap", "Total swap"),
    *("Showing ", "Future hung task", '"echo 0 >', "Disabling lock debugging", "<", ">ffff"),
    *("ip:", "pc :", "lr :", "sp :", "Mem abort", "Internal error"),
)
_BODY = re.compile(
    r"\s|\Z|\[<|\[ *(?:\d+|pid) *\]|\d+ (?:total |pages )"
    # How sched_show_task() began before 5.9: name, state, stack or program counter
    r"|\S.{0,15} [RSDTtXZPI] (?:[0-9a-f]{16}|running task|\s+\d+) |\S.{14} [RSDTtXZPI]\Z"
)


def _is_body(text: str) -> bool:
    return text.startswith(_BODY_STARTS) or _BODY.match(text) is not None


def bare(line: str) -> str:
    """A console line without its time stamp, colours and control characters."""
    return _STAMP.sub("", _COLOUR.sub("", line)).rstrip()


def _seconds(line: str) -> float | None:
    match = _STAMP.match(_COLOUR.sub("", line))
    return float(match[1]) if match else None


def kind_of(line: str) -> Kind | None:
    """What a splat is about whose telling line is *line*; None when it tells nothing."""
    text = bare(line)
    for kind, pattern in _TITLES:
        if pattern.search(text):
            return kind
    return None


class _Reader:
    """Takes lines and cuts splats out of them."""

    def __init__(self) -> None:
        self.found: list[Splat] = []
        self._block: list[str] = []  # the splat that is being read
        self._told: tuple[Kind, str] | None = None  # its kind and title, once known
        self._framed = False  # between "cut here" and "end trace"

    def close(self) -> None:
        """The splat that is being read ends here, if there is one."""
        if self._told is not None:
            kind, title = self._told
            lines = tuple(self._block[:MAX_LINES])
            self.found.append(Splat(kind, title, lines, _seconds(lines[0])))
        self._block, self._told, self._framed = [], None, False

    def take(self, line: str) -> None:
        """Take the next line."""
        text = bare(line)
        kind = kind_of(text)
        if text.endswith(_CUT_HERE):
            if self._told is None or self._told[0] is not Kind.LIST:  # it says why, then BUG()s
                self.close()
            self._framed = True
            self._block.append(line)
        elif self._told is None:
            self._begin(line, text, kind)
        elif _END.search(text) or (self._told[0] is Kind.SANITIZER and _RULER.match(text)):
            self._block.append(line)
            self.close()
        elif kind is not None and not self._goes_on_with(kind):
            self.close()
            self._begin(line, text, kind)
        elif kind is not None or self._is_part(text):
            self._block.append(line)
            if self._told[0] is Kind.LOCKDEP and text.strip() == "</TASK>":
                self.close()
        else:
            self.close()

    def _begin(self, line: str, text: str, kind: Kind | None) -> None:
        if kind is not None:
            self._told = (kind, text)
        if kind is not None or self._framed:
            self._block.append(line)
        if self._told is None and len(self._block) > MAX_LINES:
            self.close()

    def _is_part(self, text: str) -> bool:
        """Whether a line that tells nothing by itself belongs to the splat that is being read."""
        lockdep = self._told is not None and self._told[0] is Kind.LOCKDEP
        return self._framed or lockdep or _is_body(text)

    def _goes_on_with(self, kind: Kind) -> bool:
        """Whether a telling line belongs to the splat that is being read."""
        assert self._told is not None
        before = self._told[0]
        if before is Kind.PANIC:
            return True  # what comes while the kernel dies
        if self._framed:
            return kind is not Kind.PANIC
        return kind in _FOLLOWS.get(before, ())


#: What may follow in one splat: "BUG: unable to handle" has "Oops: 0000 [#1]" below it.
_FOLLOWS = {
    Kind.OOPS: (Kind.OOPS,),
    Kind.BUG: (Kind.OOPS,),
    Kind.LIST: (Kind.BUG, Kind.OOPS, Kind.WARNING),
    Kind.OOM: (Kind.OOM,),
}


def splats(lines: Iterable[str]) -> tuple[Splat, ...]:
    """The complaints in console or dmesg lines, in the order they were made."""
    reader = _Reader()
    for line in lines:
        reader.take(line.rstrip("\r\n"))
    reader.close()
    return tuple(reader.found)


def killed_by_oom(lines: Iterable[str]) -> tuple[tuple[int, str], ...]:
    """Process id and name of the processes that the OOM killer took."""
    found = (_KILLED.search(line) for line in lines)
    return tuple((int(match[1]), match[2]) for match in found if match)
