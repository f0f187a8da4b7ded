"""How long the managed local server takes to its first answered query, and what each measure gives.

Run it as ``make bench``. Servers start one after the other in folders of their own, which are removed; the
ways to start take turns, so that a busy machine slows all of them alike.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from lineage_graph.server import DEFAULT_VERSION, LocalServer, jars, local

PLAIN: tuple[str, ...] = ("-Xmx1g",)
SERIAL = local.JAVA_OPTIONS
C1_ONLY = (*local.JAVA_OPTIONS, "-XX:TieredStopAtLevel=1")


def no_cache(*_: object) -> tuple[list[str], Path | None, Path | None]:
    """In place of `local._start_up_cache`: neither use nor record one."""
    return [], None, None


def start_seconds(folder: Path, version: str) -> float:
    """Start and stop a server whose data is there already; seconds until it answered."""
    server = LocalServer(folder, version=version)
    before = time.perf_counter()
    server.start(progress=False)
    seconds = time.perf_counter() - before
    server.stop()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--version", default=DEFAULT_VERSION)
    arguments = parser.parse_args()
    with_cache: Callable[..., tuple[list[str], Path | None, Path | None]] = local._start_up_cache
    ways = {
        "plain JVM": (PLAIN, no_cache),
        "serial collector": (SERIAL, no_cache),
        "serial collector, C1 compiler only": (C1_ONLY, no_cache),
        "serial collector, recorded cache (what `start` does)": (SERIAL, with_cache),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    jars.fetch(arguments.version)
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(arguments.rounds + 1):
            for number, (way, (options, cache)) in enumerate(ways.items()):
                local.JAVA_OPTIONS, local._start_up_cache = options, cache  # type: ignore[assignment]
                taken = start_seconds(Path(folder) / str(number), arguments.version)
                # The first start makes the data, and records the cache where there is one.
                if round_:
                    seconds[way].append(taken)
    table = Table(title=f"Neo4j {arguments.version}: seconds to the first answer, {arguments.rounds} rounds")
    for column in ("way to start", "median", "fastest", "slowest", "of plain"):
        table.add_column(column, justify="left" if column == "way to start" else "right")
    plain = statistics.median(seconds["plain JVM"])
    for way, values in seconds.items():
        median = statistics.median(values)
        table.add_row(way, f"{median:.1f}", f"{min(values):.1f}", f"{max(values):.1f}", f"{median / plain:.0%}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
