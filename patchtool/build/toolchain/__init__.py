# SPDX-License-Identifier: GPL-2.0-or-later
"""What kernels are built with: compilers by name, and what a tree of an era needs."""
