# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged copies of patches made whole again, with the proof.

An archive's page that was turned to text has the words of a patch and not its white space: line
breaks, indentation, runs of blanks, the leading blank of context lines. What is still there is
enough to find the rest, step by step:

1. :mod:`patchtool.intake.pages` reads the page as a posting.
2. :mod:`.fragment` takes a file diff apart as far as its headers tell: paths, blobs, hunks, words.
3. :mod:`.lattice` tells the lines of a hunk by a dynamic programme over (word, old line, new line);
   :mod:`.breaks` weighs how likely an added line begins or ends at a word. :mod:`.structure` joins
   the hunks; there may be several readings, each with a cost in bits.
4. The white space of added lines is open. :mod:`.sheet` is the new file with those lines to be
   written; :mod:`.syntax` tells where each line stands in its block, statement or comment.
   :mod:`.indents` and :mod:`.gaps` list what may stand in front of a line and between its words:
   each candidate with signs that speak for it, such as "as deep as the line above in its block".
   :mod:`.weights` turns the signs into bits, by weights that were fitted (``weights.toml``), with
   how often the file itself does what a sign says.
5. :mod:`.draft` writes the likeliest file, and :mod:`.fill` tries others in order of their cost
   until one has the blob hash that the mail's ``index`` line names. The limit is a count of
   candidates, not a time, so a result does not depend on the machine.
6. :mod:`.recovery` goes through the patches. Each starts from what the one before left, so that
   they check each other, and lines that are proved in one file are tried in the next.
   :mod:`.record` says how well each file is recovered, and :mod:`.mails` writes the mails.

A match is evidence of 4 bits for each digit of the abbreviated hash, less log2 of the candidates
tried (:mod:`.fill`). PROVED needs 12 bits: one false proof in 4096 is then to be expected, and
only among the files whose right bytes were not among the candidates. A 7-digit hash allows 65,536
candidates for that. Where nothing is proved, the likeliest text is given, with every place where
something else is possible. Blanks inside string literals are listed: there, a wrong guess changes
what the program says.
"""
