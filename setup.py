# SPDX-License-Identifier: GPL-2.0-or-later
"""Put kernel/, series/ and tests/guest/ inside the wheel; all else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
DATA = ("kernel", "series", "tests/guest")


class BuildWithData(build_py):
    """Copies the data folders to patchtool/_data of the built package."""

    def run(self) -> None:  # noqa: D102 (as the class says)
        super().run()
        if self.editable_mode:
            return  # an editable install reads the checkout itself
        for name in DATA:
            target = Path(self.build_lib) / "patchtool" / "_data" / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(HERE / name, target, ignore=shutil.ignore_patterns("__pycache__"))


setup(cmdclass={"build_py": BuildWithData})
