# SPDX-License-Identifier: GPL-2.0-or-later
"""Lint against trees: with a history and without, and with the kernel's own scripts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from patchtool.core import settings
from patchtool.core.progress import Silent
from patchtool.errors import CommandTimeout
from patchtool.lint.findings import Finding, Severity
from patchtool.lint.kernel import CHECKPATCH, EXPLANATIONS, GET_MAINTAINER
from patchtool.tree import plumbing
from patchtool.tree.commit_files import export
from patchtool.tree.repository import ensure_tree
from tests.lib.gitrepo import git
from tests.lib.linted import SIGNED, Setting, ids, made


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """checkpatch and get_maintainer of the packaged 6.12, whose import is the user's own."""
    source = Path("/usr/src/linux-source-6.12.tar.xz")
    if not source.is_file() and not os.environ.get("CI"):
        pytest.skip("the package linux-source-6.12 is not installed")
    chosen = settings.load()
    tree = ensure_tree(str(source), chosen, Silent())
    folder = tmp_path_factory.mktemp("scripts")
    names = (CHECKPATCH, GET_MAINTAINER, EXPLANATIONS, "scripts/spelling.txt")
    with plumbing.open_repository(tree.git_dir, chosen) as repo:
        assert len(export(repo, "HEAD", names, folder)) == len(names)
    return folder


@pytest.fixture
def it(tmp_path: Path) -> Setting:
    return made(tmp_path)


def fixing(it: Setting, tag: str) -> list[Finding]:
    it.change("mm/count: fix it", "It was broken.", "", tag)
    return it.lint(it.post(), ["fixes"])


def named(it: Setting, revision: str, subject: str, digits: int = 12) -> str:
    commit = git(it.top, "rev-parse", revision)
    return f'Fixes: {commit[:digits]} ("{subject}")'


def test_a_right_fixes_tag_is_silent(it: Setting) -> None:
    assert fixing(it, named(it, "HEAD~2", "mm/count: add number 5 (5)")) == []


def test_a_wrong_subject_is_told_the_right_tag(it: Setting) -> None:
    right = named(it, "HEAD~2", "mm/count: add number 5 (5)")
    (found,) = fixing(it, named(it, "HEAD~2", "mm/count: add number five (5)"))
    assert (found.id, found.severity) == ("fixes-subject", Severity.ERROR)
    assert found.todo == f"write `{right}`"
    assert found.place == "message:5"


def test_a_hash_that_is_not_in_the_tree(it: Setting) -> None:
    (found,) = fixing(it, 'Fixes: 0123456789ab ("mm/count: add number 5 (5)")')
    assert found.id == "fixes-unknown"


def test_the_hash_of_a_blob_is_no_commit(it: Setting) -> None:
    blob = git(it.top, "rev-parse", "HEAD:Makefile")
    assert ids(fixing(it, f'Fixes: {blob[:12]} ("x")')) == ["fixes-unknown"]


def test_a_commit_of_another_branch_is_not_what_the_base_has(it: Setting) -> None:
    git(it.top, "checkout", "-q", "-b", "other", "HEAD~1")
    it.edit("line_30;", "other_30;")
    commit = it.commit("mm/count: go another way")
    git(it.top, "checkout", "-q", "main")
    (found,) = fixing(it, f'Fixes: {commit[:12]} ("mm/count: go another way")')
    assert (found.id, found.severity) == ("fixes-elsewhere", Severity.WARNING)


def test_a_tree_without_history_cannot_tell(tmp_path: Path) -> None:
    """Not a false error: the commit is not in the tree because no commit is."""
    it = Setting(tmp_path)
    git(it.top, "tag", "v6.12")
    it.change("mm/count: fix it", "Broken.", "", 'Fixes: 0123456789ab ("mm: count")')
    found = it.lint(it.post(), ["fixes", "prefix"])
    assert ids(found) == ["prefix-unchecked", "fixes-unchecked"] or ids(found) == [
        "fixes-unchecked",
        "prefix-unchecked",
    ]
    assert all(finding.severity is Severity.NOTE for finding in found)
    assert "has no history" in found[0].text


