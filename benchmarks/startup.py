"""How long the managed local server takes to its first answered query and for work, and what each measure gives.

Run it as ``make bench``. Servers start one after the other in folders of their own, which are removed; the
ways to start take turns, so that a busy machine slows all of them alike.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from lineage_graph import RelationalLineaDB
from lineage_graph.server import DEFAULT_VERSION, LocalServer, jars, local, start_up_cache
from lineage_graph.server.folders import cache_folder
from lineage_graph.server.start_up_cache import StartUpCache
from lineage_graph.types import Execution, LineaID, LiteralNode, SessionContext, SessionType

PLAIN: tuple[str, ...] = ("-Xmx1g",)
SERIAL = local.JAVA_OPTIONS
C1_ONLY = (*local.JAVA_OPTIONS, "-XX:TieredStopAtLevel=1")


def no_cache(*_: object) -> StartUpCache:
    """In place of `start_up_cache.choose`: neither use nor record one."""
    return StartUpCache([])


def seconds_of(what: Callable[[], object]) -> float:
    before = time.perf_counter()
    what()
    return time.perf_counter() - before


def measure(folder: Path, version: str) -> tuple[float, float, float]:
    """Seconds to start a server whose data is there already, to work with it, and to stop it."""
    server = LocalServer(folder, version=version)
    start = seconds_of(lambda: server.start(progress=False))
    return start, seconds_of(lambda: work(f"local://{quote(str(folder))}")), seconds_of(server.stop)


def work(url: str) -> None:
    """A small session's worth: 5,000 literals in commits of 100, some read back at once, all at the end."""
    db = RelationalLineaDB(url)
    execution = Execution(id=new_id(), timestamp=datetime.now())
    context = SessionContext(
        id=new_id(),
        environment_type=SessionType.SCRIPT,
        python_version="3.10",
        creation_time=datetime.now(),
        working_directory="/",
        execution_id=execution.id,
    )
    db.write_execution(execution)
    db.write_context(context)
    for _ in range(50):
        nodes = [LiteralNode(id=new_id(), session_id=context.id, value=number) for number in range(100)]
        for node in nodes:
            db.write_node(node)
        db.commit()
        for node in nodes[::10]:
            db.get_node_by_id(node.id)
    db.get_nodes_for_session(context.id)
    db.close()


def new_id() -> LineaID:
    return LineaID(str(uuid.uuid4()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--version", default=DEFAULT_VERSION)
    arguments = parser.parse_args()
    with_cache: Callable[..., StartUpCache] = start_up_cache.choose
    ways = {
        "plain JVM": (PLAIN, no_cache),
        "serial collector": (SERIAL, no_cache),
        "serial collector, C1 compiler only": (C1_ONLY, no_cache),
        "serial collector, C1 compiler only, recorded cache": (C1_ONLY, with_cache),
        "serial collector, recorded cache (what `start` does)": (SERIAL, with_cache),
    }
    taken: dict[str, list[tuple[float, float, float]]] = {way: [] for way in ways}
    jars.fetch(arguments.version)
    caches_before = set(cache_folder().glob("*.aot"))
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(arguments.rounds + 1):
            for number, (way, (options, cache)) in enumerate(ways.items()):
                local.JAVA_OPTIONS, start_up_cache.choose = options, cache  # type: ignore[assignment]
                figures = measure(Path(folder) / str(number), arguments.version)
                # The first start makes the data, and records the cache where there is one.
                if round_:
                    taken[way].append(figures)
    local.JAVA_OPTIONS = SERIAL
    for recorded in set(cache_folder().glob("*.aot")) - caches_before:
        recorded.unlink()
    table = Table(title=f"Neo4j {arguments.version}: seconds, {arguments.rounds} rounds")
    for column in ("way to start", "start: median", "fastest", "slowest", "of plain", "work: median", "stop: median"):
        table.add_column(column, justify="left" if column == "way to start" else "right")
    plain = statistics.median(start for start, _, _ in taken["plain JVM"])
    for way, rows in taken.items():
        starts, works, stops = zip(*rows, strict=True)
        median = statistics.median(starts)
        table.add_row(
            way,
            *(f"{value:.1f}" for value in (median, min(starts), max(starts))),
            f"{median / plain:.0%}",
            *(f"{statistics.median(values):.1f}" for values in (works, stops)),
        )
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
