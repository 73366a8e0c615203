# SPDX-License-Identifier: GPL-2.0-or-later
"""The commit a series is applied to, and where it belongs in a history.

**The base.** Candidates are tried in this order, and the first one counts at which git applies
every patch and which has none of them yet:

1. The commit that the mails or the manifest name. If the series has ``prerequisite-patch-id``
   lines, the first commit behind it that has those patches is tried before it; patches that are
   missing are named (:mod:`.prerequisites`).
2. The commit that has all blobs which the ``index`` lines name and none of the files which the
   series makes (:mod:`.candidates`). Only the first patch that touches a file counts, since later
   ones name what earlier ones made. The weeks around the date of the mails are searched first, in
   all branches and tags; then a wider window; and the whole history only while the tree has blobs
   that were not seen together. Of several such commits a release is taken, else the one nearest
   before the date.
3. The releases and trees that the series' words name (:mod:`.words`).
4. The commit that has the most of the blobs, if none has all.
5. The newest releases before the date, and at last the tip.

Git tries each with an index and an object folder of patchtool's own (:mod:`.proof`), so the tree is
only read and nothing is checked out.

**What is in the way at the tip.** For each hunk that does not fit there, the lines of the base it
stands on are looked for in every version the file had since, under all its names
(:mod:`.lineage`). The commit that does not have them, and whose parents all do, is the one to
rebase over; ``git log -L`` then names what changed the same place after it (:mod:`.origin`).
Patches that are upstream already are recognised by patch-id, or by subject.

A tree imported from a tarball has no history. It shows which blobs match and where the series
applies, but names no commits.
"""
