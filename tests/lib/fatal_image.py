# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel image that ends before it says anything.

It has the header of Documentation/arch/x86/boot.rst, so that a loader takes it for a bzImage,
and a few bytes of 16-bit setup code.
"""

from __future__ import annotations

import struct

SECTOR = 512
#: Offset of the code in the setup sector, behind the header's last field.
CODE = 0x280
#: It empties the interrupt table and then raises an interrupt.
TRIPLE_FAULT = (
    b"\xfa"  # cli
    b"\x2e\x0f\x01\x1e" + struct.pack("<H", 0x300 - 0x200) + b"\xcc"  # lidt cs:[0x100]; int3
)
#: It halts for good: ``cli; hlt; jmp -3``.
HALTS = b"\xfa\xf4\xeb\xfd"


def image(code: bytes = TRIPLE_FAULT) -> bytes:
    """The image: a boot sector, a setup sector, and a payload that is never reached."""
    made = bytearray(2 * SECTOR)
    made[0x1F1] = 1  # setup_sects
    made[0x1FE:0x200] = b"\x55\xaa"
    made[0x200:0x202] = bytes([0xEB, CODE - 0x202])  # jmp to the code
    made[0x202:0x206] = b"HdrS"
    made[0x206:0x208] = struct.pack("<H", 0x020C)  # protocol version
    made[0x211] = 0x81  # loaded high, heap may be used
    made[0x214:0x218] = struct.pack("<I", 0x100000)  # code32_start
    made[0x22C:0x230] = struct.pack("<I", 0x7FFFFFFF)  # initrd_addr_max
    made[0x238:0x23C] = struct.pack("<I", 2047)  # cmdline_size
    made[CODE : CODE + len(code)] = code
    return bytes(made) + bytes(8 * SECTOR)
