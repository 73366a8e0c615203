# SPDX-License-Identifier: GPL-2.0-or-later
"""``function:NAME``: whether a booted kernel has a function, as /proc/kallsyms says."""

from __future__ import annotations

import pytest

from patchtool.testing import features

SYMBOLS = """\
ffffffff81234560 t zs_page_migrate
ffffffff81234600 t zs_page_migrate_slow
ffffffff81234700 T zs_malloc
ffffffff82000000 d zs_page_putback
"""


class Kernel:
    """A booted kernel that is none, with these symbols."""

    counters = ()

    def exists(self, path: str) -> bool:
        return path == features.SYMBOLS

    def read(self, path: str) -> str:
        assert path == "/proc/kallsyms"
        return SYMBOLS

    def marks_balloon_pages(self) -> bool:
        return False


@pytest.mark.parametrize("name", ["zs_page_migrate", "zs_malloc"])
def test_a_function_that_is_there(name: str) -> None:
    assert features.absent([f"function:{name}"], Kernel()) == ()


@pytest.mark.parametrize("name", ["page_migrate", "zs_page", "zs_page_putback", "zs.malloc"])
def test_parts_of_names_and_data_are_no_functions(name: str) -> None:
    need = f"function:{name}"
    assert features.absent([need], Kernel()) == (need,)


def test_it_is_asked_of_the_guest_and_never_promised() -> None:
    assert features.unpromised(["function:zs_page_migrate"], (), ()) == ()
    assert not any(f.startswith("function:") for f in features.of_config("CONFIG_ZRAM=y\n"))


def test_what_a_config_promises_of_the_triggers() -> None:
    config = "CONFIG_HUGETLBFS=y\nCONFIG_CMA_DEBUGFS=y\nCONFIG_ZRAM=y\nCONFIG_NUMA=y\n"
    promised = set(features.of_config(config))
    assert {"hugetlb", "cma-debug", "zram"} <= promised
    assert "node-compaction" not in promised
    assert "node-compaction" in features.of_config(config + "CONFIG_COMPACTION=y\n")


def test_one_of_several_names_is_enough() -> None:
    assert features.absent(["function:zs_isolate|zs_malloc"], Kernel()) == ()
    (gone,) = features.absent(["function:zs_isolate|zs_mall"], Kernel())
    assert gone == "function:zs_isolate|zs_mall"
