# SPDX-License-Identifier: GPL-2.0-or-later
"""Source to image: Kconfig, the build container, kbuild, and what is in the vmlinux."""
