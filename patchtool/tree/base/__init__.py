# SPDX-License-Identifier: GPL-2.0-or-later
"""The commit a series is applied to, and where it belongs in a history.

There is one search. A run, ``kconfig``, ``series lint`` and ``--plan`` take what it finds
(:func:`.choose.choose_base`); ``series base`` shows how it was found and what is in the way since
(:func:`.belonging.find_base`). What the user names with ``--base`` is taken without a search.

**The base.** Candidates are tried in this order (:mod:`.search`), and the first one counts at
which git applies every patch:

1. What the series names: the manifest's ``base.commit``, the base commits of the mails, the
   manifest's ``base.tag`` and ``base.also``. If the series has ``prerequisite-patch-id`` lines,
   the first commit behind it that has those patches is tried before it; patches that are missing
   are named (:mod:`.prerequisites`).
2. The commit that has all blobs which the ``index`` lines name and none of the files which the
   series makes (:mod:`.blobs`). Only the first patch that touches a file counts, since later
   ones name what earlier ones made. The weeks around the date of the mails are searched first, in
   all branches and tags; then a wider window; and the whole history only while the tree has blobs
   that were not seen together. Of several such commits a release is taken, else the one nearest
   before the date.
3. What the series names once more, now applied as a run applies it: by a 3-way merge, or with
   less context.
4. The releases and trees that the series' words name (:mod:`.words`).
5. The commit that has the most of the blobs, if none has all.
6. The newest releases before the date, and at last the tip; the tip first for diffs without a
   date.

Only a commit that the series names may have some of the patches already.

Git tries each with an index and an object folder of patchtool's own (:mod:`.proof`), so the tree is
only read and nothing is checked out.

Where the series applies nowhere, a run still needs a base to show the conflict at: the first
commit that the series names and the tree has, else HEAD, else the newest release. ``series base``
says that there is none.

**The time.** A run's search ends after ``base_timeout`` seconds, and the run says so. The
prerequisites have the first 40 % of that, the blobs have until 80 %, so that time is left to prove
what they found. ``series base`` has no limit. A choice is stored under what was looked at: the
mails, what they and the manifest name, and every ref of the tree; if the search was cut short, it
is repeated when there is more time. A tree of one commit, as an import from a tarball is, leaves
nothing to choose, and nothing is proved.

**What is in the way at the tip.** For each hunk that does not fit there, the lines of the base it
stands on (:mod:`.placing`) are looked for in every version the file had since, under all its names
(:mod:`.lineage`). The commit that does not have them, and whose parents all do, is the one to
rebase over; ``git log -L`` then names what changed the same place after it (:mod:`.origin`).
Patches that are upstream already are recognised by patch-id, or by subject.

A tree imported from a tarball has no history. It shows which blobs match and where the series
applies, but names no commits.
"""
