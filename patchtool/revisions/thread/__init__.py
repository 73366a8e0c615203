# SPDX-License-Identifier: GPL-2.0-or-later
"""The replies to a posting, read: who said what, about which line, and what came of it.

1. **Reading** (:mod:`.quotes`, :mod:`.attributions`, :mod:`.letters`). A mail is cut into quotes
   and its own text. What a mail that is not there said is put together from those that quote it.
2. **Places** (:mod:`.spots`, :mod:`.matching`). Each quoted line is found in the mail it comes
   from, and through that in the patch.
3. **Remarks** (:mod:`.sentences`, :mod:`.wishes`, :mod:`.remarks`). The text below a quote is one
   remark, or several, if it wishes several things.
4. **Answers** (:mod:`.answers`). What is said below a quoted remark answers it.
5. **Proposals** (:mod:`.proposals`). A diff in the thread is a revision of its own.
6. **Verdicts** (:mod:`.evidence`, :mod:`.rules`, :mod:`.judging`). What became of the place, what
   the text asked for and what was answered decide together.
7. **Reasons** (:mod:`.asked`). What a remark asked for is no change without a reason.

Mails are hostile: no expression here can blow up, and the time is linear in the size of the mails,
but for a table of runs that is bounded.
"""
