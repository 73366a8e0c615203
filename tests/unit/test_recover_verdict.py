# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said of recovered patches, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from patchtool.core.progress import Silent
from patchtool.intake.pages.page import read_page
from patchtool.intake.pages.posting import posting_of
from patchtool.recover import mails
from patchtool.recover.mails import diff_text
from patchtool.recover.record import From, PatchRecovery, Recovery, Verdict, record_of, suspects
from patchtool.recover.recovery import NoFiles, recover
from patchtool.series.diff import parse_diff
from tests.lib.archive_page import Sent, blob, file_diff, folded_page

if TYPE_CHECKING:
    from patchtool.intake.pages.posting import Posting
    from patchtool.recover.record import FileRecovery
    from patchtool.recover.recovery import Files

OLD = b"""\
int lift_add(struct lift *lift, int weight)
{
\tint sum = lift->load;

\tif (weight < 0)
\t\treturn -EINVAL;
\tsum += weight;
\treturn 0;
}
"""
NEW = OLD.replace(b"\tsum += weight;\n", b"\tsum += weight;\n\tlift->load = sum;\n")
LAST = NEW.replace(b"\t\treturn -EINVAL;\n", b"\t\treturn -ERANGE;\n")
ODD = OLD.replace(b"\treturn 0;\n", b"  return \t 1 ;\n")  # nobody writes so


@dataclass
class Tree:
    """A tree in memory."""

    paths: dict[str, bytes] = field(default_factory=dict)
    blobs: list[bytes] = field(default_factory=list)

    def by_path(self, path: str) -> bytes | None:
        return self.paths.get(path)

    def by_blob(self, prefix: str) -> bytes | None:
        everything = [*self.paths.values(), *self.blobs]
        return next((one for one in everything if blob(one, 40).startswith(prefix)), None)


def posting(*patches: str) -> Posting:
    """A posting whose patches have these diffs, from a folded page."""
    sent = [
        Sent("A B", "a@example.org", "2024-03-05 09:10",
             f"[PATCH {number}/{len(patches)}] lift: do",
             f"Why.\n\nSigned-off-by: A B <a@example.org>\n---\n\n{diff}-- \n2.43.0\n")
        for number, diff in enumerate(patches, 1)
    ]  # fmt: skip
    return posting_of(read_page(folded_page(sent).encode()), "page.txt")


def recovered(files: Files, *patches: str) -> tuple[PatchRecovery, ...]:
    return recover(posting(*patches), files, Silent())


def only(found: tuple[PatchRecovery, ...]) -> FileRecovery:
    assert len(found) == len(found[0].files) == 1
    return found[0].files[0]


def test_a_file_whose_hash_is_reached_is_proved() -> None:
    found = only(recovered(Tree({"lift.c": OLD}), file_diff("lift.c", OLD, NEW)))
    assert (found.verdict, found.base, found.exact_base) == (Verdict.PROVED, From.BLOB, True)
    assert found.content == NEW
    assert found.bits > 20
    assert (found.added, found.removed) == (1, 0)
    assert diff_text(found).decode() == file_diff("lift.c", OLD, NEW)


def test_a_new_file_needs_no_tree() -> None:
    diff = file_diff("lift.c", None, OLD)
    found = only(recovered(NoFiles(), diff))
    assert (found.verdict, found.base, found.content) == (Verdict.PROVED, From.NEW, OLD)
    assert diff_text(found).decode() == diff


def test_a_removed_file_is_proved_by_the_old_blob() -> None:
    diff = file_diff("lift.c", OLD, None)
    found = only(recovered(Tree({"lift.c": OLD}), diff))
    assert (found.verdict, found.added, found.removed) == (Verdict.PROVED, 0, 9)
    assert diff_text(found).decode() == diff


def test_each_patch_starts_from_what_the_one_before_left() -> None:
    diffs = file_diff("lift.c", OLD, NEW), file_diff("lift.c", NEW, LAST)
    found = [patch.files[0] for patch in recovered(Tree({"lift.c": OLD}), *diffs)]
    assert [one.verdict for one in found] == [Verdict.PROVED, Verdict.PROVED]
    assert [one.base for one in found] == [From.BLOB, From.SERIES]
    assert found[1].content == LAST


