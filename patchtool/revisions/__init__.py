# SPDX-License-Identifier: GPL-2.0-or-later
"""Two postings of a series compared: what changed, and was every remark answered? Pure."""
