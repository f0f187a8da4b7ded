"""Graphs of several sessions for questions: written to the database as they are, and known to networkx."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import neo4j
import networkx as nx
from hypothesis import strategies as st

from lineage_graph.graph import statements
from lineage_graph.lineage import EdgeKind
from lineage_graph.lineage.results import KIND_OF_TYPE
from tests.support.known_sessions import wipe

DELETE_ARTIFACT = statements.load("artifacts/delete_artifact")
BEGIN = datetime(2026, 1, 1)
TYPES = (
    "CALLS",
    "POSITIONAL_ARG",
    "KEYWORD_ARG",
    "READS_GLOBAL",
    "IMPLICIT_DEPENDENCY",
    "MUTATES",
    "MUTATED_BY",
    "SET_BY",
    "CONTROLLED_BY",
    "TESTS",
    "COMPANION",
    "NOT_EXECUTED",
)


@dataclass
class World:
    """What is in a graph, by keys as `Item.key` has them: node ids are numbers as text, in the order of writing."""

    sessions: int = 1
    session_of: list[int] = field(default_factory=list)
    edges: list[tuple[int, int, str]] = field(default_factory=list)
    artifacts: list[int] = field(default_factory=list)  # the node of each; its number is its id
    reads: list[tuple[int, int]] = field(default_factory=list)  # (node, artifact)
    files: list[tuple[int, int]] = field(default_factory=list)  # (node that reads, dataset)
    writes: list[tuple[int, int]] = field(default_factory=list)  # (node that writes, dataset)
    read_from: list[tuple[int, int]] = field(default_factory=list)  # (node that reads, node that wrote)
    imports: list[int] = field(default_factory=list)  # nodes that import the library
    deleted: set[int] = field(default_factory=set)  # artifacts that were deleted after all of this
    lines: bool = False  # whether each node stands on a line of its own, of one script

    def write(self, driver: neo4j.Driver) -> None:
        """Replace what is in the database by this."""
        run = driver.execute_query
        wipe(driver)
        run(
            "UNWIND $rows AS row CREATE (:Session {id: row.id, name: row.id, session_name: row.id, "
            "working_directory: '/w', creation_time: row.time})",
            rows=[{"id": f"s{i}", "time": BEGIN + timedelta(days=i)} for i in range(self.sessions)],
        )
        run(
            "UNWIND $rows AS row MATCH (s:Session {id: row.session}) "
            "CREATE (n:Node&CallNode {id: row.id, name: row.id, written_at: row.at, session_id: row.session})"
            "-[:IN_SESSION]->(s)",
            rows=[{"id": str(i), "at": i + 1, "session": f"s{s}"} for i, s in enumerate(self.session_of)],
        )
        run("MERGE (:Library {package_name: 'lib', version: '1', name: 'lib 1'})")
        run(
            "UNWIND $rows AS row MATCH (n:Node {id: row[1]}) CREATE (:Artifact "
            "{id: row[0], name: 'a' + toString(row[0]), version: 0, date_created: row[2]})-[:OF_NODE]->(n)",
            rows=[[i, str(node), self.saved(i)] for i, node in enumerate(self.artifacts)],
        )
        run(
            "UNWIND $rows AS row MERGE (:Dataset {uri: row, name: row})",
            rows=[f"file:///d{i}" for i in sorted({d for _, d in self.files + self.writes})],
        )
        # Without the hint, the plan of a small graph would read all operations for each row of a large one.
        pairs = "UNWIND $rows AS row MATCH (a:Node {id: row[0]}) USING INDEX SEEK a:Node(id) "
        by_type: dict[str, list[list[Any]]] = {}
        for start, end, type_ in self.edges:
            by_type.setdefault(type_, []).append([str(start), str(end)])
        by_type["READ_FROM"] = [[str(a), str(b)] for a, b in self.read_from]
        for type_, rows in by_type.items():
            run(
                pairs + f"MATCH (b:Node {{id: row[1]}}) USING INDEX SEEK b:Node(id) CREATE (a)-[:{type_}]->(b)",
                rows=rows,
            )
        run(
            pairs + "MATCH (b:Artifact {id: row[1]}) CREATE (a)-[:READS_ARTIFACT]->(b)",
            rows=[[str(a), b] for a, b in self.reads],
        )
        for type_, pairs_of_type in (("READS", self.files), ("WRITES", self.writes)):
            run(
                pairs + f"MATCH (b:Dataset {{uri: row[1]}}) CREATE (a)-[:{type_}]->(b)",
                rows=[[str(a), f"file:///d{b}"] for a, b in pairs_of_type],
            )
        run(
            "MATCH (b:Library {package_name: 'lib', version: '1'}) UNWIND $rows AS row MATCH (a:Node {id: row}) "
            "CREATE (a)-[:OF_LIBRARY]->(b)",
            rows=[str(i) for i in self.imports],
        )

        if self.lines:
            code = "\n".join(f"x{i} = {i}" for i in range(len(self.session_of)))
            run("CREATE (:SourceCode {id: 'script', name: 'ladder.py', path: 'ladder.py', code: $code})", code=code)
            run(
                "MATCH (b:SourceCode {id: 'script'}) UNWIND $rows AS row MATCH (a:Node {id: toString(row)}) "
                "USING INDEX SEEK a:Node(id) SET a.lineno = row + 1, a.end_lineno = row + 1 "
                "CREATE (a)-[:FROM_SOURCE]->(b)",
                rows=list(range(len(self.session_of))),
            )
        for artifact in sorted(self.deleted):
            run(DELETE_ARTIFACT.text, name=f"a{artifact}", version=0)

    @property
    def kept(self) -> list[int]:
        """The artifacts that were not deleted."""
        return [artifact for artifact in range(len(self.artifacts)) if artifact not in self.deleted]

    def saved(self, artifact: int) -> datetime:
        """When an artifact was saved: an hour after its session began, and a minute later each."""
        session = self.session_of[self.artifacts[artifact]]
        return BEGIN + timedelta(days=session, hours=1, minutes=artifact)

    def graph(self, kinds: Iterable[EdgeKind] = tuple(EdgeKind)) -> nx.DiGraph:
        """The same as a plain graph: edges from what depends to what it depends on."""
        wanted = set(kinds)
        graph = nx.DiGraph()
        graph.add_nodes_from(f"node/{i}" for i in range(len(self.session_of)))
        graph.add_node("library/lib/1")
        for start, end, type_ in self.edges:
            if KIND_OF_TYPE[type_] in wanted:
                graph.add_edge(f"node/{start}", f"node/{end}")
        for artifact in self.kept:
            graph.add_edge(f"artifact/{artifact}", f"node/{self.artifacts[artifact]}")
        if EdgeKind.artifact in wanted:
            graph.add_edges_from((f"node/{a}", f"artifact/{b}") for a, b in self.reads if b not in self.deleted)
        if EdgeKind.file in wanted:
            graph.add_edges_from((f"node/{a}", f"dataset/file:///d{b}") for a, b in self.files)
            graph.add_edges_from((f"node/{a}", f"node/{b}") for a, b in self.read_from)
        if EdgeKind.call in wanted:
            graph.add_edges_from((f"node/{a}", "library/lib/1") for a in self.imports)
        return graph

    def there(self, until: datetime | None) -> set[str]:
        """The keys of what was there at a time: files and libraries that sessions used by then, and all things now."""
        sessions = {i for i in range(self.sessions) if until is None or BEGIN + timedelta(days=i) <= until}
        nodes = {i for i, session in enumerate(self.session_of) if session in sessions}
        artifacts = {i for i in self.kept if until is None or self.saved(i) <= until}
        used = {dataset for node, dataset in self.files + self.writes if node in nodes}
        return {
            *(f"node/{i}" for i in nodes),
            *(f"artifact/{i}" for i in artifacts),
            *(f"dataset/file:///d{i}" for i in used),
            *(["library/lib/1"] if until is None or nodes & set(self.imports) else []),
        }

    def order(self, distances: dict[str, int], start: str) -> list[tuple[str, int]]:
        """Keys with their distances as an answer has them, without the start."""
        return sorted(
            ((key, distance) for key, distance in distances.items() if key != start),
            key=lambda pair: (pair[1], written_at(pair[0]), pair[0]),
        )


def written_at(key: str) -> int:
    """When what has this key was written."""
    kind, _, id_ = key.partition("/")
    return int(id_) + 1 if kind == "node" else 0


@st.composite
def worlds(draw: st.DrawFn, *, deletes: bool = True) -> World:
    """Random graphs of up to four sessions, with cycles, hubs, several edges between the same two, and aliases."""
    sessions = draw(st.integers(1, 4))
    size = draw(st.integers(2, 14))
    world = World(
        sessions=sessions, session_of=sorted(draw(st.lists(st.integers(0, sessions - 1), min_size=size, max_size=size)))
    )
    node = st.integers(0, size - 1)
    pairs = draw(st.lists(st.tuples(node, node, st.sampled_from(TYPES)), max_size=30))
    # References stay inside a session.
    world.edges = [(a, b, type_) for a, b, type_ in pairs if world.session_of[a] == world.session_of[b]]
    world.artifacts = draw(st.lists(node, max_size=5))
    if world.artifacts:
        reads = draw(st.lists(st.tuples(node, st.integers(0, len(world.artifacts) - 1)), max_size=5, unique=True))
        world.reads = reads
        if deletes:
            world.deleted = draw(st.sets(st.integers(0, len(world.artifacts) - 1), max_size=2))
    dataset = st.integers(0, 2)
    world.files = draw(st.lists(st.tuples(node, dataset), max_size=4, unique=True))
    world.writes = draw(st.lists(st.tuples(node, dataset), max_size=3, unique=True))
    written = dict.fromkeys(world.writes)
    for reader, read in world.files:
        before = [writer for writer, what in written if what == read and writer < reader]
        if before:
            world.read_from.append((reader, max(before)))
    world.imports = draw(st.lists(node, max_size=4, unique=True))
    return world


def ladder(diamonds: int) -> World:
    """A chain of diamonds: two to the power of their number paths from the last node, an artifact, to the first."""
    world = World(session_of=[0] * (3 * diamonds + 1), lines=True)
    for i in range(diamonds):
        bottom, left, right, top = 3 * i, 3 * i + 1, 3 * i + 2, 3 * i + 3
        world.edges += [
            (top, left, "POSITIONAL_ARG"),
            (top, right, "KEYWORD_ARG"),
            (left, bottom, "POSITIONAL_ARG"),
            (right, bottom, "CALLS"),
        ]
    world.artifacts = [3 * diamonds]
    return world
