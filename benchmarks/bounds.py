"""Whether every question ends, and how fast: on ladders of diamonds, whose paths explode, and below a hub.

Run it as ``make bench``. A ladder of n diamonds has 2^n paths from its last node to its first; the second one is twice
as long. Below the hub, a library, lie the sessions that import it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import neo4j
import psutil

from benchmarks.report import duration, machine, write_section
from benchmarks.store import start_server
from lineage_graph.lineage import Lineage
from lineage_graph.store.connection import Store
from tests.lineage.worlds import ladder
from tests.support.known_sessions import wipe

LIMIT = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--diamonds", type=int, default=5_000)
    parser.add_argument("--sessions", type=int, default=100_000, help="that import the library")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/explanation/performance.md")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        server, url = start_server(stack, folder / "neo4j")
        store = Store(url)
        stack.callback(store.close)
        lineage = stack.enter_context(Lineage(url))
        process = psutil.Process(server.info().pid)
        text = "\n\n".join(
            [
                ladders(store.driver, lineage, arguments.diamonds, arguments.rounds),
                hub(store.driver, lineage, process, arguments.sessions, arguments.rounds),
            ]
        )
    print(text)
    if arguments.write:
        write_section("bounds", f"{machine()}; medians of {arguments.rounds} rounds, warm.\n\n{text}")


def questions(lineage: Lineage, last: int) -> dict[str, Callable[[], object]]:
    """Every question about a ladder whose last node has this id."""
    end = f"node:{last}"
    return {
        "upstream, operations": partial(lineage.upstream, "a0", limit=LIMIT),
        "upstream, statements": partial(lineage.upstream, "a0", level="statement", limit=LIMIT),
        "upstream, artifacts": partial(lineage.upstream, "a0", level="artifact", limit=LIMIT),
        "downstream, operations": partial(lineage.downstream, "node:0", limit=LIMIT),
        "downstream, artifacts": partial(lineage.downstream, "node:0", level="artifact", limit=LIMIT),
        "upstream, one hop": partial(lineage.upstream, "a0", depth=1),
        "why": partial(lineage.why, "a0", "node:0"),
        "why, 11 explanations": partial(lineage.why, "a0", "node:0", alternatives=10),
        "why: proved absent": partial(lineage.why, "node:0", "a0"),
        "impact": partial(lineage.impact, "node:0"),
        "data dependencies, transitive": partial(lineage.dependencies, "a0", kind="data", transitive=True),
        "common ancestors": partial(lineage.common_ancestors, "a0", end, level="node", timeout=60),
        "code": partial(lineage.code, "a0", timeout=60),
        "diff with the first operation": partial(lineage.diff, "a0", "node:0", timeout=60),
        "search": partial(lineage.search, "x1"),
        "report": partial(lineage.report, timeout=60),
    }


def ladders(driver: neo4j.Driver, lineage: Lineage, diamonds: int, rounds: int) -> str:
    """The time of each question on a ladder and on one of twice its length."""
    taken: dict[str, list[float]] = {}
    for length in (diamonds, 2 * diamonds):
        ladder(length).write(driver)
        for name, ask in questions(lineage, 3 * length - 1).items():
            taken.setdefault(name, []).append(median(ask, rounds))
    lines = [f"| ladder | {diamonds:,} diamonds | {2 * diamonds:,} diamonds |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {duration(a)} | {duration(b)} ({b / a:.2f}x) |" for name, (a, b) in taken.items()]
    return "\n".join(lines)


def hub(driver: neo4j.Driver, lineage: Lineage, server: psutil.Process, sessions: int, rounds: int) -> str:
    """The time of what is below a library that many sessions import, and what the server's memory grows by."""
    wipe(driver)
    with driver.session() as session:
        session.run("CREATE (:Library {package_name: 'hub', version: '1', name: 'hub 1'})").consume()
        session.run(
            "UNWIND range(1, $sessions) AS i CALL (i) { "
            "MATCH (hub:Library {package_name: 'hub', version: '1'}) "
            "CREATE (s:Session {id: 's' + toString(i), name: 's', creation_time: localdatetime()}) "
            "CREATE (source:SourceCode {id: s.id, code: 'import hub\\nf()', name: 'script.py'}) "
            "CREATE (call:Node&CallNode {id: toString(i), name: 'import hub', session_id: s.id, written_at: i}) "
            "CREATE (use:Node&CallNode {id: 'use ' + toString(i), name: 'f()', session_id: s.id, written_at: i}) "
            "SET call += {lineno: 1, end_lineno: 1}, use += {lineno: 2, end_lineno: 2} "
            "CREATE (call)-[:FROM_SOURCE]->(source)<-[:FROM_SOURCE]-(use) "
            "CREATE (use)-[:POSITIONAL_ARG {index: 0}]->(call)-[:OF_LIBRARY]->(hub) "
            "CREATE (call)-[:IN_SESSION]->(s), (use)-[:IN_SESSION]->(s) "
            "CREATE (:Artifact {id: i, name: 'a' + toString(i), version: 0, date_created: localdatetime()})"
            "-[:OF_NODE]->(use) "
            "} IN TRANSACTIONS OF 10000 ROWS",
            sessions=sessions,
        ).consume()
    lines = [f"| a library that {sessions:,} sessions import | time | the server grows by |", "| --- | ---: | ---: |"]
    for level in ("node", "statement", "artifact"):
        before = server.memory_info().rss
        took = median(partial(lineage.downstream, "library:hub@1", level=level, limit=LIMIT, timeout=60), rounds)
        grown = (server.memory_info().rss - before) / 1e6
        lines.append(f"| downstream, level `{level}`, the nearest {LIMIT:,} | {duration(took)} | {grown:,.0f} MB |")
    return "\n".join(lines)


def median(ask: Callable[[], object], rounds: int) -> float:
    """The median time of a question in seconds, after two that warm up."""
    taken = []
    for round_ in range(rounds + 2):
        begin = time.perf_counter()
        ask()
        if round_ >= 2:
            taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
