# SPDX-License-Identifier: GPL-2.0-or-later
"""The commit a series is applied to, and where it belongs in a history."""
