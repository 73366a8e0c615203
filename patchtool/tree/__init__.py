# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's source tree: import it, pick the base, check it out, apply a series to it."""
