# SPDX-License-Identifier: GPL-2.0-or-later
"""The container that untrusted programs run in: podman or docker."""
