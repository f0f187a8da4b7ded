"""A whole graph as a text file, with its keys and indexes: databases of earlier schemas are kept so.

``python -m tests.support.graph_files save FILE`` writes the graph that NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD
name. A file is JSON: the statements that make its schema; its nodes, each with labels and properties; its
relationships, each with the positions of its two nodes, its type and its properties. A date-time is
``{"local": "2026-11-24T12:00:00"}``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import neo4j
from neo4j.time import DateTime


def save(driver: neo4j.Driver, path: Path) -> None:
    """Write a graph to a file, one line for each node and relationship."""
    schema = driver.execute_query("SHOW CONSTRAINTS YIELD createStatement").records
    schema += driver.execute_query(
        "SHOW INDEXES YIELD createStatement, owningConstraint, type "
        "WHERE owningConstraint IS NULL AND type <> 'LOOKUP' RETURN createStatement"
    ).records
    nodes = driver.execute_query(
        "MATCH (n) WHERE NOT n:LineageGraphTests RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS own "
        "ORDER BY labels, coalesce(n.written_at, 0), coalesce(n.id, n.name)"
    ).records
    position = {row["id"]: index for index, row in enumerate(nodes)}
    relationships = driver.execute_query(
        "MATCH (a)-[r]->(b) RETURN elementId(a) AS a, elementId(b) AS b, type(r) AS type, properties(r) AS own"
    ).records
    graph = {
        "schema": sorted(row["createStatement"] for row in schema),
        "nodes": [[sorted(row["labels"]), _plain(row["own"])] for row in nodes],
        "relationships": sorted(
            ([position[row["a"]], position[row["b"]], row["type"], row["own"]] for row in relationships), key=repr
        ),
    }
    lines = [f'"{part}": [\n' + ",\n".join(map(_line, rows)) + "\n]" for part, rows in graph.items()]
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def load(driver: neo4j.Driver, path: Path) -> None:
    """Make the graph of a file in a database that has neither data nor schema of ours."""
    graph = json.loads(path.read_text(encoding="utf-8"))
    for statement in graph["schema"]:
        driver.execute_query(statement)
    driver.execute_query("CALL db.awaitIndexes(60)")
    rows = [{"labels": labels, "own": _from_plain(own)} for labels, own in graph["nodes"]]
    made = driver.execute_query(
        "UNWIND range(0, size($rows) - 1) AS at "
        "CREATE (n:$($rows[at].labels)) SET n = $rows[at].own RETURN elementId(n) AS id ORDER BY at",
        rows=rows,
    ).records
    ids = [row["id"] for row in made]
    driver.execute_query(
        "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row.a MATCH (b) WHERE elementId(b) = row.b "
        "CREATE (a)-[r:$(row.type)]->(b) SET r = row.own",
        rows=[{"a": ids[a], "b": ids[b], "type": type_, "own": own} for a, b, type_, own in graph["relationships"]],
    )


def _line(row: object) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {"local": value.iso_format()} if isinstance(value, DateTime) else value
        for key, value in sorted(properties.items())
    }


def _from_plain(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        key: DateTime.from_iso_format(value["local"]) if isinstance(value, dict) else value
        for key, value in properties.items()
    }


if __name__ == "__main__":
    _, command, file = sys.argv
    login = os.environ["NEO4J_USERNAME"], os.environ["NEO4J_PASSWORD"]
    with neo4j.GraphDatabase.driver(os.environ["NEO4J_URI"], auth=login) as opened:
        {"save": save, "load": load}[command](opened, Path(file))
