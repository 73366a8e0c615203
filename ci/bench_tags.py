# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the tags that replies gave, as patchtool reads them, with b4's.

A note behind a value is not compared, nor is what a patch has itself; two addresses of one name
are one person. Tags on earlier revisions are left out on both sides: patchtool shows them apart.
Where the two still differ, the reply tells who is right in most cases.
"""

from __future__ import annotations

import email.parser
import email.policy
import re
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING

from ci.oracles import Difference
from patchtool.series.tags.person import same_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ci.archive import Archive
    from ci.oracles import B4, Subject
    from ci.postings import Given, Ours

_PERSON = re.compile(r"([^<>]*?)\s*<?([^<>\s]+@[^<>\s]+?)>?(?:[\s,;].*)?\Z", re.DOTALL)
_COMMIT = re.compile(r"([0-9a-f]{6})", re.IGNORECASE)
_COMMIT_HEADER = re.compile(
    r"^[ \t]*(?:commit[ \t]+[0-9a-f]{7,64}\b|From [0-9a-f]{40} |Author:[ \t])", re.MULTILINE
)
_ID = re.compile(rb"^message-id:[ \t]*(?:\n[ \t]+)?(.*)", re.IGNORECASE | re.MULTILINE)
_ROBOT = re.compile(
    r"\bif (?:you|these findings)\b[^.]{0,100}\b(?:fix|resend)\b.{0,200}?\badd\b",
    re.IGNORECASE | re.DOTALL,
)
#: The end of a message in a pasted patch, and a change that a maintainer notes.
_PATCH_BELOW = re.compile(r"---[ \t]*\Z|diff --git ")
_TAG_OR_EMPTY = re.compile(r"[ \t]*(?:[A-Za-z-]+: .*)?\Z")
_NOTE_ABOVE = re.compile(r"^[ \t]+\[ .*(?:\n(?:[ \t\[].*)?)*\Z", re.MULTILINE)
_MISTYPED = re.compile(r"<[^<>@]*@[^<>.]*>|\A[^<>]*\Z")
_SHOWN = 4  # blanks in front of a commit that is shown
_DEEPEST = 50  # replies to replies
_NO_TAG = re.compile(r"(?!(?:fixes|link|closes)\Z|[a-z-]+-by\Z).*")

OTHER = "names somebody else than the sender: ours shows it, uncounted"
SCOPE = "words say for which patches, and b4 does not read them"
NAMES = "b4 takes other headers and lists of people for tags"
ROBOT = "a robot asks for it in the commit that fixes its report"
PASTED = "b4 takes tags of a commit or patch that was pasted"
AGAIN = "given on what was sent again as a whole, as it was (a choice)"
BROKEN = "the address is mistyped, and b4 drops the tag"
ADDRESS = "the sender's other address or spelling, unknown to b4"
LINK = "the reply names no mail that is there, and its subject one"
COVER = "b4 takes a cover letter in a thread for a reply"
BLANK = "b4 wants a blank behind the colon"
MORE = "tags: ours has more, to be read"
LESS = "tags: b4 has more, to be read"

#: What the program judges itself.
KINDS = (OTHER, SCOPE, NAMES, ROBOT, PASTED, AGAIN, BROKEN, ADDRESS, LINK, COVER, BLANK)


def compare_tags(
    say: Callable[[str, str, str], None], ours: Sequence[Ours], theirs: B4, found: Archive
) -> list[Difference]:
    """Print in how many series replies gave the same tags; what differs.

    Args:
        say: Takes what was measured, the figure, and the goal.
        ours: The postings as patchtool reads them.
        theirs: What b4 finds.
        found: The mails.
    """
    mine = {each.mails: each for each in ours if not each.refused}
    pairs = [
        (one, each.tags)
        for each in theirs.series
        if (one := mine.get(tuple(mail or "" for mail in each.mails))) is not None
    ]
    unlike = [list(_unlike(one, tags)) for one, tags in pairs if any((*one.tags, *tags))]
    texts = _texts(found, {each.tag.mail for those in unlike for each in those})
    again = {mail for one in ours for mail in one.dropped}
    total = len(unlike)
    equal = good = 0
    differences: list[Difference] = []
    for those in unlike:
        kinds = [_judged(each, texts.get(each.tag.mail), theirs.subjects, again) for each in those]
        equal += not kinds
        good += MORE not in kinds and LESS not in kinds
        for kind, each in zip(kinds, those, strict=True):
            shown = f"{each.tag.name}: {each.tag.value}, for <{each.patch}>"
            pair = (shown, "") if each.ours else ("", shown)
            differences.append(Difference(kind, each.tag.mail, *pair))
    counts = Counter(each.kind for each in differences)
    say("series with tags, all as b4 has them", f"{equal} of {total}", "-")
    for kind in KINDS:
        say(f"  {kind}", str(counts[kind]), "-")
    say("  together", f"{good} = {100 * good / max(1, total):.2f} %", "99.50 %")
    return differences


@dataclass(frozen=True, slots=True)
class _Unlike:
    """A tag that one of the two has.

    Attributes:
        patch: Message-ID of the patch that it is on.
        tag: As above.
        ours: Whether patchtool has it.
        uncounted: Why patchtool shows it apart, where it does.
        scoped: Whether patchtool has it for another patch of the series, by its words.
    """

    patch: str
    tag: Given
    ours: bool
    uncounted: str = ""
    scoped: bool = False


def _unlike(one: Ours, theirs: Sequence[Sequence[Given]]) -> Iterator[_Unlike]:
    every = [tag for tags in one.tags for tag in tags if tag.scoped]
    for patch, tags, own, those in zip(one.mails, one.tags, one.own, theirs, strict=True):
        for tag in tags:
            if not tag.uncounted and not has(those, tag) and not has(own, tag):
                yield _Unlike(patch, tag, ours=True, scoped=tag.scoped)
        counted = [tag for tag in tags if not tag.uncounted]
        for tag in those:
            if has(counted, tag) or has(own, tag):
                continue
            apart = [each.uncounted for each in tags if each.uncounted and has([each], tag)]
            if "given_on" not in apart:
                scoped = any(each.mail == tag.mail and has([each], tag) for each in every)
                yield _Unlike(patch, tag, False, "".join(apart[:1]), scoped)


def has(tags: Iterable[Given], tag: Given) -> bool:
    """Whether the tag is there, whatever the address of the person and the title of the commit."""
    return any(_alike(each, tag) for each in tags)


def _alike(one: Given, two: Given) -> bool:
    if one.name != two.name:
        return False
    if one.name == "fixes":
        found = [_COMMIT.match(each.value) for each in (one, two)]
        return all(found) and len({each[1].lower() for each in found if each}) == 1
    if not one.name.endswith("-by"):
        return one.value.split()[:1] == two.value.split()[:1]
    return one.value == two.value or same_person(one.value, two.value)


def _judged(
    each: _Unlike, reply: EmailMessage | None, subjects: dict[str, Subject], again: set[str]
) -> str:
    """Who is right, as the reply tells."""
    tag, text = each.tag, _text(reply)
    if each.uncounted:
        return OTHER
    if each.scoped:
        return SCOPE
    if each.ours:
        return _only_ours(tag, reply, subjects, again)
    about = subjects.get(tag.mail)
    if about is not None and about.number == 0 and about.mistaken:
        return COVER
    if _NO_TAG.fullmatch(tag.name):
        return NAMES
    if _ROBOT.search(text):
        return ROBOT
    return PASTED if _is_pasted(tag, text, reply) else LESS


def _only_ours(
    tag: Given, reply: EmailMessage | None, subjects: dict[str, Subject], again: set[str]
) -> str:
    """Why b4 has not the tag."""
    about = subjects.get(tag.mail)
    person = _PERSON.match(tag.value)
    if about and person and tag.name.endswith("-by"):
        name, address = (part.lower() for part in person.groups())
        if address != about.sender and name != about.name.lower():
            return ADDRESS
    if not again.isdisjoint(_answers(reply)):
        return AGAIN
    if _MISTYPED.search(tag.value):
        return BROKEN
    if re.search(rf"^[ \t]*{re.escape(tag.name)}:\S", _text(reply), re.IGNORECASE | re.MULTILINE):
        return BLANK
    return _lost(tag.mail, subjects)


def _lost(mail: str, subjects: dict[str, Subject]) -> str:
    """Why b4 finds no way from a reply to what it answers, by In-Reply-To."""
    for _ in range(_DEEPEST):
        about = subjects.get(mail)
        if about is None:
            return LINK
        if about.mistaken:
            return COVER
        if not about.text.lower().startswith(("re:", "aw:", "fwd:")):
            return MORE
        mail = about.parent
    return MORE


def _answers(reply: EmailMessage | None) -> set[str]:
    """The Message-IDs of what it answers."""
    return set(re.findall(r"<([^<>]+)>", str(reply["In-Reply-To"] or ""))) if reply else set()


def _is_pasted(tag: Given, text: str, reply: EmailMessage | None) -> bool:
    """Whether it stands below a commit's headers, in a patch's message, or in a note on one.

    What the text does not have may be in a file that is attached.
    """
    name = re.escape(tag.name)
    word = re.escape(tag.value.split()[0])
    places = [*re.finditer(rf"^[ \t]*{name}:[ \t]+.*{word}", text, re.IGNORECASE | re.MULTILINE)]
    if not places and reply is not None:
        return any(part.get_filename() for part in reply.walk())
    return bool(places) and all(_is_in_commit(text, place.start()) for place in places)


def _is_in_commit(text: str, at: int) -> bool:
    above = text[:at].rpartition("\n>")[2]  # what was written since the last quote
    if text[at : at + _SHOWN].isspace():
        return True
    if _COMMIT_HEADER.search(above) or _NOTE_ABOVE.search(above):
        return True
    below = text[at:].split("\n")
    ends = next((n for n, line in enumerate(below) if not _TAG_OR_EMPTY.match(line)), None)
    return ends is not None and _PATCH_BELOW.match(below[ends]) is not None


def _text(reply: EmailMessage | None) -> str:
    body = reply.get_body(("plain",)) if reply is not None else None
    try:
        text = str(body.get_content()) if body is not None else ""
        return text.replace("\r\n", "\n").replace("\xa0", " ")
    except (LookupError, ValueError):  # an unknown charset
        return ""


def _texts(found: Archive, wanted: set[str]) -> dict[str, EmailMessage]:
    """The mails of the Message-IDs that are wanted."""
    replies: dict[str, EmailMessage] = {}
    parser = email.parser.BytesParser(EmailMessage, policy=email.policy.default)
    with found.mails.open("rb") as file:
        for number in (number for thread in found.threads for number in thread):
            data = found.read(file, number)
            head = _ID.search(data)
            name = head[1].decode("latin-1").strip().strip("<>") if head else ""
            if name in wanted:
                replies[name] = parser.parsebytes(data)
    return replies
