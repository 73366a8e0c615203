# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tag is. Nothing here does I/O."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import computed_field

from patchtool.series.file_diff import DERIVED


@dataclass(frozen=True, slots=True)
class Scope:
    """The patches that a tag is for, where words say so.

    Attributes:
        text: The words.
        patches: Their numbers; a negative one counts from the end. Empty for the whole series.
        but: Numbers of those of the whole series that it is not for.
    """

    text: str
    patches: tuple[int, ...] = ()
    but: tuple[int, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is for every patch."""
        return not self.patches and not self.but

    def numbers(self, total: int) -> tuple[int, ...]:
        """The patches of a series of *total*, in order; none where it names one that is not there.

        A series has no patch 4 of 3; then the number is of something else.
        """
        named = {at if at > 0 else total + 1 + at for at in (*self.patches, *self.but)}
        if not all(1 <= at <= total for at in named):
            return ()
        every = range(1, total + 1)
        return tuple(at for at in every if (at in named) is bool(self.patches))


@dataclass(frozen=True, slots=True)
class Trailer:
    """A ``Name: value`` line, such as ``Reviewed-by: Name <address>``.

    Attributes:
        name: As it was written, such as ``Signed-off-by``.
        value: What stands behind the colon.
        given_in: Message-ID of the reply that gave it, empty if that has none; None where it
            stands in the patch or the cover letter itself.
        scope: The patches that the reply gives it for; None where it says nothing of that, and
            the tag is for what the reply answers.
        condition: The sentence that sets one, such as ``With that fixed, feel free to add``;
            empty where it was given without.
        sent_by: Who sent the reply, where the tag names neither him nor an address of his.
        given_on: The earlier revision it was given on, such as ``v1``, where it was given on one
            of the same patch-id.
    """

    __pydantic_config__ = DERIVED

    name: str
    value: str
    given_in: str | None = None
    scope: Scope | None = None
    condition: str = ""
    sent_by: str = ""
    given_on: str = ""

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def counts(self) -> bool:
        """Whether who it names gave it, and gave it on this revision."""
        return not self.sent_by and not self.given_on


def holds_for(tag: Trailer, answered: int, total: int) -> tuple[int, ...]:
    """The patches a tag is for, as places in the series; 0 stands for all of them.

    Args:
        tag: A tag of a reply.
        answered: What the reply answers: the number of a patch, or 0 for the cover letter.
        total: How many patches the series has.
    """
    named = tag.scope.numbers(total) if tag.scope else ()
    if not named:
        return (answered,)
    return (0,) if len(named) == total > 1 else named
