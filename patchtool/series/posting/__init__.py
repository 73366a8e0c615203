# SPDX-License-Identifier: GPL-2.0-or-later
"""From a pile of mails to the one series that is meant.

1. **Postings.** A cover letter and patches, or patches alone, belong together when they are in one
   thread, have the same revision and count to the same total (:mod:`.postings`). A
   second mail with a number that is taken starts another posting, unless its sender and title are
   the same. What counts past the end (``[PATCH 3/2]``) is a patch of its own. Mails without their
   ``vN`` belong to the posting of the thread that lacks just them (:mod:`.slips`).
2. **Broken threads** (:mod:`.broken`). Pieces that one sender posted within a day, with the same
   revision and total and no number in common, are joined. So are lone patches of several authors,
   as ``b4 am`` writes them, if their Message-IDs have the same stamp and host. Each mail that is
   joined in this way is named in ``irregular``.
3. **Sent anew.** A reroll of single patches (``[PATCH v5.1 3/7]``, or a lone ``[PATCH v6 3/7]`` in
   reply to the 3/7 of v5) takes their places. Tags given to an old patch stay in its reviews, and
   do not count for the new one. A posting marked RESEND takes the place of the first.
4. **One of them** (:mod:`.pile`). If several postings are left, the caller picks: ``v8``, or the
   Message-ID of any mail of the posting or of a reply to it. Otherwise the error lists them all.
5. **Replies** (:mod:`.reviews`) go to the patch they answer: by In-Reply-To and References, through
   other replies if need be; by the subject, if those lead nowhere and it names one mail only.
6. **The account.** Every mail that is not used is in ``left_out``, with the reason.

Only envelopes are kept of a whole mailbox (about 800 bytes for each mail); the mails of the posting
that is asked for and the replies to it are parsed whole (:mod:`.threads`).
"""
