"""A chain of sessions for questions about lineage: seeded, written to Neo4j in batches, and the same as plain edges.

Each operation refers to one to four of the sixty before it. The first of a session reads the artifact that the session
before saved, the last is saved as an artifact: upstream of the last artifact are all sessions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import neo4j

BEGIN = datetime(2026, 1, 1)
BATCH = 20_000
RECENT = 60
TYPES = ("POSITIONAL_ARG", "KEYWORD_ARG")


@dataclass(frozen=True)
class Chain:
    """So many sessions of so many operations each. ``s/i`` is the i-th operation of session ``s``."""

    sessions: int
    operations: int

    @property
    def last(self) -> str:
        """The id of the last operation of the last session."""
        return f"{self.sessions - 1}/{self.operations - 1}"

    @property
    def nodes(self) -> int:
        """All operations."""
        return self.sessions * self.operations

    @cached_property
    def edges(self) -> list[tuple[str, str, str]]:
        """Start, end and type of each edge; ``artifact s`` is what session ``s`` saved."""
        return list(self._edges())

    def _edges(self) -> Iterator[tuple[str, str, str]]:
        rng = random.Random(7)  # noqa: S311
        for s in range(self.sessions):
            for i in range(1, self.operations):
                recent = range(max(0, i - RECENT), i)
                for place, end in enumerate(rng.sample(recent, min(len(recent), rng.choice((1, 1, 2, 2, 3, 4))))):
                    yield f"{s}/{i}", f"{s}/{end}", TYPES[place > 1]
            yield f"artifact {s}", f"{s}/{self.operations - 1}", "OF_NODE"
            if s:
                yield f"{s}/0", f"artifact {s - 1}", "READS_ARTIFACT"

    @property
    def things(self) -> Iterator[tuple[str, str, str, int]]:
        """Id, name, session and time of writing of each operation and artifact."""
        for s in range(self.sessions):
            for i in range(self.operations):
                yield f"{s}/{i}", f"{s}/{i}", str(s), s * self.operations + i
            yield f"artifact {s}", f"a{s}", str(s), 0

    @property
    def artifacts(self) -> Iterator[tuple[int, str, int, datetime, str]]:
        """Id, name, version, time and session of each artifact."""
        for s in range(self.sessions):
            yield s, f"a{s}", 0, BEGIN + timedelta(hours=s + 1), str(s)


def write(driver: neo4j.Driver, chain: Chain) -> None:
    """Write a chain to an empty store, with the edges between artifacts and between sessions."""

    def run(text: str, rows: list[object]) -> None:
        for start in range(0, len(rows), BATCH):
            driver.execute_query(text, rows=rows[start : start + BATCH])

    run(
        "UNWIND $rows AS row CREATE (:Session {id: row[0], name: row[0], creation_time: row[1]})",
        [[str(s), BEGIN + timedelta(hours=s)] for s in range(chain.sessions)],
    )
    run(
        "UNWIND $rows AS row MATCH (s:Session {id: row[2]}) CREATE "
        "(:Node&CallNode {id: row[0], name: row[1], session_id: row[2], written_at: row[3]})-[:IN_SESSION]->(s)",
        [list(thing) for thing in chain.things if "/" in thing[0]],
    )
    run(
        "UNWIND $rows AS row MATCH (n:Node {id: row[4]}) CREATE "
        "(:Artifact {id: row[0], name: row[1], version: row[2], date_created: row[3]})-[:OF_NODE]->(n)",
        [[*artifact[:4], f"{artifact[0]}/{chain.operations - 1}"] for artifact in chain.artifacts],
    )
    run(
        "UNWIND $rows AS row MATCH (n:Node {id: row[0]}) MATCH (a:Artifact {id: row[1]}) "
        "MATCH (own:Artifact {id: row[1] + 1}) MATCH (s:Session {id: row[2]}) MATCH (before:Session {id: row[3]}) "
        "CREATE (n)-[:READS_ARTIFACT]->(a) CREATE (own)-[:DERIVED_FROM]->(a) "
        "CREATE (s)-[:USED]->(a) CREATE (s)-[:INFORMED_BY]->(before)",
        [[f"{s}/0", s - 1, str(s), str(s - 1)] for s in range(1, chain.sessions)],
    )
    for type_ in TYPES:
        run(
            "UNWIND $rows AS row MATCH (a:Node {id: row[0]}) MATCH (b:Node {id: row[1]}) "
            f"CREATE (a)-[:{type_}]->(b)",
            [[a, b] for a, b, each in chain.edges if each == type_],
        )
