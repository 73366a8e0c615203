# SPDX-License-Identifier: GPL-2.0-or-later
"""Plots of counters over time, as SVG to be put inside an HTML page.

Imported, it imports no matplotlib. :func:`draw` runs this very file in a Python of its own:
matplotlib would add about 45 MiB to patchtool's memory, and a second to its start. There it
reads the plots as JSON from standard input and writes the SVG texts as JSON.

The same input gives the same SVG. Colours are CSS variables of the page (``--plot-line``,
``--plot-shade``, ``--plot-grid``) and the text's own, so a plot follows a dark page.
"""

from __future__ import annotations

import io
import json
import re
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: No plot has more points per line.
POINTS = 400
#: Nor more lines, each in a panel of its own.
PANELS = 8
#: Seconds that drawing may take; the first time, matplotlib reads all fonts of the machine.
TIMEOUT = 120.0

#: Colours that matplotlib is given, and the CSS that takes their place.
_COLOURS = {
    "#010203": "currentColor",
    "#010204": "var(--plot-line)",
    "#010205": "var(--plot-shade)",
    "#010206": "var(--plot-grid)",
}
#: A figure with more decimals than a plot needs.
_FIGURE = re.compile(r"\d+\.\d{2,}")
_TEXT, _LINE, _SHADE, _GRID = _COLOURS
_WIDTH = 7.4  # inches; 72 SVG units each
_PANEL = 0.5
_VISIBLE = 0.008  # of a line's range; a fifth of the width of its stroke
_BAND = 0.78  # of a panel; the rest is the gap to the next
_MARGIN = 0.62


@dataclass(frozen=True, slots=True)
class Plot:
    """What is to be drawn.

    Attributes:
        key: Names the plot; also the prefix of the ids in its SVG.
        title: What a person who cannot see it is told.
        seconds: Times.
        lines: Per counter its growth at these times.
        windows: Begin and end of the spans that are shaded, in seconds.
    """

    key: str
    title: str
    seconds: tuple[float, ...]
    lines: dict[str, tuple[int, ...]]
    windows: tuple[tuple[float, float], ...] = ()


def thin(count: int, limit: int = POINTS) -> list[int]:
    """At most *limit* indices out of *count*, evenly spread, first and last among them."""
    if count <= limit:
        return list(range(count))
    return [round(at * (count - 1) / (limit - 1)) for at in range(limit)]


def make(
    key: str,
    title: str,
    seconds: Sequence[float],
    lines: dict[str, tuple[int, ...]],
    windows: Sequence[tuple[float, float]] = (),
) -> Plot | None:
    """A plot with no more points and lines than one can see; None when nothing can be drawn."""
    kept = [at for at in thin(len(seconds)) if all(at < len(line) for line in lines.values())]
    if len(kept) < 2 or not lines:
        return None
    names = list(lines)[:PANELS]
    return Plot(
        key,
        title,
        tuple(seconds[at] for at in kept),
        {name: tuple(lines[name][at] for at in kept) for name in names},
        tuple(windows),
    )


def draw(plots: Sequence[Plot], cache: Path) -> dict[str, str]:
    """The SVG text of each plot, by its key.

    Args:
        plots: The plots.
        cache: A folder for matplotlib's list of fonts; made when it is missing.

    Raises:
        CommandError: Drawing failed.
        CommandTimeout: It took too long.
    """
    if not plots:
        return {}
    from patchtool.core import process

    cache.mkdir(parents=True, exist_ok=True)
    done = process.run(
        [sys.executable, "-P", __file__],
        cwd=cache,
        timeout=TIMEOUT,
        env={"MPLCONFIGDIR": str(cache)},
        stdin=json.dumps([asdict(plot) for plot in plots]).encode(),
        capture=True,
        record=False,
    )
    drawn: dict[str, str] = json.loads(done.stdout)
    return drawn


