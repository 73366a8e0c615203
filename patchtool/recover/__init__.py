# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged copies of patches made whole again, with the proof."""
