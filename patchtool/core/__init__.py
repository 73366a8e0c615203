# SPDX-License-Identifier: GPL-2.0-or-later
"""What knows nothing of kernels: programs, the store, locks, progress, settings, packages."""