def test_a_shallow_clone_cannot_tell_either(it: Setting) -> None:
    tag = named(it, "HEAD~5", "mm/count: add number 2 (2)")
    it.change("mm/count: fix it", "It was broken.", "", tag)
    posted = it.post()
    shallow = it.folder / "shallow"
    git(it.folder, "clone", "-q", "--depth=2", f"file://{it.top}", str(shallow))
    assert ids(it.lint(posted, ["fixes"], str(shallow))) == ["fixes-unchecked"]


@pytest.mark.parametrize(
    ("subject", "want"),
    [
        ("mm/count: change it", []),
        ("treewide: change it", []),
        ('Revert "mm: change it"', []),
        ("mm/cuont: change it", ["prefix-unknown"]),
        ("MM/count: change it", ["prefix-unknown"]),
    ],
)
def test_the_prefix_is_one_that_others_used(it: Setting, subject: str, want: list[str]) -> None:
    it.change(subject, "Why.")
    found = it.lint(it.post(), ["prefix"])
    assert ids(found) == want
    assert all("`mm/count:`" in finding.todo for finding in found)


def test_a_new_file_is_judged_by_those_beside_it(it: Setting) -> None:
    it.write("mm/new.c", "int x;\n")
    it.commit(f"foo: add it\n\nWhy.\n\n{SIGNED}")
    (found,) = it.lint(it.post(), ["prefix"])
    assert "files beside its own" in found.text
    assert "`mm/count:`" in found.todo


def test_patches_that_are_in_the_tree_do_not_prove_their_own_prefix(it: Setting) -> None:
    """b4 checks a branch that has the patches: they are part of the history asked."""
    for line in (20, 21, 22):
        it.change(f"wrong: change {line}", "Why.", line=line)
    out = it.folder / "posted"
    git(it.top, "format-patch", "-q", "-o", str(out), "v6.12..HEAD")
    assert ids(it.lint(out, ["prefix"])) == ["prefix-unknown"] * 3


