"""Random sessions that get artifacts, read and write files and save artifacts, recorded through the adapter.

Their records are cut into commits anyhow: a call may come before its function, and a session after its nodes.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import neo4j
import networkx as nx

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import NameNotFound
from lineage_graph.types import (
    Artifact,
    CallNode,
    Execution,
    ImportNode,
    KeywordArgument,
    LiteralNode,
    LookupNode,
    MutateNode,
    Node,
    PositionalArgument,
    SessionContext,
    SessionType,
)
from tests.lineage.worlds import TYPES
from tests.support.records import NOW

DERIVED = ("READS", "WRITES", "READS_ARTIFACT", "READ_FROM", "DERIVED_FROM", "USED", "USED_DATA", "INFORMED_BY")


_count = itertools.count()


class Program:
    """The nodes of one session, in the order of tracing."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.nodes: list[Node] = []
        self.results: list[str] = []

    def _add(self, record_type: Callable[..., Any], **fields: Any) -> str:
        id_ = f"{self.session} {len(self.nodes):02}"
        self.nodes.append(record_type(id=id_, session_id=self.session, **fields))
        return id_

    def literal(self, value: object) -> str:
        return self._add(LiteralNode, value=value)

    def call(self, function: str, *arguments: str, implicit: list[str] | None = None, **keywords: str) -> str:
        """A call of a node."""
        return self._add(
            CallNode,
            function_id=function,
            positional_args=[PositionalArgument(id=id_) for id_ in arguments],
            keyword_args=[KeywordArgument(key=key, value=id_, starred=False) for key, id_ in keywords.items()],
            implicit_dependencies=implicit or [],
        )

    def named(self, name: str, *arguments: str, implicit: list[str] | None = None) -> str:
        """A call of a function by its name."""
        return self.call(self._add(LookupNode, name=name), *arguments, implicit=implicit)

    def attribute(self, of: str, name: str) -> str:
        return self.named("getattr", of, self.literal(name))

    def module(self, name: str, package: str | None = None) -> str:
        return self.named("l_import", self.literal(name), *([package] if package else []))

    def mutate(self, source: str, call: str) -> str:
        return self._add(MutateNode, source_id=source, call_id=call)

    def imported(self, name: str) -> str:
        return self._add(ImportNode, name=name, package_name=name.partition(".")[0], version="1")


def record(db: RelationalLineaDB, random: Random, deletes: bool = True) -> bool:
    """Record some sessions, an entry after the other, with commits in between; whether an artifact was deleted."""
    programs, saves = _programs(random)
    entries: list[tuple[float, Callable[[], object]]] = []
    versions: dict[str, int] = defaultdict(int)
    has_deleted = False

    def delete(name: str) -> None:
        nonlocal has_deleted
        versions: list[int | str] = ["latest", "all", 0]
        try:
            db.delete_artifact_by_name(name, random.choice(versions))
            has_deleted = True
        except NameNotFound:
            pass

    # Mostly in order, as far as nothing else is drawn.
    mess = random.choice([0, 0.5, 5, 50])
    for number, program in enumerate(programs):
        begin = number * 10
        entries.append((begin + mess * random.random(), partial(write_session, db, program.session, number)))
        at = {str(node.id): begin + mess * random.random() + i / 100 for i, node in enumerate(program.nodes)}
        entries += [(at[str(node.id)], partial(db.write_node, node)) for node in program.nodes]
        for node, name in saves[program.session]:
            when = at[node] + 0.001 + mess * random.random()
            # A session's own execution may be in a later commit, so the artifact is of one that is there.
            created = NOW + timedelta(days=number, minutes=when)
            entries.append((when, partial(_save, db, node, name, versions, created)))
    if deletes:
        for _ in range(random.randint(0, 2)):
            name = random.choice("ab")
            entries.append((random.uniform(0, 10 * len(programs)), partial(delete, name)))
    entries.sort(key=lambda entry: entry[0])
    db.write_execution(Execution(id="any", timestamp=NOW))
    db.commit()
    for _, entry in entries:
        entry()
        if random.random() < 0.2:
            db.commit()
    db.commit()
    return has_deleted


