# SPDX-License-Identifier: GPL-2.0-or-later
"""What to configure: the symbols of a series, fragments, and whether they survive make."""
