"""Questions about lineage, compared with a recursive query on the same edges in indexed SQLite and with networkx.

``python -m benchmarks.lineage --url bolt://user:password@host:port`` wipes that database: name one for measurements
only. Sessions form a chain, each made of a ladder of operations and reading the artifact of the one before. SQLite and
networkx get the edges alone, in memory; the questions come with names, places, sessions and edges.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import neo4j
import networkx as nx

from benchmarks.report import duration, machine
from lineage_graph.lineage import Lineage
from lineage_graph.store.connection import Store

BEGIN = datetime(2026, 1, 1)
CTE = """
WITH RECURSIVE reached(id) AS (
  SELECT ? UNION SELECT edge.target FROM reached JOIN edge ON edge.source = reached.id
)
SELECT count(*) FROM reached
"""
COUNT = """
MATCH (start:Node {id: $id})-[:POSITIONAL_ARG|KEYWORD_ARG|READS_ARTIFACT|OF_NODE*0..]->(found)
WITH DISTINCT found
RETURN count(*) AS count
"""


def edges_of(sessions: int, diamonds: int) -> Iterator[tuple[str, str, str]]:
    """The edges of a chain of sessions: start, end, type. ``s/0`` is the first node of a session."""
    for s in range(sessions):
        for d in range(diamonds):
            bottom, left, right, top = (f"{s}/{3 * d + step}" for step in range(4))
            yield top, left, "POSITIONAL_ARG"
            yield top, right, "KEYWORD_ARG"
            yield left, bottom, "POSITIONAL_ARG"
            yield right, bottom, "POSITIONAL_ARG"
        yield f"artifact {s}", f"{s}/{3 * diamonds}", "OF_NODE"
        if s:
            yield f"{s}/0", f"artifact {s - 1}", "READS_ARTIFACT"


def write(driver: neo4j.Driver, sessions: int, diamonds: int) -> None:
    """Write the chain, with the edges between artifacts, in batches."""

    def run(text: str, rows: list[object]) -> None:
        for start in range(0, len(rows), 20_000):
            driver.execute_query(text, rows=rows[start : start + 20_000])

    with driver.session() as session:
        session.run(
            "MATCH (n) WHERE NOT n:SchemaMigration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
        ).consume()
    run(
        "UNWIND $rows AS row CREATE (:Session {id: row[0], name: row[0], creation_time: row[1]})",
        [[str(s), BEGIN + timedelta(hours=s)] for s in range(sessions)],
    )
    size = 3 * diamonds + 1
    run(
        "UNWIND $rows AS row MATCH (s:Session {id: row[1]}) CREATE "
        "(:Node&CallNode {id: row[0], name: row[0], session_id: row[1], written_at: row[2]})-[:IN_SESSION]->(s)",
        [[f"{s}/{i}", str(s), s * size + i] for s in range(sessions) for i in range(size)],
    )
    run(
        "UNWIND $rows AS row MATCH (n:Node {id: row[1]}) CREATE "
        "(:Artifact {id: row[0], name: 'a' + toString(row[0]), version: 0, date_created: row[2]})-[:OF_NODE]->(n)",
        [[s, f"{s}/{size - 1}", BEGIN + timedelta(hours=s + 1)] for s in range(sessions)],
    )
    run(
        "UNWIND $rows AS row MATCH (n:Node {id: row[0]}) MATCH (a:Artifact {id: row[1]}) "
        "MATCH (own:Artifact {id: row[1] + 1}) CREATE (n)-[:READS_ARTIFACT]->(a) CREATE (own)-[:DERIVED_FROM]->(a)",
        [[f"{s}/0", s - 1] for s in range(1, sessions)],
    )
    for type_ in ("POSITIONAL_ARG", "KEYWORD_ARG"):
        run(
            "UNWIND $rows AS row MATCH (a:Node {id: row[0]}) MATCH (b:Node {id: row[1]}) "
            f"CREATE (a)-[:{type_}]->(b)",
            [[a, b] for a, b, each in edges_of(sessions, diamonds) if each == type_],
        )


def median(work: Callable[[], object], rounds: int) -> float:
    """The median time of a call in seconds, after one that warms up."""
    work()
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def count(store: Store, id_: str) -> int:
    """How many things are upstream, counted in Neo4j."""
    with store.session(neo4j.READ_ACCESS) as session:
        return int(session.run(COUNT, id=id_).single(strict=True)["count"])


def recursive(connection: sqlite3.Connection, id_: str) -> int:
    """How many things are upstream, counted in SQLite."""
    return int(connection.execute(CTE, (id_,)).fetchone()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--sessions", type=int, nargs="+", default=[10, 100, 1_000])
    parser.add_argument("--diamonds", type=int, default=33, help="of each session: three operations, four edges")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(machine())
    print("| operations | edges | question | time | edges a second |\n| --- | --- | --- | --- | --- |")
    store = Store(arguments.url)
    lineage = Lineage(arguments.url)
    for sessions in arguments.sessions:
        write(store.driver, sessions, arguments.diamonds)
        edges = list(edges_of(sessions, arguments.diamonds))
        sqlite = sqlite3.connect(":memory:")
        sqlite.execute("CREATE TABLE edge (source TEXT, target TEXT, PRIMARY KEY (source, target)) WITHOUT ROWID")
        sqlite.executemany("INSERT INTO edge VALUES (?, ?)", [(a, b) for a, b, _ in edges])
        graph = nx.DiGraph((a, b) for a, b, _ in edges)
        last, artifact = f"{sessions - 1}/{3 * arguments.diamonds}", f"a{sessions - 1}"

        works: dict[str, Callable[[], object]] = {
            "upstream, artifacts": partial(lineage.upstream, artifact, level="artifact", limit=100_000),
            "upstream, operations, the nearest 1,000": partial(lineage.upstream, artifact),
            "upstream, operations, all, counted in Neo4j": partial(count, store, last),
            "upstream, all, recursive query in SQLite": partial(recursive, sqlite, last),
            "upstream, all, networkx in memory": partial(nx.descendants, graph, last),
            "why, from the last to the first operation": partial(lineage.why, f"node:{last}", "node:0/0"),
        }
        for name, work in works.items():
            taken = median(work, arguments.rounds)
            rate = f"{len(edges) / taken:,.0f}" if ", all" in name else ""
            size = sessions * (3 * arguments.diamonds + 1)
            print(f"| {size:,} | {len(edges):,} | {name} | {duration(taken)} | {rate} |", flush=True)
    lineage.close()
    store.close()


if __name__ == "__main__":
    main()