def _svg(plot: dict[str, Any]) -> str:
    """Draw one plot with matplotlib."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    names = list(plot["lines"])
    height = _PANEL * len(names) + _MARGIN
    figure = Figure(figsize=(_WIDTH, height))
    FigureCanvasSVG(figure)
    # One axes for all lines, each scaled to a band of its own: as many axes are slow to make.
    axes = figure.add_axes((0.27, 0.46 / height, 0.61, 1 - 0.5 / height))
    begin, end = plot["seconds"][0], plot["seconds"][-1]
    for left, right in plot["windows"]:
        axes.axvspan(max(left, begin), min(right, end), color=_SHADE, linewidth=0)
    for name, floor in zip(names, range(len(names) - 1, -1, -1), strict=True):
        values = plot["lines"][name]
        low, high = min(0, *values), max(0, *values)
        scale = _BAND / (high - low) if high > low else 0
        times, steps = _steps(plot["seconds"], values)
        heights = [floor + scale * (value - low) for value in steps]
        ground = floor - scale * low
        axes.hlines(ground, begin, end, color=_GRID, linewidth=0.8)
        axes.fill_between(times, heights, ground, step="post", color=_LINE, alpha=0.16, linewidth=0)
        axes.step(times, heights, where="post", color=_LINE, linewidth=1.4, clip_on=False)
        beside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "bottom"}
        axes.text(-0.02, floor, _shortened(name), ha="right", **beside)
        axes.text(1.02, floor, f"{values[-1]:+d}" if values[-1] else "0", **beside)
    axes.set_xlim(begin, end)
    axes.set_ylim(-0.04, len(names) - 1 + _BAND + 0.04)
    axes.set_yticks([])
    axes.tick_params(axis="x", color=_GRID)
    axes.spines[["top", "left", "right"]].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)
    axes.set_xlabel("seconds since the test began")
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return out.getvalue()


def _steps(seconds: list[float], values: list[int]) -> tuple[list[float], list[int]]:
    """The first point, the last, and those at which the line visibly changes."""
    visible = _VISIBLE * (max(values) - min(values))
    kept = [0]
    for at in range(1, len(values)):
        if abs(values[at] - values[kept[-1]]) > visible:
            kept.append(at)
    if kept[-1] != len(values) - 1:
        kept.append(len(values) - 1)
    return [seconds[at] for at in kept], [values[at] for at in kept]


def _shortened(name: str, room: int = 28) -> str:
    return name if len(name) <= room else f"{name[: room // 2 - 1]}..{name[1 - room // 2 :]}"


def tidy(svg: str, key: str, title: str) -> str:
    """A drawing of matplotlib's made part of a page.

    The prologue, comments, metadata and styles (they would be the page's) go; ids get *key*
    as a prefix, since several drawings share a page; colours become CSS; figures keep one
    decimal.
    """
    from xml.sax.saxutils import escape

    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="([^"]*)"', rf'id="{key}-\1"', svg)
    svg = re.sub(r'\bxlink:href="#([^"]*)"', rf'href="#{key}-\1"', svg)
    svg = re.sub(r"url\(#([^)]*)\)", rf"url(#{key}-\1)", svg)
    svg = re.sub(r"font(-family)?: [^;\"]*'[^;\"]*;?", "", svg)
    svg = re.sub(r'="[^"<>]*"', lambda found: _FIGURE.sub(_rounded, found[0]), svg)
    for colour, css in _COLOURS.items():
        svg = svg.replace(colour, css)
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    box = f' viewBox="0 0 {size[1]} {size[2]}"' if size else ""
    head = f'<svg role="img" aria-labelledby="{key}-title" class="plot"{box}>'
    title = f'<title id="{key}-title">{escape(title)}</title>'
    body = re.sub(r"^<svg[^>]*>", "", svg, count=1, flags=re.DOTALL)
    return head + title + re.sub(r"\s+", " ", body).replace("> <", ">\n<")


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.1f}".removesuffix(".0")


def main() -> None:
    """Draw what standard input asks for."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update(
        {
            "svg.hashsalt": "patchtool",
            "svg.fonttype": "none",
            "text.parse_math": False,
            "font.size": 8.5,
            "text.color": _TEXT,
            "axes.labelcolor": _TEXT,
            "xtick.color": _TEXT,
            "path.simplify": False,
        }
    )
    plots = json.load(sys.stdin)
    drawn = {plot["key"]: tidy(_svg(plot), plot["key"], plot["title"]) for plot in plots}
    json.dump(drawn, sys.stdout)


if __name__ == "__main__":
    main()
