# SPDX-License-Identifier: GPL-2.0-or-later
"""SERIES on the command line, in whatever form, becomes one Series."""
