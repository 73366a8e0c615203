# SPDX-License-Identifier: GPL-2.0-or-later
"""Running machine -> verdicts: the pytest plugin, its fixtures, and what they record."""
