# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the names of the vm events stand where their numbers are? Pure.

/proc/vmstat prints ``vmstat_text[i]`` beside the i-th counter. The two are kept in step by
hand: the names in mm/vmstat.c, the numbers in include/linux/vm_event_item.h. The build only
breaks when there are too few names (the BUILD_BUG_ON in vmstat_start). A name too many, or
at another place than its number, makes counters go by their neighbours' names.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

#: The first vm event since Linux 2.6.18; what is before it are zone, node and other counters.
FIRST = "pgpgin"
_ENUM = re.compile(r"\benum\s+vm_event_item\s*\{(?P<body>[^}]*)\}")
_LAST = "NR_VM_EVENT_ITEMS"
#: Counters between the node counters and the events: NR_VM_WRITEBACK_STAT_ITEMS has been 2
#: since Linux 3.6, its successor NR_VM_STAT_ITEMS 2 or 4 since 6.10.
BETWEEN = range(1, 9)


class EventTable(BaseModel):
    """What a vmlinux says about /proc/vmstat.

    Attributes:
        texts: The entries of ``vmstat_text``.
        events: How many events the per-CPU counters have room for (NR_VM_EVENT_ITEMS).
        others: How many zone, NUMA and node counters there are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: tuple[str, ...]
    events: int
    others: int

    @property
    def names(self) -> tuple[str, ...]:
        """The event names as they are printed: one per event from the first one on."""
        first = self.texts.index(FIRST) if FIRST in self.texts else len(self.texts)
        return self.texts[first:]


class EventsCheck(BaseModel):
    """The verdict.

    Attributes:
        entries: Names in ``vmstat_text`` from the first event on.
        expected: Events the enum has.
        added: Event names the patched kernel has and the base has not.
        problems: What is wrong, one sentence each; empty when all is well.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: int
    expected: int
    added: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def enumerators(preprocessed: str) -> tuple[str, ...]:
    """The events in a preprocessed ``vm_event_item.h``, in order; empty when it has none."""
    match = _ENUM.search(preprocessed)
    if match is None:
        return ()
    names = [part.partition("=")[0].strip() for part in match["body"].split(",")]
    names = [name for name in names if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)]
    return tuple(names[: names.index(_LAST)]) if _LAST in names else tuple(names)


def events_check(
    patched: EventTable,
    patched_enum: tuple[str, ...] = (),
    base: EventTable | None = None,
    base_enum: tuple[str, ...] = (),
) -> EventsCheck:
    """Check a kernel's event names against its event enum.

    Args:
        patched: The kernel in question.
        patched_enum: Its enumerators; without them only counts are compared.
        base: The kernel before the series: its names are taken to be right.
        base_enum: Its enumerators.
    """
    problems = _counts(patched, base)
    if patched_enum and len(patched_enum) != patched.events:
        problems.append(
            f"the enum has {len(patched_enum)} events, the kernel's counters have room for "
            f"{patched.events}"
        )
    if patched_enum:
        problems += _order(patched.names, patched_enum, _known(base, base_enum))
    before = base.names if base else ()
    return EventsCheck(
        entries=len(patched.names),
        expected=patched.events,
        added=tuple(name for name in patched.names if name not in before) if base else (),
        problems=tuple(problems),
    )


def _counts(patched: EventTable, base: EventTable | None) -> list[str]:
    if FIRST not in patched.texts:
        return [f"vmstat_text has no {FIRST}: its events cannot be found"]
    problems = []
    surplus = len(patched.names) - patched.events
    if surplus:
        what = "more" if surplus > 0 else "fewer"
        problems.append(
            f"vmstat_text has {len(patched.names)} event names, {abs(surplus)} {what} than the "
            f"enum has events ({patched.events})"
        )
    between = patched.texts.index(FIRST) - patched.others
    if base is not None and FIRST in base.texts:
        before = base.texts.index(FIRST) - base.others
        if between != before:
            problems.append(
                f"before {FIRST} stand {between - before:+d} names for which no zone, NUMA or "
                "node counter was added"
            )
    elif between not in BETWEEN:
        problems.append(
            f"before {FIRST} stand {patched.texts.index(FIRST)} names for {patched.others} zone, "
            "NUMA and node counters"
        )
    return problems


def _known(base: EventTable | None, base_enum: tuple[str, ...]) -> dict[str, str]:
    """Enumerator -> the name it has in the base; empty when the base itself is off."""
    if base is None or len(base_enum) != len(base.names):
        return {}
    return dict(zip(base_enum, base.names, strict=True))


def _order(names: tuple[str, ...], enum: tuple[str, ...], known: dict[str, str]) -> list[str]:
    """Events whose own name is printed beside another event.

    An event's own name is the one it has in the base, or the one that is spelled like its
    enumerator but for underscores. Many are spelled otherwise (PGSCAN_SKIP_NORMAL is
    pgskip_normal); of these nothing is said, unless the base knows them.
    """
    own_at: dict[str, int] = {}
    for index, name in enumerate(names):
        own_at.setdefault(_spelled(name), index)
    problems = []
    for index, event in enumerate(enum):
        expected = known.get(event, event)
        printed = names[index] if index < len(names) else "nothing"
        if _spelled(expected) == _spelled(printed):
            continue
        place = own_at.get(_spelled(expected))
        if place is not None:
            other = enum[place] if place < len(enum) else "no event"
            problems.append(
                f"{event} is printed as {printed}; {names[place]} stands beside {other}"
            )
    shown = problems[:5]
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more events under another's name")
    return shown


def _spelled(name: str) -> str:
    return name.replace("_", "").lower()