def _save(db: RelationalLineaDB, node: str, name: str, versions: dict[str, int], created: Any) -> None:
    db.write_artifact(
        Artifact(node_id=node, execution_id="any", date_created=created, name=name, version=versions[name])
    )
    versions[name] += 1


def write_session(db: RelationalLineaDB, id_: str, number: int) -> None:
    db.write_context(
        SessionContext(
            id=id_,
            environment_type=SessionType.SCRIPT,
            python_version="3.11",
            creation_time=NOW + timedelta(days=number),
            working_directory="/w",
            execution_id="any",
        )
    )


def _programs(random: Random) -> tuple[list[Program], dict[str, list[tuple[str, str]]]]:
    """Programs, and of each session what it saves: nodes with names of artifacts."""
    # A client remembers which ids are in the database, so none is used twice.
    name = f"{next(_count)}"
    programs = [Program(f"{name} s{number}") for number in range(random.randint(1, 3))]
    saves: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for program in programs:
        lineapy = program.module("lineapy")
        program.imported("lineapy")
        package = program.module("p")
        for name in random.sample(["p", "p.q", "r"], k=random.randint(0, 3)):
            if name == "p.q":
                program.module("q", package)
            program.imported(name)
        for _ in range(random.randint(2, 7)):
            some = random.sample(program.results, k=min(len(program.results), random.randint(0, 2)))
            what = random.choice(["get", "version", "read", "write", "append", "to_csv", "save", "save", "plain"])
            name, file = random.choice("ab"), random.choice(["d", "/w/d", "e"])
            if what in ("get", "version"):
                version = [program.literal(random.randint(0, 2))] if what == "version" else []
                result = program.call(program.attribute(lineapy, "get"), program.literal(name), *version, implicit=some)
            elif what in ("read", "write", "append"):
                mode = {"read": [], "write": ["w"], "append": ["a"]}[what]
                texts = [program.literal(text) for text in (file, *mode)]
                result = program.named("open", *texts, implicit=some)
            elif what == "to_csv" and program.results:
                method = program.attribute(random.choice(program.results), "to_csv")
                result = program.call(method, program.literal(file), implicit=some)
                program.mutate(program._add(LookupNode, name="file_system"), result)
            elif what == "save" and program.results:
                saved = random.choice(program.results)
                program.call(program.attribute(lineapy, "save"), saved, program.literal(name))
                saves[program.session].append((saved, name))
                continue
            else:
                result = program.named("f", *some)
            program.results.append(result)
            if random.random() < 0.2:
                program.results.append(program.mutate(random.choice(program.results), result))
    return programs, saves


def derived(driver: neo4j.Driver) -> set[tuple[Any, ...]]:
    """All edges across sessions, and what calls are known to have got."""
    rows, _, _ = driver.execute_query(
        "MATCH (a)-[r]->(b) WHERE type(r) IN $types OR (type(r) = 'OF_LIBRARY' AND a:CallNode) "
        "RETURN type(r) AS type, properties(r) AS properties, "
        f"{_KEY.format('a')} AS a, {_KEY.format('b')} AS b",
        types=DERIVED,
    )
    calls, _, _ = driver.execute_query(
        "MATCH (c:CallNode) WHERE c.artifact_name IS NOT NULL OR c.artifact_certainty IS NOT NULL "
        "RETURN c.id AS id, c.artifact_name AS name, c.artifact_version AS version, c.artifact_certainty AS certainty"
    )
    edges = [(row["type"], row["a"], row["b"], *sorted(row["properties"].items())) for row in rows]
    assert len(edges) == len(set(edges)), "an edge is there twice"
    return {*edges, *(tuple(row.values()) for row in calls)}


_KEY = (
    "CASE WHEN {0}:Artifact THEN 'artifact ' + toString({0}.id) WHEN {0}:Dataset THEN 'dataset ' + {0}.uri "
    "WHEN {0}:Session THEN 'session ' + {0}.id WHEN {0}:Library THEN 'library ' + {0}.name ELSE {0}.id END"
)


