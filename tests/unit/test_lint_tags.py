# SPDX-License-Identifier: GPL-2.0-or-later
"""The tags of a commit message: who signs off, what is fixed, what is linked to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchtool.lint import fixes, given, posting, sign_off
from patchtool.lint.findings import Finding, Severity
from patchtool.lint.message import tags
from patchtool.series.model import Dependency, DependsOn, Patch
from patchtool.series.tags.value import Trailer
from tests.lib.posted import AUTHOR, SIGNED, patch_of, series_of

BOB = "Bob Sender <bob@example.org>"
EVE = "Eve Other <eve@example.org>"


def ids(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.id for finding in findings]


def signed(*lines: str, sender: str = AUTHOR, author: str = AUTHOR) -> tuple[Finding, ...]:
    message = "\n".join(["Why it is so.", "", *lines])
    patch = patch_of(message, author=author)
    return sign_off.check(series_of(patch, cover="All of it.", sender=sender))


def test_a_flawless_chain_is_silent() -> None:
    assert signed(SIGNED) == ()
    assert signed(SIGNED, f"Signed-off-by: {BOB}", sender=BOB) == ()
    pair = (f"Co-developed-by: {EVE}", f"Signed-off-by: {EVE}")
    assert signed(*pair, SIGNED) == ()
    assert signed(SIGNED, *pair, f"Reviewed-by: {BOB}", sender=EVE) == ()


def test_addresses_differ_in_case_only() -> None:
    assert signed("Signed-off-by: Ann Author <Ann@Example.org>") == ()


@pytest.mark.parametrize(
    ("lines", "want"),
    [
        ((), ["signoff-missing"]),
        ((f"Reviewed-by: {BOB}",), ["signoff-missing"]),
        ((f"Signed-off-by: {EVE}",), ["signoff-author"]),
        (("Signed-off-by: Ann Author <ann@other.example>",), ["signoff-address"]),
        ((f"Signed-of-by: {AUTHOR}",), ["signoff-spelling"]),
        ((f"signed-off-by: {AUTHOR}",), ["signoff-spelling"]),
        ((SIGNED, "Signed-off-by: root <root@localhost>"), ["signoff-nobody"]),
        ((SIGNED, "Signed-off-by: John <john@box.(none)>"), ["signoff-nobody"]),
        ((SIGNED, "Signed-off-by: <eve@example.org>"), ["signoff-nobody"]),
        ((SIGNED, "Signed-off-by: Eve"), ["signoff-nobody"]),
        ((SIGNED, SIGNED), ["signoff-twice"]),
        ((SIGNED, f"Co-developed-by: {EVE}"), ["signoff-codeveloper"]),
        ((f"Co-developed-by: {EVE}", SIGNED), ["signoff-codeveloper"]),
        (
            (f"Co-developed-by: {EVE}", SIGNED, f"Signed-off-by: {EVE}"),
            ["signoff-codeveloper"],
        ),
        ((f"Co-developed-by: {AUTHOR}", SIGNED), ["signoff-codeveloper-author"]),
    ],
)
def test_what_is_wrong_with_a_chain(lines: tuple[str, ...], want: list[str]) -> None:
    findings = signed(*lines, sender="")
    assert ids(findings) == want
    assert all(finding.patch == 1 and finding.todo for finding in findings)


def test_the_sender_signs_off_and_does_so_last() -> None:
    assert ids(signed(SIGNED, sender=BOB)) == ["signoff-sender"]
    wrong = signed(f"Signed-off-by: {BOB}", SIGNED, sender=BOB)
    assert ids(wrong) == ["signoff-order"]
    assert wrong[0].place == "message:6"


def test_without_a_cover_letter_nobody_knows_the_sender() -> None:
    """The mails of format-patch bear the name of each patch's author."""
    second = patch_of(f"Why.\n\nSigned-off-by: {EVE}", author=EVE)
    assert sign_off.check(series_of(patch_of(), second)) == ()


def test_a_forwarded_patch_names_its_sender_also_without_a_cover_letter() -> None:
    assert ids(sign_off.check(series_of(patch_of(), sender=BOB))) == ["signoff-sender"]


@pytest.mark.parametrize(
    "relay",
    ["Ann Author via B4 Relay <devnull+ann.example.org@kernel.org>", "Ann via mm <mm@lists.x>"],
)
def test_a_relay_signs_nothing_off(relay: str) -> None:
    assert sign_off.check(series_of(patch_of(), cover="All of it.", sender=relay)) == ()


def test_tags_have_the_lines_that_git_commit_shows() -> None:
    (tag,) = tags(patch_of(f"Why.\n\n{SIGNED}"))
    assert tag.place == "message:5"
    assert (tag.address, tag.person) == ("ann@example.org", "Ann Author")


