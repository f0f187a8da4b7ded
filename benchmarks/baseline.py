"""The baseline: the driver and hand-written Cypher alone, for the same graph. Rows in, rows out, no models."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import neo4j

from lineage_graph.graph import mapping
from lineage_graph.model.captions import Captions
from lineage_graph.model.references import references_of
from lineage_graph.types import Artifact, BaseNode, NodeValue, SessionContext, SourceCode

Rows = list[dict[str, Any]]

# One statement for each label, with all its rows: the first thing that one would write by hand.
NODES = """
UNWIND $rows AS row
MATCH (session:Session {id: row.session_id})
MATCH (source:SourceCode {id: row.source_id})
CREATE (node:Node:%s)
SET node = row.properties
CREATE (node)-[:IN_SESSION]->(session)
CREATE (node)-[:FROM_SOURCE]->(source)
"""
REFERENCES = """
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[reference:%s]->(end)
SET reference = row.properties
"""
EXECUTION = "CREATE (execution:Execution) SET execution = $row"
SESSION = """
MATCH (execution:Execution {id: $execution_id})
CREATE (session:Session)-[:IN_EXECUTION]->(execution)
SET session = $row
"""
SOURCES = "UNWIND $rows AS row CREATE (source:SourceCode) SET source = row"
VARIABLES = """
UNWIND $rows AS row
MATCH (node:Node {id: row.node_id})
CREATE (variable:Variable {node_id: row.node_id, name: row.name, written_at: row.written_at})
CREATE (variable)-[:ASSIGNED_AT]->(node)
"""
VALUES = """
UNWIND $rows AS row
MATCH (node:Node {id: row.node_id})
MATCH (execution:Execution {id: row.execution_id})
CREATE (value:NodeValue)-[:OF_NODE]->(node)
SET value = row
CREATE (value)-[:IN_EXECUTION]->(execution)
"""
ARTIFACTS = """
UNWIND $rows AS row
MATCH (node:Node {id: row.node_id})
MATCH (execution:Execution {id: row.execution_id})
CREATE (artifact:Artifact {id: row.id, name: row.name, version: row.version, date_created: row.date_created})
CREATE (artifact)-[:OF_NODE]->(node)
CREATE (artifact)-[:IN_EXECUTION]->(execution)
"""
LIBRARIES = """
UNWIND $rows AS row
MERGE (library:Library {package_name: row.package_name, version: row.version})
WITH row, library
MATCH (node:Node {id: row.node_id})
CREATE (node)-[:FROM_LIBRARY]->(library)
"""
READ_SESSION = """
MATCH (node:Node {session_id: $session_id})
RETURN
  labels(node) AS labels,
  properties(node) AS properties,
  [(node)-[reference]->(target) | [type(reference), target.id, reference.index, reference.name, reference.starred]]
    AS references
"""
READ_SOURCES = "MATCH (source:SourceCode {session_id: $session_id}) RETURN properties(source) AS properties"
READ_NODE = """
MATCH (node:Node {id: $id})-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  labels(node) AS labels,
  properties(node) AS properties,
  [(node)-[reference]->(target) | [type(reference), target.id, reference.index, reference.name, reference.starred]]
    AS references,
  properties(source) AS source