def test_checkpatch_findings_have_places_in_the_tree(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    it.change("mm/count: change it", "Why in recieve.", new="if(x){y=1;}")
    found = it.lint(it.post(), ["checkpatch"])
    spacing = [each for each in found if each.id == "checkpatch-SPACING"]
    assert spacing
    assert {each.place for each in spacing} == {"mm/count.c:20"}
    typo = next(each for each in found if each.id == "checkpatch-TYPO_SPELLING")
    assert typo.place == "message:3"
    assert "recieve" in typo.source
    assert "Documentation/dev-tools/checkpatch.rst" in spacing[0].todo


def told(it: Setting, name: str) -> str:
    """A checkpatch that leaves a file behind, and complains in that file's name."""
    mark = it.folder / name
    return f"""\
open(my $mark, '>', '{mark}'); # 'show-types!'
print "WARNING:{name.upper()}: of {name}\\n";
"""


@pytest.fixture
def foreign(it: Setting) -> str:
    """A commit that the tree has, and HEAD not: its scripts and what they call are its own."""
    it.write(CHECKPATCH, told(it, "ours"))
    it.commit("scripts: add ours")
    git(it.top, "tag", "-f", "v6.12")
    git(it.top, "checkout", "-q", "-b", "fetched")
    it.write(CHECKPATCH, told(it, "theirs"))
    it.write("scripts/spdxcheck.py", "theirs\n")
    commit = it.commit("scripts: change them")
    it.change("mm/count: fix it", "It was broken.")
    out = it.folder / "posted"
    git(it.top, "format-patch", "-q", "-o", str(out), f"--base={commit}", f"{commit}..HEAD")
    git(it.top, "checkout", "-q", "main")
    return commit


def test_a_mail_does_not_choose_whose_script_runs(it: Setting, foreign: str) -> None:
    (patch,) = (it.folder / "posted").iterdir()
    assert f"base-commit: {foreign}" in patch.read_text()
    words = (str(it.folder / "posted"), "--tree", ".", "--only", "checkpatch")
    done = run(it, *words)
    assert "checkpatch-OURS" in done.stdout, done
    assert "is not in the history of HEAD" in done.stderr
    assert (it.folder / "ours").exists()
    assert not (it.folder / "theirs").exists()


def test_a_patch_of_a_script_does_not_bring_the_script_along(it: Setting, foreign: str) -> None:
    git(it.top, "checkout", "-q", "fetched")
    it.write("scripts/spdxcheck.py", "theirs, changed\n")
    it.write(CHECKPATCH, told(it, "theirs") + "# changed\n")
    it.commit(f"scripts: change them again\n\nWhy.\n\n{SIGNED}")
    out = it.folder / "scripted"
    git(it.top, "format-patch", "-q", "-o", str(out), f"--base={foreign}", "HEAD~1..HEAD")
    git(it.top, "checkout", "-q", "main")
    assert ids(it.lint(out, ["checkpatch"])) == ["checkpatch-OURS"]
    assert not (it.folder / "theirs").exists()


def test_the_user_may_choose_it(it: Setting, foreign: str) -> None:
    words = (str(it.folder / "posted"), "--tree", ".", "--only", "checkpatch")
    done = run(it, *words, "--base", foreign)
    assert "checkpatch-THEIRS" in done.stdout, done
    assert not (it.folder / "ours").exists()


def test_a_base_that_shares_nothing_with_head_has_no_scripts(it: Setting, foreign: str) -> None:
    tree = git(it.top, "rev-parse", f"{foreign}^{{tree}}")
    alone = git(it.top, "commit-tree", "-m", "all of it", tree)
    git(it.top, "branch", "alone", alone)
    (patch,) = (it.folder / "posted").iterdir()
    patch.write_text(patch.read_text().replace(foreign, alone))
    (found,) = it.lint(it.folder / "posted", ["checkpatch"])
    assert found.id == "checkpatch-unchecked"
    assert "no commit in common" in found.text
    assert not (it.folder / "theirs").exists()


def test_checkpatch_knows_the_commits_of_a_tree_with_history(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    known = git(it.top, "rev-parse", "HEAD~3")[:12]
    subject = git(it.top, "log", "-1", "--format=%s", known)
    it.change("mm/count: one", f'As commit {known} ("{subject}") did.', line=20)
    it.change("mm/count: two", 'As commit 0123456789ab ("mm/count: no") did.', line=21)
    found = it.lint(it.post(), ["checkpatch"])
    assert [(each.patch, each.id) for each in found] == [(2, "checkpatch-UNKNOWN_COMMIT_ID")]


def test_what_both_find_is_told_once(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    it.edit("line_20;", "changed_20; ")
    it.commit("mm/count: change it\n\nWhy it must be so.")
    found = ids(it.lint(it.post(), ["checkpatch", "signoff", "whitespace"]))
    assert "whitespace-trailing" in found
    assert "signoff-missing" in found
    assert "checkpatch-TRAILING_WHITESPACE" not in found
    assert "checkpatch-MISSING_SIGN_OFF" not in found


def test_a_tree_without_the_scripts_says_so(it: Setting) -> None:
    it.change("mm/count: change it", "Why.")
    found = it.lint(it.post("--to=x@example.org"), ["checkpatch", "recipients"])
    assert sorted(ids(found)) == ["checkpatch-unchecked", "recipients-unchecked"]
    assert "has no scripts/checkpatch.pl" in found[0].text + found[1].text


def test_a_script_that_does_not_run_is_no_verdict(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    it.write(CHECKPATCH, 'die "no such pragma\\n";\n')
    it.commit("scripts: break it")
    git(it.top, "tag", "-f", "v6.12")
    it.change("mm/count: change it", "Why.")
    (found,) = it.lint(it.post(), ["checkpatch"])
    assert found.id == "checkpatch-unchecked"
    assert "no such pragma" in found.text


def test_a_script_that_never_ends_is_ended(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    it.write(CHECKPATCH, "sleep 600;\n")
    it.commit("scripts: make it sleep")
    git(it.top, "tag", "-f", "v6.12")
    it.change("mm/count: change it", "Why.")
    it.conf = it.conf.model_copy(update={"script_timeout": 1.0})
    with pytest.raises(CommandTimeout):
        it.lint(it.post(), ["checkpatch"])


def test_without_perl_the_user_is_told_how_to_get_it(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    it.change("mm/count: change it", "Why.")
    tools = it.folder / "bin"
    tools.mkdir()
    program = shutil.which("git")
    assert program is not None
    (tools / "git").symlink_to(program)
    done = run(it, str(it.post()), "--tree", ".", "--only", "checkpatch", PATH=str(tools))
    assert done.returncode == 3
    assert "perl is not installed" in done.stderr


def test_recipients_are_those_that_maintainers_name(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    it.change("mm/count: change it", "Why.")
    to = ("--to=Rob <ROB@example.org>", "--cc=mm-list@example.org")
    found = it.lint(it.post(*to), ["recipients"])
    assert ids(found) == ["recipients-maintainer", "recipients-list"]
    assert "mary@example.org (maintainer:MEMORY COUNTING)" in found[0].text
    assert "all-list@example.org" in found[1].text
    assert "mm-list" not in found[1].text


def test_mails_without_recipients_are_a_note(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    it.change("mm/count: change it", "Why.", line=20)
    it.change("mm/count: change that", "Why.", line=21)
    assert ids(it.lint(it.post(), ["recipients"])) == ["recipients-unchecked"]


def test_a_base_commit_that_the_tree_lacks(it: Setting) -> None:
    it.change("mm/count: change it", "Why.", line=20)
    it.change("mm/count: change that", "Why.", line=21)
    posted = it.post()
    last = max(posted.iterdir())
    text = last.read_text(encoding="utf-8")
    last.write_text(text.replace("\n-- \n", f"\nbase-commit: {'a' * 40}\n-- \n"), encoding="utf-8")
    (found,) = it.lint(posted, ["base"])
    assert (found.id, found.severity) == ("base-unknown", Severity.WARNING)


def test_a_clean_series_has_no_finding(it: Setting, scripts: Path) -> None:
    it.add_scripts(scripts)
    it.change("mm/count: change it", "The twentieth line is not what it should be. Change it.")
    everyone = ("mary", "rob", "mm-list", "all-list")
    posted = it.post(*(f"--to={name}@example.org" for name in everyone), "--base=v6.12")
    assert it.lint(posted) == []


def run(it: Setting, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "patchtool", "series", "lint", *words],
        env=it.environment(**env), cwd=it.top, input=stdin,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_command_groups_by_patch_and_fails_on_errors(it: Setting) -> None:
    it.change("mm/count: fix it", "Broken.", "", 'Fixes: 0123456789ab ("mm: count")', line=20)
    it.change("count that", "Why.", line=21)
    posted = str(it.post())
    done = run(it, posted, "--tree", ".", "--skip", "checkpatch", "--skip", "recipients")
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "1/2 mm/count: fix it"
    assert "error" in lines[1]
    assert "message:5: linux has no commit 0123456789ab [fixes-unknown]" in lines[1]
    assert "2/2 count that" in lines
    assert "against linux at v6.12 (1 of 1 blobs match; applies)" in lines[-1]
    assert lines[-1].endswith("1 error, 1 warning")
    only = ("--only", "subject")
    assert run(it, posted, *only).returncode == 0
    assert run(it, posted, *only, "--fail-on", "warning").returncode == 1
    assert run(it, posted, "--tree", ".", "--only", "fixes", "--fail-on", "never").returncode == 0


def test_json_has_every_field(it: Setting) -> None:
    it.change("count that", "Why.")
    done = run(it, str(it.post()), "--json", "--only", "subject")
    told = json.loads(done.stdout)
    assert told["series"]["patches"] == ["count that"]
    assert told["against"] is None
    (found,) = told["findings"]
    assert found["check"] == "subject"
    assert found["id"] == "subject-prefix"
    assert (found["severity"], found["patch"], found["place"]) == ("warning", 1, "message:1")


def test_wrong_words_are_usage_errors(it: Setting) -> None:
    it.change("mm/count: change it", "Why.")
    posted = str(it.post())
    assert run(it, posted, "--only", "style").returncode == 2
    assert run(it, posted, "--base", "v6.12").returncode == 2
    assert run(it, posted, "--b4", "prep").returncode == 2
    assert run(it).returncode == 2