def test_another_version_of_the_old_file_gives_no_proof() -> None:
    other = b"int before;\n\n" + OLD
    found = only(recovered(Tree({"lift.c": other}), file_diff("lift.c", OLD, NEW)))
    assert (found.verdict, found.exact_base) == (Verdict.CONSISTENT, False)
    assert f"no proof without blob {blob(OLD)}" in found.reason
    assert "hunk 1 of 1 fits +2 lines away" in found.notes
    assert found.content == b"int before;\n\n" + NEW
    assert diff_text(found).decode() == file_diff("lift.c", OLD, NEW)


def test_a_tree_that_has_the_old_blob_elsewhere_is_enough() -> None:
    tree = Tree({"lift.c": b"something else\n"}, [OLD])
    assert only(recovered(tree, file_diff("lift.c", OLD, NEW))).verdict is Verdict.PROVED


def test_a_tree_that_has_the_new_blob_settles_it() -> None:
    found = only(recovered(Tree({"lift.c": OLD}, [ODD]), file_diff("lift.c", OLD, ODD)))
    assert (found.verdict, found.content) == (Verdict.PROVED, ODD)
    assert found.reason == "the tree has the new blob"


def test_a_missing_old_file_is_named() -> None:
    found = only(recovered(NoFiles(), file_diff("lift.c", OLD, NEW)))
    assert (found.verdict, found.content) == (Verdict.BASE_MISSING, None)
    assert f"needs blob {blob(OLD)}" in found.reason
    assert (found.added, found.removed) == (1, 0)


def test_an_old_file_that_does_not_fit_is_no_base() -> None:
    found = only(recovered(Tree({"lift.c": b"something else\n"}), file_diff("lift.c", OLD, NEW)))
    assert found.verdict is Verdict.BASE_MISSING
    assert "hunk 1 of 1" in found.reason
    assert f"needs blob {blob(OLD)}" in found.reason


def test_a_diff_that_does_not_fit_the_right_old_file_failed() -> None:
    damaged = file_diff("lift.c", OLD, NEW).replace(" \tsum += weight;\n", "")
    found = only(recovered(Tree({"lift.c": OLD}), damaged))
    assert (found.verdict, found.structure) == (Verdict.FAILED, None)
    assert "hunk 1 of 1 (@@ -5,5 +5,6 @@) does not fit the base file" in found.reason


def test_white_space_that_nobody_writes_stays_open() -> None:
    found = only(recovered(Tree({"lift.c": OLD}), file_diff("lift.c", OLD, ODD)))
    assert found.verdict is Verdict.CONSISTENT
    assert f"has hash {blob(ODD)}" in found.reason
    assert not found.bits


def others(count: int) -> tuple[dict[str, bytes], list[str]]:
    names = [f"other{number}.c" for number in range(count)]
    files = {name: OLD.replace(b"lift_add", name[:-2].encode()) for name in names}
    diffs = [
        file_diff(name, text, text.replace(b"\treturn 0;\n", b"\treturn 1;\n"))
        for name, text in files.items()
    ]
    return files, diffs


def test_an_index_line_is_suspected_when_all_else_is_proved() -> None:
    files, diffs = others(3)
    wrong = file_diff("lift.c", OLD, NEW, index=f"{blob(OLD)}..1234567")
    found = recovered(Tree({**files, "lift.c": OLD}), "".join([*diffs, wrong]))[0].files
    assert [one.verdict for one in found] == [Verdict.PROVED] * 3 + [Verdict.INDEX_SUSPECT]
    assert "none of" in found[-1].reason
    assert found[-1].content == NEW


def test_an_index_line_is_not_suspected_on_little_evidence() -> None:
    files, diffs = others(2)
    wrong = file_diff("lift.c", OLD, NEW, index=f"{blob(OLD)}..1234567")
    found = recovered(Tree({**files, "lift.c": OLD}), "".join([*diffs, wrong]))[0].files
    assert found[-1].verdict is Verdict.CONSISTENT
    files, diffs = others(4)
    both = [wrong, file_diff("door.c", OLD, NEW, index=f"{blob(OLD)}..7654321")]
    tree = Tree({**files, "lift.c": OLD, "door.c": OLD})
    found = recovered(tree, "".join([*diffs, *both]))[0].files
    assert suspects(found) == frozenset()


