# SPDX-License-Identifier: GPL-2.0-or-later
"""Verdicts made readable: the run record, who is to blame, terminal, HTML, plots, bundle."""
