# SPDX-License-Identifier: GPL-2.0-or-later
"""A run record made readable: terminal, text, HTML with plots, Markdown, patchwork, bundle."""
