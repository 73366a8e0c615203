# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a tag names the person who sent it. Pure.

People tag with another address than they write from, so addresses of one name are one person.
"""

from __future__ import annotations

import re
import unicodedata

_ADDRESS = re.compile(r"<?([^<>\s@]+)@([^<>\s@]+?)[>,.]*(?:\s|\Z)")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|['\"]")
_VIA = re.compile(r"\s+via\s.*", re.IGNORECASE)  # added by mailing lists
_WORD = re.compile(r"[^\W\d_]+")
#: As people write their own names where only ASCII will do.
_SPELT = str.maketrans(
    {"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "æ": "a", "ø": "o", "å": "a", "ł": "l", "đ": "d",
     "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)  # fmt: skip
_DIGRAPH = re.compile("(?<=[^aeiou])(?:ae|oe|ue)|aa")
_LONGEST = 300
_SHARED = ("linux", "kernel", "info", "mail", "lists", "devnull", "noreply")


def same_person(one: str, two: str) -> bool:
    """Whether two of ``Name <address>`` are one person.

    They are if the address is the same, or the name: in any case and order, with or without what
    stands in parentheses, accents, and middle names. A name in front of the ``@`` that both have
    will do where one of them has no other name, or shares a word of it.
    """
    one, two = one[:_LONGEST], two[:_LONGEST]
    here, there = _address(one), _address(two)
    if here is not None and here == there:
        return True
    name, other = _name(one), _name(two)
    common = name & other
    if name and (name == other or (len(common) > 1 and common in (name, other))):
        return True
    if here is None or there is None:
        return False
    if _spells(here[0], other) or _spells(there[0], name):
        return True
    account = here[0] == there[0] and len(here[0]) > 2 and here[0] not in _SHARED
    return account and (not name or not other or bool(common))


def _spells(account: str, name: frozenset[str]) -> bool:
    """Whether all of a name is in front of the ``@``, as in ``annauthor`` or ``author.ann``."""
    return len(name) > 1 and all(word in account for word in name)


def _address(text: str) -> tuple[str, str] | None:
    """Its two halves, without what stands behind a ``+``."""
    found = _ADDRESS.search(text)
    if found is None:
        return None
    account, host = found[1].lower(), found[2].lower()
    return account.partition("+")[0] or account, host


def _name(text: str) -> frozenset[str]:
    """The words of the name, spelt plainly."""
    name = _VIA.sub("", _ASIDE.sub(" ", text.partition("<")[0]))
    if "@" in name:
        return frozenset()
    plain = unicodedata.normalize("NFKD", name.lower().translate(_SPELT))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    words = (_DIGRAPH.sub(lambda match: match[0][0], word) for word in _WORD.findall(plain))
    return frozenset(words)
