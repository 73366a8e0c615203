# SPDX-License-Identifier: GPL-2.0-or-later
"""A series in files and folders, in whatever form."""
