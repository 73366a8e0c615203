# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the commit with which a test began to fail: many trials, each good, bad or skipped.

The parts, in the order of the data:

- :mod:`~patchtool.bisect.values` what is tried and what came of it;
- :mod:`~patchtool.bisect.ancestry` which commits are ancestors of which;
- :mod:`~patchtool.bisect.rates` what is believed of failure rates before the first try;
- :mod:`~patchtool.bisect.posterior` how likely each commit is the first bad one, from all tries;
- :mod:`~patchtool.bisect.choosing` which commit to try next;
- :mod:`~patchtool.bisect.standing` where the search stands, and how sure that is;
- :mod:`~patchtool.bisect.search` what to do next, or what was found.

All of these are pure. What runs trials, keeps them on disk and reads histories stands beside them.
"""