"""
READ_LATEST = """
MATCH (artifact:Artifact {name: $name})
WITH artifact
ORDER BY artifact.version DESC
LIMIT 1
MATCH (artifact)-[:OF_NODE]->(node:Node)
MATCH (artifact)-[:IN_EXECUTION]->(execution:Execution)
RETURN properties(artifact) AS artifact, properties(node) AS node, properties(execution) AS execution
"""
READ_VERSION = """
MATCH (artifact:Artifact {name: $name, version: $version})
MATCH (artifact)-[:OF_NODE]->(node:Node)
MATCH (artifact)-[:IN_EXECUTION]->(execution:Execution)
RETURN properties(artifact) AS artifact, properties(node) AS node, properties(execution) AS execution
"""
READ_ARTIFACTS = """
MATCH (artifact:Artifact)-[:OF_NODE]->(node:Node)
MATCH (artifact)-[:IN_EXECUTION]->(execution:Execution)
RETURN properties(artifact) AS artifact, properties(node) AS node, properties(execution) AS execution
"""
READ_VARIABLES = """
MATCH (node:Node {session_id: $session_id})<-[:ASSIGNED_AT]-(variable:Variable)
RETURN node.id AS node_id, variable.name AS name
"""
READ_LIBRARIES = """
MATCH (:Node&ImportNode {session_id: $session_id})-[:FROM_LIBRARY]->(library:Library)
RETURN DISTINCT library.package_name AS package_name, library.version AS version
"""
READ_IMPLICIT = "MATCH (:Node {id: $id})-[:IMPLICIT_DEPENDENCY]->(end:Node) RETURN end.id AS id"
READ_TRANSITIVE = "MATCH (:Node {id: $id})-[:IMPLICIT_DEPENDENCY*1..]->(end:Node) RETURN DISTINCT end.id AS id"
DELETE_ARTIFACT = "MATCH (artifact:Artifact {name: $name, version: $version}) DETACH DELETE artifact"


def statements(calls: list[tuple[str, tuple[Any, ...]]], first_id: int) -> list[tuple[str, dict[str, Any]]]:
    """The statements and rows that write a session's records, made before the clock starts."""
    nodes: dict[str, Rows] = defaultdict(list)
    references: dict[str, Rows] = defaultdict(list)
    sources: Rows = []
    variables: Rows = []
    values: Rows = []
    artifacts: Rows = []
    libraries: Rows = []
    head: list[tuple[str, dict[str, Any]]] = []
    captions = Captions()
    for written_at, (method, arguments) in enumerate(calls):
        if method == "commit":
            continue
        record: Any = arguments[0]
        if method == "write_execution":
            head.append((EXECUTION, {"row": mapping.execution_row(record)}))
        elif isinstance(record, SessionContext):
            row = mapping.session_row(record)
            head.append((SESSION, {"execution_id": row.pop("execution_id"), "row": row}))
        elif isinstance(record, SourceCode):
            sources.append(mapping.source_code_row(record))
        elif isinstance(record, BaseNode):
            properties = mapping.node_row(record, written_at, captions) | {"session_id": record.session_id}  # type: ignore[arg-type]
            source_id = record.source_location.source_code.id  # type: ignore[union-attr]
            nodes[record.node_type.name].append(
                {"session_id": record.session_id, "source_id": source_id, "properties": properties}
            )
            for reference in references_of(record):  # type: ignore[arg-type]
                edge = {"index": reference.index, "name": reference.name, "starred": reference.starred}
                references[reference.type].append(
                    {
                        "start_id": reference.start_id,
                        "end_id": reference.end_id,
                        "properties": {key: value for key, value in edge.items() if value is not None},
                    }
                )
            if package := getattr(record, "package_name", None):
                libraries.append({"package_name": package, "version": record.version, "node_id": record.id})  # type: ignore[attr-defined]
        elif isinstance(record, NodeValue):
            values.append(mapping.node_value_row(record))
        elif isinstance(record, Artifact):
            artifacts.append(record.model_dump() | {"id": first_id + len(artifacts)})
        else:
            variables.append({"node_id": arguments[0], "name": arguments[1], "written_at": written_at})
    return [
        *head,
        (SOURCES, {"rows": sources}),
        *((NODES % label, {"rows": rows}) for label, rows in nodes.items()),
        *((REFERENCES % type_, {"rows": rows}) for type_, rows in references.items()),
        (VARIABLES, {"rows": variables}),
        (VALUES, {"rows": values}),
        (ARTIFACTS, {"rows": artifacts}),
        (LIBRARIES, {"rows": libraries}),
    ]


def write(driver: neo4j.Driver, prepared: list[tuple[str, dict[str, Any]]]) -> None:
    """All of it, in one transaction."""
    with driver.session() as session, session.begin_transaction() as transaction:
        for text, parameters in prepared:
            transaction.run(text, parameters).consume()
        transaction.commit()


def read(driver: neo4j.Driver, text: str, **parameters: Any) -> list[neo4j.Record]:
    """The rows of one statement."""
    return driver.execute_query(text, parameters, routing_=neo4j.RoutingControl.READ).records
