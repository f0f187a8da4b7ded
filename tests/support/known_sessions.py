"""Sessions that are known from their names alone, and the whole graph in a form that can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import neo4j

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import NameNotFound
from lineage_graph.graph.pending import NextArtifact
from lineage_graph.types import (
    Artifact,
    CallNode,
    Execution,
    GlobalNode,
    ImportNode,
    KeywordArgument,
    LiteralNode,
    LookupNode,
    MutateNode,
    Node,
    PositionalArgument,
    SessionContext,
    SessionType,
    SourceCode,
    SourceLocation,
)
from tests.support.records import NOW

# Of each session's nodes.
SIZE = 9


def nodes_of(name: str, source: SourceCode) -> list[Node]:
    """The nodes of the session of this name. They share libraries with those of all others."""
    at = SourceLocation(lineno=1, col_offset=0, end_lineno=1, end_col_offset=9, source_code=source)
    of = {"session_id": name}

    def argument(end: str) -> PositionalArgument:
        return PositionalArgument(id=f"{name} {end}")

    return [
        ImportNode(
            id=f"{name} import", name="pandas", package_name="pandas", version="2.3.3", source_location=at, **of
        ),
        ImportNode(id=f"{name} numpy", name="numpy", package_name="numpy", version="2.2.6", **of),
        LookupNode(id=f"{name} lookup", name="getattr", **of),
        LiteralNode(id=f"{name} literal", value=name, source_location=at, **of),
        # It refers to a node that is written after it.
        CallNode(
            id=f"{name} call",
            function_id=f"{name} lookup",
            positional_args=[argument("import"), argument("later")],
            keyword_args=[KeywordArgument(key="how", value=f"{name} literal", starred=False)],
            source_location=at,
            **of,
        ),
        MutateNode(id=f"{name} mutate", source_id=f"{name} import", call_id=f"{name} call", **of),
        GlobalNode(id=f"{name} global", name="x", call_id=f"{name} call", **of),
        LiteralNode(id=f"{name} later", value=7, **of),
        CallNode(
            id=f"{name} result",
            function_id=f"{name} lookup",
            positional_args=[argument("mutate")],
            implicit_dependencies=[f"{name} call"],
            **of,
        ),
    ]


def source_of(name: str) -> SourceCode:
    return SourceCode(id=f"{name} source", code=f"# {name}\nread()\n", location=Path("train.py"))


def write_known(
    db: RelationalLineaDB, name: str, *, shared_name: str | None = None, source: SourceCode | None = None
) -> None:
    """Write the session of this name, with an artifact of its own, and one as the next version of a shared name.

    Nothing is committed. A source code that is given is there already.
    """
    db.write_execution(Execution(id=f"{name} execution", timestamp=NOW))
    db.write_context(
        SessionContext(
            id=name,
            environment_type=SessionType.SCRIPT,
            python_version="3.10",
            creation_time=NOW,
            working_directory="/",
            execution_id=f"{name} execution",
        )
    )
    if source is None:
        source = source_of(name)
        db.write_source_code(source)
    for node in nodes_of(name, source):
        db.write_node(node)
    db.write_assigned_variable(f"{name} result", "result")
    db.write_artifact(
        Artifact(node_id=f"{name} result", execution_id=f"{name} execution", date_created=NOW, name=name, version=0)
    )
    if shared_name is not None:
        db.unit_of_work.add(NextArtifact(f"{name} result", f"{name} execution", NOW, shared_name))


def is_there(db: RelationalLineaDB, name: str, source: SourceCode | None = None) -> bool:
    """Whether the session of this name is there, whole; fails if a part of it is."""
    nodes = db.get_nodes_for_session(name)
    if not nodes:
        try:
            db.get_artifactorm_by_name(name)
        except NameNotFound:
            return False
        raise AssertionError(f"{name}: an artifact without its nodes")
    assert nodes == nodes_of(name, source or source_of(name))
    assert db.get_variables_for_session(name) == [(f"{name} result", "result")]
    assert db.get_artifactorm_by_name(name).node_id == f"{name} result"
    assert [library.package_name for library in db.get_libraries_for_session(name)] == ["pandas", "numpy"]
    return True


def whole_graph(driver: neo4j.Driver) -> Counter[Any]:
    """Every node and relationship, as often as it is there, without numbers and times that differ between runs."""
    nodes, _, _ = driver.execute_query(
        "MATCH (n) WHERE NOT n:SchemaMigration AND NOT n:LineageGraphTests AND NOT n:Writer AND NOT n:Sequence "
        "RETURN elementId(n) AS at, labels(n) AS labels, properties(n) AS properties"
    )
    relationships, _, _ = driver.execute_query(
        "MATCH (a)-[r]->(b) "
        "RETURN elementId(a) AS start, elementId(b) AS end, type(r) AS type, properties(r) AS properties"
    )
    key_of = {row["at"]: _key(row["labels"], row["properties"]) for row in nodes}
    graph: Counter[Any] = Counter(key_of.values())
    for row in relationships:
        graph[key_of[row["start"]], row["type"], _without(NUMBERS, row["properties"]), key_of[row["end"]]] += 1
    return graph


# What sequences give: a transaction that is killed after it took some leaves a gap.
NUMBERS = frozenset({"dependency_id", "pipeline_id"})


def _key(labels: list[str], properties: dict[str, Any]) -> tuple[str, ...]:
    numbered = {"Artifact", "Pipeline"} & set(labels)
    dropped = {"written_at"} | ({"id"} if numbered else set())
    return (*sorted(labels), _without(dropped, properties))


def _without(dropped: Collection[str], properties: dict[str, Any]) -> str:
    return repr(sorted((key, value) for key, value in properties.items() if key not in dropped))


def wipe(driver: neo4j.Driver) -> None:
    driver.execute_query("MATCH (n) WHERE NOT n:SchemaMigration AND NOT n:LineageGraphTests DETACH DELETE n")
