# SPDX-License-Identifier: GPL-2.0-or-later
"""From a pile of mails to the one series that is meant."""
