# SPDX-License-Identifier: GPL-2.0-or-later
"""All that runs inside the guest: the agent and its workloads. Standard library only."""
