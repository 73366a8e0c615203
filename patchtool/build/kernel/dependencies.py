# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of a source tree that a build read, by kbuild's own dependency files.

For each thing it makes kbuild keeps the command line and what was read (``.NAME.cmd``, made of the
compiler's ``.d`` file by scripts/basic/fixdep.c). What an earlier build in the same object tree
read is there as well; nothing that was read is missing but what scripts read by themselves.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path

from patchtool.build.kernel.objtree import read_result
from patchtool.errors import BuildError

#: The file beside an image that lists them, one a line.
FILE_NAME = "sources.txt"
_ENDINGS = (".cmd", ".d")
_PATH = re.compile(rb"/src/([^\s\\\"'();:,$=]+)")
#: Bytes of one dependency file; the longest of 6.12 has 130 KB.
_LIMIT = 4 << 20


def files_read(objtree: Path) -> tuple[str, ...]:
    """Paths below the source folder, sorted; some are folders or not there.

    Args:
        objtree: What the container saw as ``/obj``. A file in it that is not plain is left out.
    """
    found: set[str] = set()
    for folder, _, names in os.walk(objtree):
        for name in names:
            if not name.endswith(_ENDINGS):
                continue
            try:
                text = read_result(Path(folder, name), _LIMIT)
            except BuildError:
                continue
            paths = {match.decode("utf-8", "replace") for match in _PATH.findall(text or b"")}
            found.update(map(posixpath.normpath, paths))
    return tuple(sorted(path for path in found if path != "." and not path.startswith("..")))
