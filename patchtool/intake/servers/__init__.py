# SPDX-License-Identifier: GPL-2.0-or-later
"""A series from public-inbox servers and from patchwork."""
