"""Edges across sessions: what calls read and wrote, what follows from it, and that a rebuild changes nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import neo4j
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from lineage_graph.lineage import Lineage
from lineage_graph.store.connection import Store
from lineage_graph.store.rebuild import rebuild
from tests.conftest import EXAMPLE_DATABASE
from tests.lineage.worlds import World, worlds
from tests.support.known_sessions import whole_graph


def closure(world: World) -> dict[int, set[str]]:
    """What each artifact was made from, by the plain definition: the artifacts on nodes upstream, and datasets."""
    graph = world.graph()
    graph.remove_node("library/lib/1")
    wrote = {f"node/{node}" for node, _ in world.writes}
    saved: dict[str, set[str]] = {}
    for artifact, node in enumerate(world.artifacts):
        saved.setdefault(f"node/{node}", set()).add(f"artifact/{artifact}")
    found = {}
    for artifact, node in enumerate(world.artifacts):
        reached = set(nx.descendants(graph, f"node/{node}"))
        result = {key for key in reached if key.startswith(("artifact/", "dataset/"))} | (reached & wrote)
        for key in reached:
            result |= saved.get(key, set())
        found[artifact] = result - saved[f"node/{node}"]
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
def test_edges_between_artifacts_are_the_full_traversal(
    world: World, lineage: Lineage, store: Store, driver: neo4j.Driver
) -> None:
    world.write(driver)
    driver.execute_query(
        "MATCH (a:Artifact)<-[:READS_ARTIFACT]-(c) SET c.artifact_name = a.name, c.artifact_version = 0"
    )
    rebuild(store)
    wanted = closure(world)
    for artifact in wanted:
        own = {f"artifact/{other}" for other, node in enumerate(world.artifacts) if node == world.artifacts[artifact]}
        found = {item.key for item in lineage.upstream(f"a{artifact}", level="artifact")} - own
        # What only a cycle through another session leads back to is the artifact itself.
        own_node = f"node/{world.artifacts[artifact]}"
        assert found - {own_node} == wanted[artifact] - {own_node}
    assert rebuild(store) == dict.fromkeys(rebuild(store), 0)


@pytest.fixture
def examples(db: RelationalLineaDB, store: Store) -> Counter[str]:
    import_lineapy(str(EXAMPLE_DATABASE), db)
    return Counter(rebuild(store))


@pytest.mark.usefixtures("examples")
def test_the_examples_are_connected(driver: neo4j.Driver) -> None:
    def pairs(statement: str) -> list[tuple[Any, ...]]:
        rows, _, _ = driver.execute_query(statement)
        return sorted(tuple(row.values()) for row in rows)

    assert pairs(
        "MATCH (call)-[r:READS_ARTIFACT]->(a) "
        "RETURN call.name AS call, a.name AS name, a.version AS version, r.certainty AS c"
    ) == [
        ('lineapy.get("classifier", 0)', "classifier", 0, "exact"),
        ('lineapy.get("classifier_in_use")', "classifier_in_use", 0, "inferred"),
        ('lineapy.get("measurements")', "measurements", 1, "inferred"),
        ('lineapy.get("measurements")', "measurements", 1, "inferred"),
        ('lineapy.get("measurements")', "measurements", 1, "inferred"),
    ]
    assert pairs("MATCH (call)-[r:READS|WRITES]->(d:Dataset) RETURN d.uri AS uri, type(r) AS type") == [
        ("file:///home/ada/wine/confusion.png", "WRITES"),
        ("file:///home/ada/wine/digits.png", "READS"),
        ("file:///home/ada/wine/digits.png", "WRITES"),
        ("file:///home/ada/wine/measurements.csv", "READS"),
        ("file:///home/ada/wine/measurements.csv", "WRITES"),
    ]
    assert pairs("MATCH (a)-[r:READ_FROM]->(b) RETURN r.certainty AS c, r.uri AS uri") == [
        ("exact", "file:///home/ada/wine/digits.png"),
        ("exact", "file:///home/ada/wine/measurements.csv"),
    ]
    assert len(pairs("MATCH (a:Session)-[:INFORMED_BY]->(b:Session) RETURN a.id AS a, b.id AS b")) == 4


def test_a_rebuild_changes_nothing(examples: Counter[str], store: Store, driver: neo4j.Driver) -> None:
    assert examples["DERIVED_FROM"] > 20
    before = whole_graph(driver)
    assert set(rebuild(store).values()) == {0}
    assert whole_graph(driver) == before


@pytest.mark.usefixtures("examples")
def test_what_made_the_classifier_across_sessions(db: RelationalLineaDB) -> None:
    with Lineage(db) as lineage:
        upstream = lineage.upstream("classifier_in_use", level="artifact")
        names = {(item.name, item.version) for item in upstream if item.kind == "artifact"}
        assert names == {("measurements", 0), ("measurements", 1), ("classifier", 0), ("classifier", 1)}
        why = lineage.why("classifier_in_use", "artifact:measurements@0")
        assert why
        steps = why.explanations[0].steps
        assert {step.item.file for step in steps if step.item.file} == {"train.py", "prepare.py"}
        assert all(step.item.code for step in steps if step.item.kind == "node" and step.item.line)


def test_a_deleted_version_is_not_replaced_by_a_guess(
    examples: Counter[str], db: RelationalLineaDB, store: Store, driver: neo4j.Driver
) -> None:
    db.delete_artifact_by_name("measurements", 1)
    db.commit()
    rebuild(store)
    rows, _, _ = driver.execute_query("MATCH (:CallNode)-[:READS_ARTIFACT]->(a) RETURN DISTINCT a.name AS name")
    assert {row["name"] for row in rows} == {"classifier", "classifier_in_use"}
