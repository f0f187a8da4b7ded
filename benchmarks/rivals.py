"""`Lineage` and its rivals, asked about a chain of sessions: hand-written Cypher, SQL, and networkx in memory.

Each gives the same count for the same question. Only `Lineage` finds its start by name and gives distances, edges and
places; the others get the id and give rows of what identifies a thing. That favours them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import neo4j
import networkx as nx
import psycopg

from benchmarks.chains import Chain
from lineage_graph.lineage import Answer, Impact, Lineage
from lineage_graph.store.connection import Store

MANY, PATIENCE = 100_000, 300.0
EDGES = ":POSITIONAL_ARG|KEYWORD_ARG|READS_ARTIFACT|OF_NODE"


class Ours:
    """`Lineage`. It has no question that counts alone."""

    def __init__(self, url: str) -> None:
        self._lineage = Lineage(url)
        self.close = self._lineage.close

    def artifacts(self, artifact: int, upstream: bool) -> int:
        ask = self._lineage.upstream if upstream else self._lineage.downstream
        return _size(ask(f"a{artifact}", level="artifact", limit=MANY, timeout=PATIENCE))

    def nearest(self, node: str, limit: int) -> int:
        return _size(self._lineage.upstream(f"node:{node}", limit=limit, timeout=PATIENCE))

    def hops(self, node: str, depth: int) -> int:
        return _size(self._lineage.upstream(f"node:{node}", depth=depth, limit=MANY, timeout=PATIENCE))

    def why(self, start: str, end: str) -> int:
        why = self._lineage.why(f"node:{start}", f"node:{end}", timeout=PATIENCE)
        return len(why.explanations[0].steps)

    def impact(self, artifact: int) -> int:
        return _size(self._lineage.impact(f"a{artifact}", limit=MANY, timeout=PATIENCE))


def _size(answer: Answer | Impact) -> int:
    if answer.reason == "time":
        raise SystemExit(f"{answer.start} was not answered in {PATIENCE:.0f} s")
    return len(answer.items)


class Cypher:
    """The driver and the shortest statement that gives the same things."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _rows(self, text: str, **parameters: Any) -> list[neo4j.Record]:
        with self._store.session(neo4j.READ_ACCESS) as session:
            return list(session.run(text, parameters))

    def artifacts(self, artifact: int, upstream: bool) -> int:
        arrows = ("-", "->") if upstream else ("<-", "-")
        text = (
            f"MATCH (:Artifact {{id: $id}}){arrows[0]}[:DERIVED_FROM*1..]{arrows[1]}(found:Artifact) "
            "WITH DISTINCT found MATCH (found)-[:OF_NODE]->(:Node)-[:IN_SESSION]->(s:Session) "
            "RETURN found.id, found.name, found.version, found.date_created, s.id, s.name"
        )
        return len(self._rows(text, id=artifact))

    def counted(self, node: str) -> int:
        text = f"MATCH (:Node {{id: $id}})-[{EDGES}*0..]->(found) WITH DISTINCT found RETURN count(*) AS count"
        return int(self._rows(text, id=node)[0]["count"]) - 1

    def nearest(self, node: str, limit: int) -> int:
        return self._found(node, "", limit)

    def hops(self, node: str, depth: int) -> int:
        return self._found(node, str(depth), MANY)

    def _found(self, node: str, depth: str, limit: int) -> int:
        text = (
            f"MATCH (:Node {{id: $id}})-[{EDGES}*1..{depth}]->(found) WITH DISTINCT found LIMIT $limit "
            "RETURN found.id, found.name, found.session_id, found.written_at"
        )
        return len(self._rows(text, id=node, limit=limit))

    def why(self, start: str, end: str) -> int:
        text = (
            "MATCH (a:Node {id: $start}) MATCH (b:Node {id: $end}) "
            f"MATCH path = shortestPath((a)-[{EDGES}*]->(b)) RETURN [n IN nodes(path) | [n.id, n.name]] AS nodes"
        )
        return len(self._rows(text, start=start, end=end)[0]["nodes"]) - 1


