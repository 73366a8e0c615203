# SPDX-License-Identifier: GPL-2.0-or-later
"""What checkpatch.pl and get_maintainer.pl print, read as findings."""

from __future__ import annotations

from dataclasses import replace

from patchtool.lint.checkpatch import parse, without_ours
from patchtool.lint.findings import Finding, Severity
from patchtool.lint.recipients import missing
from patchtool.lint.recipients import parse as parse_maintainers
from tests.lib.posted import SIGNED, patch_of, series_of

#: As the script of 6.12 prints it; line 8 of the mail below is the message's second line.
TYPED = """\
ERROR:GIT_COMMIT_ID: Please use git commit description style 'commit <12+ chars of sha1>'
#8:
commit 1234567890ab blah

WARNING:LONG_LINE: line length of 120 exceeds 100 columns
#14: FILE: mm/a b.c:84:
+\tcount_vm_event(event);

CHECK:SPACING: spaces preferred around that '+' (ctx:VxV)
#15: FILE: mm/x.c:85:
+\tx = a+b;
 \t     ^

WARNING:FILE_PATH_CHANGES: added, moved or deleted file(s), does MAINTAINERS need updating?
#99: 
new file mode 100644

"""  # noqa: W291 (the script prints it so)
OLD = """\
WARNING: line over 80 characters
#14: FILE: mm/x.c:3:
+x

ERROR: Missing Signed-off-by: line(s)

"""


def test_each_paragraph_is_a_finding_with_its_place() -> None:
    patch = patch_of(f"First.\ncommit 1234567890ab blah\n\n{SIGNED}")
    commit, long, spacing, files = parse(TYPED, patch, {"LONG_LINE"})
    assert (commit.id, commit.place) == ("checkpatch-GIT_COMMIT_ID", "message:4")
    assert commit.source == "commit 1234567890ab blah"
    assert commit.severity is Severity.ERROR
    assert (long.severity, long.place) == (Severity.WARNING, "mm/a b.c:84")
    assert "explains LONG_LINE" in long.todo
    assert (spacing.severity, spacing.source) == (Severity.NOTE, "+\tx = a+b;")
    assert spacing.todo == ""
    assert (files.id, files.place) == ("checkpatch-FILE_PATH_CHANGES", "")


def test_the_output_of_old_releases_has_no_types() -> None:
    long, missing = parse(OLD, patch_of(), set())
    assert (long.id, long.place) == ("checkpatch-untyped", "mm/x.c:3")
    assert missing.text == "Missing Signed-off-by: line(s)"


def test_a_clean_patch_has_no_findings() -> None:
    assert parse("", patch_of(), set()) == ()


def test_what_a_check_of_ours_finds_is_not_told_twice() -> None:
    found = [
        Finding(Severity.ERROR, "checkpatch-MISSING_SIGN_OFF", 1, ""),
        Finding(Severity.ERROR, "signoff-missing", 1, ""),
    ]
    assert [each.id for each in without_ours(found, {"signoff"})] == ["signoff-missing"]
    assert list(without_ours(found, {"checkpatch"})) == found


PEOPLE = """\
"Michael S. Tsirkin" <mst@redhat.com> (maintainer:VIRTIO BALLOON)
David Hildenbrand <David@RedHat.com> (supporter:VIRTIO BALLOON)
"Eugenio Pérez" <eperezma@redhat.com> (reviewer:VIRTIO CORE (AND NET) DRIVERS)
linux-kernel@vger.kernel.org (open list)
linux-mm@kvack.org (moderated list:MEMORY MANAGEMENT)
"""


def lacking(*recipients: str) -> list[tuple[str, str]]:
    patch = replace(patch_of(), recipients=recipients)
    found = missing(series_of(patch), {1: parse_maintainers(PEOPLE)})
    return [(each.id, each.text) for each in found]


def test_roles_tell_people_from_lists() -> None:
    who = parse_maintainers(PEOPLE)
    assert [each.is_list for each in who] == [False, False, False, True, True]
    assert [each.is_maintainer for each in who] == [True, True, False, False, False]
    assert who[1].address == "david@redhat.com"
    assert who[2].role == "reviewer:VIRTIO CORE (AND NET) DRIVERS"


def test_who_does_not_get_the_patch_is_named() -> None:
    every = ("mst@redhat.com", "david@redhat.com", "eperezma@redhat.com")
    lists = ("linux-kernel@vger.kernel.org", "linux-mm@kvack.org")
    assert lacking(*every, *lists) == []
    text = "linux-mm@kvack.org (moderated list:MEMORY MANAGEMENT) does not get patch 1"
    assert lacking(*every, lists[0]) == [("recipients-list", text)]
    assert [name for name, _ in lacking(every[0], *lists)] == ["recipients-person"] * 2
    assert [name for name, _ in lacking(*lists)] == ["recipients-maintainer", "recipients-person"]


def test_someone_who_misses_several_patches_is_named_once() -> None:
    who = parse_maintainers("Rob <rob@example.org> (reviewer:MM)\n")
    everything = ("ann@example.org",)
    patches = [replace(patch_of(number=at), recipients=everything) for at in (1, 2, 3)]
    series = series_of(*patches)
    (found,) = missing(series, {1: who, 2: who, 3: who})
    assert (found.patch, found.text) == (
        None,
        "rob@example.org (reviewer:MM) does not get any patch",
    )
    (found,) = missing(series, {1: (), 2: who, 3: who})
    assert (found.patch, found.text) == (2, "rob@example.org (reviewer:MM) does not get patch 2, 3")


def test_what_ours_say_of_a_line_of_the_message_is_enough() -> None:
    ours = Finding(Severity.ERROR, "links-form", 1, "", place="message:5")
    same = Finding(Severity.WARNING, "checkpatch-COMMIT_LOG_WRONG_LINK", 1, "", place="message:5")
    other = replace(same, patch=2)
    assert list(without_ours([ours, same, other], {"links", "checkpatch"})) == [ours, other]