def test_prose_is_no_tag() -> None:
    assert tags(patch_of("It fixes: a lot\nStand-by\nsee also Signed-off-by: in the docs")) == ()


def fixed(*lines: str) -> tuple[Finding, ...]:
    return fixes.form(series_of(patch_of("\n".join(["Why.", "", *lines, SIGNED]))))


@pytest.mark.parametrize(
    ("lines", "want"),
    [
        (('Fixes: 123456789abc ("mm: add ("parens")")',), []),
        (('Fixes: 1234567 ("mm: add")',), ["fixes-short"]),
        (("Fixes: 123456789abc (mm: add)",), ["fixes-form"]),
        (("Fixes: 123456789abc",), ["fixes-form"]),
        (('Fixes: commit 123456789abc ("mm: add")',), ["fixes-form"]),
        (("Fixes: 123456789abc (“mm: add”)",), ["fixes-form"]),
        (('Fixes: 123456789ABC ("mm: add")',), ["fixes-form"]),
    ],
)
def test_the_form_of_fixes(lines: tuple[str, ...], want: list[str]) -> None:
    assert ids(fixed(*lines)) == want


def test_a_folded_or_misused_fixes_tag_is_told_what_to_be() -> None:
    (folded,) = fixed('Fixes: 123456789abc ("mm: add a', 'long subject")')
    assert "one line" in folded.todo
    (link,) = fixed("Fixes: https://bugzilla.kernel.org/show_bug.cgi?id=1")
    assert "Closes:" in link.todo
    assert link.place == "message:5"


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("Link: https://lore.kernel.org/r/a@b", []),
        ("Link: https://lore.kernel.org/r/a@b [1]", []),
        ("Link: https://lore.kernel.org/r/a@b # v2", []),
        ("Closes: http://example.org/1", []),
        ("Link: lore.kernel.org/r/a@b", ["links-form"]),
        ("Closes: #123", ["links-form"]),
        ("Link: see above", ["links-form"]),
        ("Links: https://example.org/1", ["links-tag"]),
    ],
)
def test_links_can_be_followed(line: str, want: list[str]) -> None:
    assert ids(posting.links(series_of(patch_of(f"Why.\n\n{line}\n{SIGNED}")))) == want


def test_a_bare_message_id_is_told_its_link() -> None:
    (found,) = posting.links(series_of(patch_of(f"Why.\n\nLink: <1.2@host>\n{SIGNED}")))
    assert found.todo == "write `Link: https://lore.kernel.org/r/1.2@host`"


@pytest.mark.parametrize(
    ("kind", "value", "count"),
    [
        (DependsOn.BASE_COMMIT, "a" * 40, 0),
        (DependsOn.BASE_COMMIT, "a" * 12, 1),
        (DependsOn.PATCH_ID, "x" * 40, 1),
        (DependsOn.MESSAGE_ID, "<a@b>", 0),
        (DependsOn.MESSAGE_ID, "a", 1),
        (DependsOn.BASED_ON, "mm-unstable", 0),
    ],
)
def test_what_is_needed_is_named_whole(kind: DependsOn, value: str, count: int) -> None:
    series = replace(series_of(), dependencies=(Dependency(kind, value, 0),))
    assert ids(posting.links(series)) == ["links-dependency"] * count


def test_severities_are_those_of_a_maintainer() -> None:
    assert signed(sender="")[0].severity is Severity.ERROR
    assert fixed('Fixes: 1234567 ("mm: add")')[0].severity is Severity.WARNING


def marked(condition: str = "", sent_by: str = "", given_on: str = "") -> Trailer:
    return Trailer("Acked-by", "Bob <bob@b.org>", "r", None, condition, sent_by, given_on)


def patch_with(*tags: Trailer) -> Patch:
    counted = tuple(tag for tag in tags if tag.counts)
    return replace(
        patch_of(), trailers=counted, uncounted=tuple(tag for tag in tags if not tag.counts)
    )


def test_lint_names_the_tags_that_do_not_simply_hold() -> None:
    tags = (
        marked(),
        marked(condition="With that fixed,"),
        marked(sent_by="Eve <eve@e.org>"),
        marked(given_on="v1", condition="Nits aside,"),
    )
    found = given.check(series_of(patch_with(*tags)))
    assert [each.id for each in found] == ["given-condition", "given-sender", "given-earlier"]
    assert "With that fixed," in found[0].text
    assert "Eve" in found[1].text
    assert {each.source for each in found} == {"Acked-by: Bob <bob@b.org>"}
    assert {each.patch for each in found} == {1}
    whole = replace(series_of(patch_of()), trailers=(marked(condition="Once fixed,"),))
    assert [(each.id, each.patch) for each in given.check(whole)] == [("given-condition", 0)]
