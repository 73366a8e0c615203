# SPDX-License-Identifier: GPL-2.0-or-later
"""One run from its request to its record: the plan, the stages, and the walk through them."""
