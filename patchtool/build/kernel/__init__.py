# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel images: make in the container, its object trees, and what its log says."""
