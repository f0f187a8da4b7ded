"""Formats figures, and writes them into docs/explanation/performance.md, between comments that name the table."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

from lineage_graph.server import DEFAULT_VERSION

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENT = REPOSITORY / "docs" / "explanation" / "performance.md"


def duration(seconds: float) -> str:
    """A time in a suitable unit, with three digits."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            value = seconds * factor
            return f"{value:.3g} {unit}" if value < 100 else f"{value:.0f} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def machine() -> str:
    """The machine and the versions of the measurement."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}; Neo4j {DEFAULT_VERSION}, "
        f"driver {version('neo4j')}, Python {platform.python_version()}"
    )


def write_section(name: str, text: str) -> None:
    """Put a text between the comments of this name in docs/explanation/performance.md."""
    begin, end = f"<!-- {name}: written by make bench -->", f"<!-- end of {name} -->"
    document = DOCUMENT.read_text(encoding="utf-8")
    changed, count = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n\n{text}\n\n{end}", document, flags=re.DOTALL
    )
    if not count:
        raise SystemExit(f"docs/explanation/performance.md has no section {begin}")
    DOCUMENT.write_text(changed, encoding="utf-8")
