# SPDX-License-Identifier: GPL-2.0-or-later
"""Image -> running machine: accelerator, guest root, virtme-ng, QMP, console, agent."""
