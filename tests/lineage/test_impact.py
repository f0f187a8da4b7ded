"""`impact` lists what depends on a change, and sessions in an order in which they can run."""

from __future__ import annotations

from datetime import timedelta

import neo4j
import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from lineage_graph.lineage import Lineage
from lineage_graph.lineage.impact import ordered
from lineage_graph.store.connection import Store
from lineage_graph.store.rebuild import rebuild
from tests.lineage.worlds import BEGIN, World


@given(st.dictionaries(st.integers(0, 8).map(str), st.sets(st.integers(0, 8).map(str))))
def test_groups_are_strongly_connected_and_come_after_what_they_need(needs: dict[str, set[str]]) -> None:
    needs = {key: {other for other in others if other in needs} for key, others in needs.items()}
    graph = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((key, other) for key, others in needs.items() for other in others)
    groups = ordered(needs)
    assert {frozenset(group) for group in groups} == {frozenset(c) for c in nx.strongly_connected_components(graph)}
    place = {key: number for number, group in enumerate(groups) for key in group}
    assert all(place[other] <= place[key] for key, others in needs.items() for other in others)


def test_sessions_are_run_again_in_order(lineage: Lineage, store: Store, driver: neo4j.Driver) -> None:
    # s0 writes a file; s1 reads it and saves a0; s2 gets a0 and saves a1; s3 has nothing to do with it.
    world = World(
        sessions=4,
        session_of=[0, 1, 1, 2, 2, 3],
        edges=[(2, 1, "POSITIONAL_ARG"), (4, 3, "POSITIONAL_ARG")],
        artifacts=[2, 4, 5],
        reads=[(3, 0)],
        files=[(1, 0)],
        writes=[(0, 0)],
        read_from=[(1, 0)],
    )
    world.write(driver)
    driver.execute_query(
        "MATCH (a:Artifact)<-[:READS_ARTIFACT]-(c) SET c.artifact_name = a.name, c.artifact_version = 0"
    )
    driver.execute_query("MATCH (s:Session) SET s.environment_type = 'SCRIPT'")
    driver.execute_query(
        "MATCH (n:Node) CREATE (n)-[:FROM_SOURCE]->"
        "(:SourceCode {id: n.id, name: 'x', code: '', path: n.session_id + '.py'})"
    )
    rebuild(store)
    impact = lineage.impact("dataset:file:///d0")
    assert [item.key for item in impact.items] == ["artifact/0", "artifact/1"]
    assert [[session.id for session in group] for group in impact.plan] == [["s1"], ["s2"]]
    assert impact.plan[0][0].command == "cd /w && lineage-graph trace /w/s1.py"
    assert impact.complete
    assert [[session.id for session in group] for group in lineage.impact("node:0").plan] == [["s0"], ["s1"], ["s2"]]
    assert [[session.id for session in group] for group in lineage.impact("a0").plan] == [["s2"]]
    assert not lineage.impact("a2")
    before = lineage.as_of(BEGIN + timedelta(days=1, hours=2))
    assert [[session.id for session in group] for group in before.impact("a0").plan] == []
    assert [[session.id for session in group] for group in before.impact("dataset:file:///d0").plan] == [["s1"]]


def test_everything_that_imports_a_library_depends_on_it(on_examples: Lineage) -> None:
    """Also where it imports a module inside it, and where the same session imports it twice."""
    named = {item.name for item in on_examples.impact("library:sklearn").items if item.kind == "artifact"}
    assert named >= {"classifier", "classifier_in_use", "measurements", "correlations"}
    assert {item.name for item in on_examples.impact("library:PIL").items} >= {"digits_picture"}
    assert on_examples.why("classifier", "library:sklearn")
    assert not on_examples.why("measurements", "library:PIL")
