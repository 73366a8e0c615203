# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail archive's page that was turned to text, read as the posting it shows.

:mod:`.page` finds the mails on the page, :mod:`.undo` undoes what was done to characters and to
line breaks of prose, and :mod:`.posting` lays the mails out: cover letter, patches, replies. The
diffs on it are damaged; :mod:`patchtool.recover` makes them whole.
"""
