# SPDX-License-Identifier: GPL-2.0-or-later
"""Tags: those a commit message ends with, and those a reply gives. Pure.

- :mod:`.value`: what a tag is: a name and a value; for which patches, on what condition, by whom
  and where it was given.
- :mod:`.commit_message` finds the tags of a commit message.
- :mod:`.own_text` keeps of a reply what its sender wrote: no quotes, diffs or pasted commits.
- :mod:`.reply` finds the tags in that, each with the words around it; :mod:`.scope`,
  :mod:`.condition` and :mod:`.person` say what those words mean.
"""
