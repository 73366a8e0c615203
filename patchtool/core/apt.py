# SPDX-License-Identifier: GPL-2.0-or-later
"""The package sources of this host, as far as they serve one suite. Parsing is pure."""

from __future__ import annotations

import re
from pathlib import Path

#: Behind a suite's name, the suites that carry its updates.
POCKETS = ("", "-updates", "-security")
_FIELD = re.compile(r"([A-Za-z-]+)[ \t]*:[ \t]*(.*)\Z")
_ONE_LINE = re.compile(r"deb\s+(?:\[[^\]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<rest>.+)\Z")


def from_deb822(text: str, suite: str) -> str:
    """The stanzas of a ``.sources`` file that serve *suite*, each cut down to its pockets."""
    wanted = {suite + pocket for pocket in POCKETS}
    kept = []
    for stanza in re.split(r"\n[ \t]*\n", text):
        lines = [line for line in stanza.splitlines() if line and not line.startswith("#")]
        fields: dict[str, str] = {}
        name = ""
        for line in lines:
            match = _FIELD.match(line)
            if match and not line[0].isspace():
                name = match[1].title()
                fields[name] = match[2]
            elif name:
                fields[name] += "\n" + line
        suites = [word for word in fields.get("Suites", "").split() if word in wanted]
        usable = (
            "deb" in fields.get("Types", "").split()
            and fields.get("Enabled", "yes").strip().lower() != "no"
            and "main" in fields.get("Components", "").split()
        )
        if suites and usable:
            fields |= {"Types": "deb", "Suites": " ".join(suites)}
            kept.append("".join(f"{key}: {value}\n" for key, value in fields.items()))
    return "\n".join(kept)


def from_one_line(text: str, suite: str) -> str:
    """The ``deb`` lines of a ``.list`` file that serve *suite*."""
    wanted = {suite + pocket for pocket in POCKETS}
    kept = []
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        match = _ONE_LINE.match(line)
        if match and match["suite"] in wanted and "main" in match["rest"].split():
            kept.append(line + "\n")
    return "".join(kept)


def host_sources(suite: str, etc: Path = Path("/etc/apt")) -> dict[str, str]:
    """This host's own sources for *suite*: file ending -> content; empty when it has none."""
    found = {".list": "", ".sources": ""}
    folder = etc / "sources.list.d"
    more = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in [etc / "sources.list", *more]:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if path.suffix == ".list":
            found[".list"] += from_one_line(text, suite)
        elif path.suffix == ".sources":
            stanzas = from_deb822(text, suite)
            found[".sources"] += f"\n{stanzas}" if stanzas else ""
    return {ending: text for ending, text in found.items() if text}


def source_files(suite: str, folder: Path) -> list[Path]:
    """:func:`host_sources` as files in *folder*, as mmdebstrap takes them.

    Raises:
        OSError: One cannot be written.
    """
    files = []
    for ending, text in host_sources(suite).items():
        file = folder / f"host{ending}"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    return files
