# SPDX-License-Identifier: GPL-2.0-or-later
"""One series on several trees, with several toolchains: the runs, and the table of them."""
