# SPDX-License-Identifier: GPL-2.0-or-later
"""From a run record to what it means: findings, the patch to blame, comparisons, claims. Pure."""
