# SPDX-License-Identifier: GPL-2.0-or-later
"""Two postings of a series compared: what changed, and was every remark answered? Pure.

1. **Values.** :mod:`.pair` has patches beside each other and the lines that differ, :mod:`.remark`
   what was said, answered and judged, :mod:`.record` all of it, as ``revisions --json`` prints it.
2. **Pairs.** :mod:`.pairing` says which patch came from which: by patch-id, by how like each other
   they are (:mod:`.likeness`), and by what the change log says of patches (:mod:`.bullets`). Each
   result is a :class:`.match.Match`.
3. **Lines.** :mod:`.lines` numbers the lines of a patch before and after, :mod:`.align` tells which
   of two texts belong to each other, and :mod:`.differences` makes runs of what is left.
   :mod:`.kinds` says what kind of a pair that is.
4. **Questions.** :class:`.versions.Comparison` has all pairs, and tells what became of a line
   (``change_at``).
5. **Claims.** :mod:`.support` holds the change log against the differences (:mod:`.wording` finds
   names in prose), :mod:`.tags` the tags, and :mod:`.people` knows who is who.
6. :mod:`.compare` does all of this, and :mod:`.ledger` does it for all postings of a series, which
   gives its life (:mod:`.lifetime`).

A line is named by patch, file, side and number, as the hunk header counts; a commit message counts
from its subject. A difference has an id that bullets, tags and remarks refer to. Nothing here
depends on the clock, on hash seeds, or on a tree; what git has to say comes in as a value.
"""