def test_a_later_patch_that_names_the_blob_proves_it() -> None:
    wrong = file_diff("lift.c", OLD, NEW, index=f"{blob(OLD)}..1234567")
    found = recovered(Tree({"lift.c": OLD}), wrong, file_diff("lift.c", NEW, LAST))
    assert [patch.files[0].verdict for patch in found] == [Verdict.PROVED, Verdict.PROVED]
    assert "its own index line (1234567) is wrong" in found[0].files[0].reason


def test_a_file_that_is_changed_twice_in_one_patch_failed() -> None:
    diff = file_diff("lift.c", OLD, NEW)
    found = recovered(Tree({"lift.c": OLD}), diff + diff)[0].files
    assert [one.verdict for one in found] == [Verdict.PROVED, Verdict.FAILED]
    assert found[1].reason == "lift.c: changed twice in one patch"


@pytest.mark.parametrize("new", [OLD.replace(b"\treturn 0;", b'\tputs("a  b");'), NEW])
def test_folded_blanks_in_string_literals_are_listed(new: bytes) -> None:
    found = only(recovered(Tree({"lift.c": OLD}), file_diff("lift.c", OLD, new)))
    assert [literal.text.split() for literal in found.literals] == (
        [[b'"a', b'b"']] if b"puts" in new else []
    )


def test_addresses_masked_for_good_in_added_lines_are_listed() -> None:
    new = b"/* By A <a@example.org> */\n" + OLD
    diff = file_diff("lift.c", OLD, new).replace("a@example.org", "a@xxxxxxxxxxx")
    found = only(recovered(Tree({"lift.c": OLD}), diff))
    assert "masked for good in an added line: a@xxxxxxxxxxx" in found.notes


def record(files: Files, *patches: str) -> Recovery:
    given = posting(*patches)
    found = recover(given, files, Silent())
    return record_of("page.txt", b"", read_page(b""), given, found, mails.names(found), ("", ""))


def test_the_record_says_what_is_good_and_what_is_needed() -> None:
    diff = file_diff("lift.c", OLD, NEW)
    good = record(Tree({"lift.c": OLD}), diff)
    assert good.good
    assert not good.needed
    bad = record(NoFiles(), diff)
    assert not bad.good
    assert bad.needed == (("lift.c", blob(OLD)),)
    assert Recovery.model_validate_json(bad.model_dump_json()) == bad
    assert not bad.model_copy(update={"patches": ()}).good


def test_a_diffstat_that_disagrees_is_named() -> None:
    diff = " lift.c | 5 +++++\n 1 file changed, 5 insertions(+)\n\n" + file_diff("lift.c", OLD, NEW)
    found = record(Tree({"lift.c": OLD}), diff).patches[0].diffstat
    assert found == ("lift.c: the diffstat says 5 changed lines, the diff has 1 changed line",)


def test_mails_can_be_read_again() -> None:
    given = posting(file_diff("lift.c", OLD, NEW), file_diff("door.c", NEW, LAST))
    found = recover(given, Tree({"lift.c": OLD}), Silent())
    made = mails.files(given, found, "key")
    assert list(made) == [
        "0001-lift-do.patch", f"0002-lift-do.patch{mails.INCOMPLETE}", mails.THREAD,
    ]  # fmt: skip
    diffs = parse_diff(made["0001-lift-do.patch"], "mail")
    assert diffs[0].hunks[0].added == (b"\tlift->load = sum;",)


def test_a_subject_cannot_name_a_file_outside_the_folder() -> None:
    given = posting(file_diff("lift.c", OLD, NEW))
    patch = replace(given.patches[0], subject="../../etc/passwd\r\nX-Evil: 1")
    given = replace(given, patches=(patch,))
    found = recover(given, Tree({"lift.c": OLD}), Silent())
    names = mails.names(found)
    assert names == {1: "0001-etc-passwd-X-Evil-1.patch"}
    text = mails.files(given, found, "key")[names[1]]
    assert b"\nX-Evil" not in text
