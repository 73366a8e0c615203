# SPDX-License-Identifier: GPL-2.0-or-later
"""What a maintainer would have to say about a series before reading its code."""
