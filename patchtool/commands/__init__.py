# SPDX-License-Identifier: GPL-2.0-or-later
"""The verbs of ``patchtool``, one file each: arguments in, one call, rendering out."""
