# SPDX-License-Identifier: GPL-2.0-or-later
"""The page holds everything, needs nothing from elsewhere, and lets nobody write in it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from patchtool.report import html, plots

if TYPE_CHECKING:
    from pathlib import Path

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """The elements of a page; complains about tags that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module")
def drawn(sample: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    cache = tmp_path_factory.mktemp("matplotlib")
    plain = html.wanted_plots(sample.record())
    # Under other keys: one program draws all, as its start costs the most.
    hostile = {f"hostile-{plot.key}": plot for plot in html.wanted_plots(sample.hostile())}
    wanted = [*plain, *(replace(plot, key=key) for key, plot in hostile.items())]
    found = plots.draw(wanted, cache)
    return {
        "record": {plot.key: found[plot.key] for plot in plain},
        "hostile": {plot.key: found[key] for key, plot in hostile.items()},
    }


def test_every_part_is_there_and_well_formed(sample: Any, drawn: dict[str, dict[str, str]]) -> None:
    page = Page(html.page(sample.record(returned_twice=True), drawn["record"]))
    ids = page.values("id")
    parts = ("findings", "figures", "series", "tests", "control", "claims", "kconfig")
    for part in (*parts, "builds", "elf", "boots", "how"):
        assert part in ids
    assert len(ids) == len(set(ids)), "ids are unique, also those inside the plots"
    for link in page.values("href"):
        assert not link.startswith("#") or link[1:] in ids


def test_nothing_is_fetched_and_nothing_runs(sample: Any, drawn: dict[str, dict[str, str]]) -> None:
    for kind in ("record", "hostile"):
        text = html.page(getattr(sample, kind)(), drawn[kind])
        page = Page(text)
        tags = {tag for tag, _ in page.tags}
        assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "base", "form"})
        assert not page.values("src")
        assert all(link.startswith(("#", "./")) for link in page.values("href"))
        assert "http:" not in text
        assert "https:" not in text
        assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
        assert "default-src 'none'" in text


def test_hostile_strings_are_shown_not_obeyed(
    sample: Any, drawn: dict[str, dict[str, str]]
) -> None:
    text = html.page(sample.hostile(), drawn["hostile"])
    page = Page(text)
    assert "<script>alert('x')</script>" in "".join(page.words)
    assert not any(char in text for char in "\x1b\x07\x9b\u202e")
    assert "javascript:" not in "".join(page.values("href"))
    assert "compact_<img src=x" in "".join(page.words)


def test_tables_and_plots_can_be_read_aloud(sample: Any, drawn: dict[str, dict[str, str]]) -> None:
    page = Page(html.page(sample.record(), drawn["record"]))
    count = [tag for tag, _ in page.tags]
    assert count.count("caption") == count.count("table") > 8
    assert all(attrs.get("scope") in ("row", "col") for tag, attrs in page.tags if tag == "th")
    svgs = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert len(svgs) == 7
    assert all(a["role"] == "img" and a["aria-labelledby"] in page.values("id") for a in svgs)
    levels = [int(tag[1]) for tag in count if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_record_with_nothing_in_it_makes_a_page(sample: Any) -> None:
    made = sample.record()
    bare = sample.RunRecord(
        tool_version="0.1.0", started=made.started, series=made.series, base=made.base,
        outcome="failed", exit_code=1,
    )  # fmt: skip
    assert "FAILED" in "".join(Page(html.page(bare)).words)


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("build/4.log", "./build/4.log"),
        ("a b#c?.log", "./a%20b%23c%3F.log"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("/etc/passwd", ""),
        ("../../x", ""),
        ("a/../b", ""),
        ("\\\\host\\x", ""),
        ("", ""),
    ],
)
def test_links_stay_in_the_run_directory(path: str, link: str) -> None:
    assert html.href(path) == link


def test_plots_are_the_same_each_time_and_stay_small(
    sample: Any, drawn: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    first, *_ = html.wanted_plots(sample.record())
    assert plots.draw([first], tmp_path) == {first.key: drawn["record"][first.key]}
    assert max(map(len, drawn["record"].values())) < 60_000
    for svg in drawn["record"].values():
        assert "<style" not in svg, "it would be the whole page's"
        assert "var(--plot-line)" in svg


def test_no_more_points_than_can_be_seen() -> None:
    plot = plots.make("p", "t", range(5000), {"a": tuple(range(5000))})
    assert plot is not None
    assert len(plot.seconds) == plots.POINTS
    assert (plot.seconds[0], plot.seconds[-1]) == (0, 4999)
    assert plots.thin(3) == [0, 1, 2]


@pytest.mark.parametrize(
    ("seconds", "lines"),
    [((), {}), ((0.0,), {"a": (1,)}), ((0.0, 1.0), {}), ((0.0, 1.0), {"a": ()})],
)
def test_nothing_to_draw_is_no_plot(
    seconds: tuple[float, ...], lines: dict[str, tuple[int, ...]]
) -> None:
    assert plots.make("p", "t", seconds, lines) is None


def test_text_in_a_plot_keeps_its_figures() -> None:
    """Coordinates are rounded; a tick label such as 0.25 is not."""
    svg = '<?xml?><svg viewBox="0 0 10.123 20.456"><g id="a"><text x="1.2345">0.25</text></g></svg>'
    tidied = plots.tidy(svg, "p1", "<&>")
    assert '<text x="1.2">0.25</text>' in tidied
    assert 'id="p1-a"' in tidied
    assert '<title id="p1-title">&lt;&amp;&gt;</title>' in tidied
