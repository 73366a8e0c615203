# SPDX-License-Identifier: GPL-2.0-or-later
"""From a pile of mails to the one series that is meant.

1. **Postings.** A cover letter and patches, or patches alone, belong together when they are in one
   thread, have the same revision and count to the same total (:mod:`.postings`). A
   second mail with a number that is taken starts another posting, unless its sender and title are
   the same. What counts past the end (``[PATCH 3/2]``) is a patch of its own. Mails without their
   ``vN`` belong to the posting of the thread that lacks just them (:mod:`.slips`), and so does one
   with a wrong ``vN`` that its sender sent there within the hour, and so do
   patches without numbers below a cover letter that counts them. A cover letter may bear a patch's
   number, or count otherwise than its patches, which then decide. Patches without numbers are a
   series if one sender sent them within an hour, each in reply to another of them, and their diffs
   apply one behind the other (:mod:`.together`).
2. **Broken threads** (:mod:`.broken`). Pieces that one sender posted within a day, with the same
   revision and total and no number in common, are joined. So are lone patches of several authors,
   as ``b4 am`` writes them, if their Message-IDs have the same stamp and host. Each mail that is
   joined in this way is named in ``irregular``.
3. **Sent anew.** A reroll of single patches (``[PATCH v5.1 3/7]``, or a lone ``[PATCH v6 3/7]`` in
   reply to the 3/7 of v5) takes their places. Tags given to an old patch stay in its reviews, and
   do not count for the new one. Without its number, only a patch of the same sender takes it. One
   without its ``vN`` does so too, if it has the title of the patch it answers. A
   posting marked RESEND takes the place of the first, and a whole one that of its own mails which
   were sent up to a week earlier without the others. Of a patch that is there twice, unchanged, the
   first is taken.
4. **One of them** (:mod:`.pile`). If several postings are left, the caller picks: ``v8``, or the
   Message-ID of any mail of the posting or of a reply to it. Otherwise the error lists them all.
5. **Replies** (:mod:`.reviews`) go to the patch they answer: by In-Reply-To and References, through
   other replies if need be; by the subject, if those lead nowhere and it names one mail only. So
   do a lone patch in the thread ("[PATCH] fix for ...") and the replies to it, but give no tags.
6. **The account.** Every mail that is not used is in ``left_out``, with the reason.

Only envelopes are kept of a whole mailbox (about 800 bytes for each mail); the mails of the posting
that is asked for and the replies to it are parsed whole (:mod:`.threads`).
"""
