# SPDX-License-Identifier: GPL-2.0-or-later
"""What was posted: mails become a :class:`~patchtool.series.model.Series`."""