def forget(driver: neo4j.Driver, *, with_reads: bool) -> None:
    """Delete what can be derived again, and what calls got too, unless an artifact was deleted."""
    driver.execute_query("MATCH ()-[r]->() WHERE type(r) IN $types DELETE r", types=DERIVED)
    driver.execute_query("MATCH (:CallNode)-[r:OF_LIBRARY]->() DELETE r")
    driver.execute_query("MATCH (d:Dataset) DETACH DELETE d")
    if with_reads:
        driver.execute_query("MATCH (c:CallNode) REMOVE c.artifact_name, c.artifact_version, c.artifact_certainty")


def expected_from(driver: neo4j.Driver) -> set[tuple[str, str, str]]:
    """What the edges between artifacts, datasets and sessions must be, from those of calls, by the plain definition."""
    edges, _, _ = driver.execute_query(
        "MATCH (a:Node)-[r]->(b) WHERE type(r) IN $types "
        f"RETURN type(r) AS type, a.session_id AS session, {_KEY.format('a')} AS a, {_KEY.format('b')} AS b, "
        "b.session_id AS other",
        types=[*TYPES, "READ_FROM", "READS_ARTIFACT", "READS", "WRITES"],
    )
    artifacts, _, _ = driver.execute_query(
        "MATCH (a:Artifact)-[:OF_NODE]->(n) "
        "RETURN 'artifact ' + toString(a.id) AS a, n.id AS node, n.session_id AS session"
    )
    sessions = {row["id"] for row in driver.execute_query("MATCH (s:Session) RETURN s.id AS id")[0]}
    graph = nx.DiGraph()
    graph.add_nodes_from(row["node"] for row in artifacts)
    saved: dict[str, set[str]] = defaultdict(set)
    node_of, session_of = {}, {}
    for row in artifacts:
        saved[row["node"]].add(row["a"])
        node_of[row["a"]], session_of[row["a"]] = row["node"], row["session"]
    writers = set()
    found: set[tuple[str, str, str]] = set()
    for row in edges:
        if row["type"] == "WRITES":
            writers.add(row["a"])
            graph.add_node(row["a"])
            continue
        # Another session's writer is where a session's own part ends.
        is_elsewhere = row["type"] == "READ_FROM" and row["session"] != row["other"]
        graph.add_edge(row["a"], f"elsewhere {row['b']}" if is_elsewhere else row["b"])
        if row["type"] in ("READS", "READS_ARTIFACT") or is_elsewhere:
            origin = session_of.get(row["b"], row["other"])
            kind = "USED" if row["type"] == "READS_ARTIFACT" else "USED_DATA"
            if row["session"] in sessions:
                found.add((kind, f"session {row['session']}", row["b"]))
                if origin in sessions and origin != row["session"]:
                    found.add(("INFORMED_BY", f"session {row['session']}", f"session {origin}"))
    for node in {*saved, *writers}:
        inputs = set()
        for marked in {node, *nx.descendants(graph, node)}:
            key = marked.removeprefix("elsewhere ")
            if key in node_of or key.startswith("dataset ") or key in writers:
                inputs.add(key)
            inputs |= saved.get(key, set()) if key != node else set()
            if key in node_of:
                inputs |= saved[node_of[key]]
        for output in {*saved.get(node, ()), *({node} & writers)}:
            found |= {("DERIVED_FROM", output, key) for key in inputs - {output}}
    return found | _expected_libraries(driver)


def _expected_libraries(driver: neo4j.Driver) -> set[tuple[str, str, str]]:
    """The libraries of calls that import a package: those that import nodes of the session know by its name."""
    imports, _, _ = driver.execute_query(
        "MATCH (i:ImportNode)-[:OF_LIBRARY]->(l) RETURN i.session_id AS session, i.name AS module, l.name AS library"
    )
    calls, _, _ = driver.execute_query(
        "MATCH (c:CallNode)-[:CALLS]->({name: 'l_import'}) MATCH (c)-[r:POSITIONAL_ARG]->(a) "
        "WITH c, r, a ORDER BY r.index RETURN c.id AS id, c.session_id AS session, collect(a.value) AS arguments, "
        "count(a) AS count"
    )
    return {
        ("OF_LIBRARY", call["id"], f"library {row['library']}")
        for call in calls
        for row in imports
        if call["count"] == 1
        and call["session"] == row["session"]
        and row["module"].split(".")[0] == call["arguments"][0]
    }
