# SPDX-License-Identifier: GPL-2.0-or-later
"""``python -m patchtool``."""

from patchtool.cli import main

main()