class Sql:
    """Recursive queries on tables with an index for each direction."""

    SCHEMA = (
        "CREATE TABLE thing (id TEXT PRIMARY KEY, name TEXT, session TEXT, written_at BIGINT)",
        "CREATE TABLE artifact (id BIGINT PRIMARY KEY, name TEXT, version INT, created TIMESTAMP, session TEXT)",
        "CREATE TABLE session (id TEXT PRIMARY KEY, name TEXT)",
        "CREATE TABLE edge (source TEXT, target TEXT)",
        "CREATE TABLE derived (source BIGINT, target BIGINT)",
    )
    INDEXES = tuple(
        f"CREATE INDEX {table}_{one} ON {table} ({one}, {other})"
        for table in ("edge", "derived")
        for one, other in (("source", "target"), ("target", "source"))
    )
    ARTIFACTS = """
    WITH RECURSIVE reached(id) AS (
      SELECT {end} FROM derived WHERE {start} = ?
      UNION SELECT derived.{end} FROM reached JOIN derived ON derived.{start} = reached.id
    )
    SELECT artifact.id, artifact.name, artifact.version, artifact.created, session.id, session.name
    FROM reached JOIN artifact ON artifact.id = reached.id JOIN session ON session.id = artifact.session
    """
    COUNTED = """
    WITH RECURSIVE reached(id) AS (
      SELECT CAST(? AS TEXT) UNION SELECT edge.target FROM reached JOIN edge ON edge.source = reached.id
    )
    SELECT count(*) FROM reached
    """
    NEAREST = """
    WITH RECURSIVE reached(id) AS (
      SELECT CAST(? AS TEXT) UNION SELECT edge.target FROM reached JOIN edge ON edge.source = reached.id
    )
    SELECT thing.id, thing.name, thing.session, thing.written_at
    FROM (SELECT id FROM reached LIMIT ?) AS nearest JOIN thing ON thing.id = nearest.id
    """
    HOPS = """
    WITH RECURSIVE reached(id, distance) AS (
      SELECT CAST(? AS TEXT), 0
      UNION SELECT edge.target, reached.distance + 1 FROM reached JOIN edge ON edge.source = reached.id
      WHERE reached.distance < ?
    )
    SELECT thing.id, thing.name, thing.session, thing.written_at, nearest.distance
    FROM (SELECT id, min(distance) AS distance FROM reached GROUP BY id) AS nearest
    JOIN thing ON thing.id = nearest.id
    """

    def __init__(self, rows: Callable[[str, tuple[object, ...]], list[Any]]) -> None:
        self._rows = rows

    def artifacts(self, artifact: int, upstream: bool) -> int:
        start, end = ("source", "target") if upstream else ("target", "source")
        return len(self._rows(self.ARTIFACTS.format(start=start, end=end), (artifact,)))

    def counted(self, node: str) -> int:
        return int(self._rows(self.COUNTED, (node,))[0][0]) - 1

    def nearest(self, node: str, limit: int) -> int:
        return len(self._rows(self.NEAREST, (node, limit + 1))) - 1

    def hops(self, node: str, depth: int) -> int:
        return len(self._rows(self.HOPS, (node, depth))) - 1


def _tables(chain: Chain) -> list[tuple[str, list[tuple[object, ...]]]]:
    return [
        ("thing", list(chain.things)),
        ("artifact", list(chain.artifacts)),
        ("session", [(str(s), str(s)) for s in range(chain.sessions)]),
        ("edge", [(start, end) for start, end, _ in chain.edges]),
        ("derived", [(s, s - 1) for s in range(1, chain.sessions)]),
    ]


def sqlite(file: Path, chain: Chain) -> Sql:
    """A chain in an SQLite file, with a cache that holds all of it."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA cache_size = -1000000")
    for statement in Sql.SCHEMA:
        connection.execute(statement)
    for table, rows in _tables(chain):
        marks = ", ".join("?" * len(rows[0]))
        texts = ([str(each) if table == "artifact" else each for each in row] for row in rows)
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", texts)  # noqa: S608
    for statement in (*Sql.INDEXES, "ANALYZE"):
        connection.execute(statement)
    connection.commit()
    return Sql(lambda text, parameters: connection.execute(text, parameters).fetchall())


def postgres_tables(url: str, chain: Chain) -> Sql:
    """A chain in PostgreSQL, with memory enough for the search not to spill."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("SET work_mem = '512MB'")
    connection.execute("SET jit = off")
    for statement in Sql.SCHEMA:
        connection.execute(statement)
    for table, rows in _tables(chain):
        with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    for statement in (*Sql.INDEXES, "VACUUM ANALYZE"):
        connection.execute(statement)
    return Sql(lambda text, parameters: connection.execute(text.replace("?", "%s"), parameters).fetchall())


class Networkx:
    """Graphs that are in memory already, without names or places."""

    def __init__(self, chain: Chain) -> None:
        self._graph = nx.DiGraph((start, end) for start, end, _ in chain.edges)
        self._up = nx.DiGraph((s, s - 1) for s in range(1, chain.sessions))

    def artifacts(self, artifact: int, upstream: bool) -> int:
        return len((nx.descendants if upstream else nx.ancestors)(self._up, artifact))

    def counted(self, node: str) -> int:
        return len(nx.descendants(self._graph, node))

    def edges_upstream(self, node: str) -> int:
        """How many edges a search follows."""
        return sum(self._graph.out_degree(each) for each in (node, *nx.descendants(self._graph, node)))

    def nearest(self, node: str, limit: int) -> int:
        return len(list(islice(nx.bfs_edges(self._graph, node), limit)))

    def hops(self, node: str, depth: int) -> int:
        return len(nx.single_source_shortest_path_length(self._graph, node, cutoff=depth)) - 1

    def why(self, start: str, end: str) -> int:
        return len(nx.shortest_path(self._graph, start, end)) - 1
