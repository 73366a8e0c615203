# SPDX-License-Identifier: GPL-2.0-or-later
"""A pile of mails: the postings in it, and the one that is asked for. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from patchtool.errors import MailError
from patchtool.series.posting import reviews
from patchtool.series.posting.gather import gather
from patchtool.series.posting.postings import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchtool.series.envelope import Envelope
    from patchtool.series.mail import Mail
    from patchtool.series.posting.postings import Posting
    from patchtool.series.tags.value import Trailer

_LABEL = re.compile(r"v[0-9]{1,4}(?:\.[0-9]{1,4})?\Z", re.IGNORECASE)
_SHOWN = 40  # postings named in a message


class Pile:
    """Mails as their envelopes show them.

    Args:
        envelopes: As below.
        where: As below.
        load: Gives the mail of a number; None where a page of the web has no more than texts.

    Attributes:
        envelopes: Of every mail.
        where: Their source, for errors.
        threads: How they hang together.
        postings: What was posted, in the order of the first mails.
        home: The posting that each patch and cover letter is in, or was replaced in.
        replies: The replies to each patch and cover letter.
        proposals: For each patch and cover letter, the patches that were posted in reply to it or
            to a reply to it, and are of no other revision.
        titled: The patches of each title, in lower case, that were answered, or whose cover
            letter was; only of titles that were sent more than once.
        patch_ids: Of the patches that were compared with others.
        tags: Of the replies to those in :attr:`titled` that were read.
    """

    def __init__(
        self,
        envelopes: Sequence[Envelope],
        where: str,
        load: Callable[[int], Mail] | None,
    ) -> None:
        self.envelopes = envelopes
        self.where = where
        self.threads = Threads(envelopes)
        self.postings, self.home = gather(envelopes, self.threads, load)
        self.target = reviews.targets(envelopes, self.threads, self.home)
        self.replies: dict[int, list[int]] = {}
        for at, target in self.target.items():
            self.replies.setdefault(target, []).append(at)
        self.proposals: dict[int, list[int]] = {}
        for posting in self.postings:
            above = self.proposed_to(posting)
            if above is not None:
                self.proposals.setdefault(above, []).append(posting.mails[0])
        self.patch_ids: dict[int, str] = {}
        self.tags: dict[int, tuple[Trailer, ...]] = {}
        self.titled: dict[str, list[int]] = {}
        sent = Counter(envelopes[at].title.lower() for at in self.home)
        for at, posting in self.home.items():
            answered = at in self.replies or any(each in self.replies for each in posting.covers)
            title = envelopes[at].title.lower()
            if answered and at not in posting.covers and sent[title] > 1:
                self.titled.setdefault(title, []).append(at)

    def proposed_to(self, posting: Posting) -> int | None:
        """The patch or cover letter that a lone patch in its thread is about."""
        seen: set[int] = set()
        at = posting.mails[0]
        while posting.aside and at not in seen:
            seen.add(at)
            up = self.threads.parent(at)
            at = self.target.get(up, up) if up is not None else at
            base = self.home.get(at)
            if base is None:
                return None
            if not base.aside:
                stated = self.envelopes[posting.mails[0]].prefix.stated
                return at if not stated or posting.label == base.label else None
        return None

    def title(self, posting: Posting) -> str:
        """The subject of its cover letter, or of its first patch."""
        return self.envelopes[self.first(posting)].title

    def first(self, posting: Posting) -> int:
        """Its cover letter, or its first patch."""
        numbers = posting.numbers
        return [*posting.covers, *([numbers[1]] if 1 in numbers else []), *posting.patches][0]

    def choose(self, pick: str | None) -> Posting:
        """The posting that *pick* names, or the only one.

        Args:
            pick: ``v8``; the Message-ID of any mail of it or of a reply to it; or None.

        Raises:
            MailError: There is none, or several; names them all.
        """
        if pick is None:
            found = [each for each in self.postings if not each.aside] or self.postings
            if not found:
                raise MailError(
                    f"{self.where}: no patch in it; expected mails with `diff --git` lines"
                )
            return self.only(found)
        if _LABEL.match(pick):
            label = pick.lower()
            named = [each for each in self.postings if each.label == label]
            named = named or [each for each in self.postings if label in each.rerolls]
            if not named:
                raise self.refused(f"holds no {pick}", self.postings)
            return self.only([each for each in named if not each.aside] or named)
        name = pick.removeprefix("mid:").strip("<> ")
        at = self.threads.by_id.get(name)
        if at is None:
            raise self.refused(f"holds no mail <{name}>", self.postings)
        posting = self.home.get(self.target.get(at, at))
        if posting is None:
            raise self.refused(f"<{name}> belongs to no posting", self.postings)
        self.prefer(posting, self.target.get(at, at))
        return posting

    def prefer(self, posting: Posting, at: int) -> None:
        """Of patches with the same number, keep the one that was asked for."""
        number = self.envelopes[at].prefix.number
        if not number or at not in posting.patches:
            return
        for other in [each for each in posting.patches if each != at]:
            if self.envelopes[other].prefix.number == number:
                posting.patches.remove(other)
                posting.dropped.append((other, "another mail with its number was asked for"))
        posting.numbers[number] = at

    def only(self, found: Sequence[Posting]) -> Posting:
        """The single one of *found*.

        Raises:
            MailError: There are several.
        """
        if len(found) == 1:
            return found[0]
        labels = list(dict.fromkeys(each.label for each in found))
        if len(labels) > 1:
            raise self.refused(f"mixes revisions {', '.join(labels[:-1])} and {labels[-1]}", found)
        raise self.refused(f"mixes {len(found)} series, all {labels[0]}", found)

    def refused(self, why: str, listed: Sequence[Posting]) -> MailError:
        """The error that says *why*, and how to name each of the postings listed."""
        labels = Counter(each.label for each in self.postings)
        lines = []
        for each in listed[:_SHOWN]:
            name = self.envelopes[self.first(each)].message_id
            pick = each.label if labels[each.label] == 1 else name or each.label
            count = f"{len(each.numbers) or len(each.patches)} of {each.total}"
            if each.total is None:
                count = f"{len(each.patches)}"
            shown = f", <{name}>" if name else ""
            lines.append(
                f"\n  {each.label} {self.title(each)!r}, {count} patches{shown}: "
                f"name it as {self.where}#{pick}"
            )
        if len(listed) > _SHOWN:
            lines.append(f"\n  and {len(listed) - _SHOWN} more")
        ask = "; give one of them:" if lines else ""
        return MailError(f"{self.where}: {why}{ask}{''.join(lines)}")
