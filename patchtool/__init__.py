# SPDX-License-Identifier: GPL-2.0-or-later
"""Validate kernel patch series: apply, configure, build, boot, and judge by vmstat deltas."""

__version__ = "0.1.0"
