"""Common ancestors and dependencies of one kind are what networkx finds."""

from __future__ import annotations

from typing import Any

import neo4j
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph.errors import InvalidArgument, NameNotFound
from lineage_graph.lineage import EdgeKind, Lineage
from tests.lineage.worlds import World, worlds


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), data=st.data())
def test_what_networkx_finds(world: World, data: st.DataObject, lineage: Lineage, driver: neo4j.Driver) -> None:
    world.write(driver)
    graph = world.graph()
    nodes = st.integers(0, len(world.session_of) - 1).map(lambda number: f"node/{number}")
    for _ in range(3):
        a, b = data.draw(nodes), data.draw(nodes)
        of_a, of_b = (nx.single_source_shortest_path_length(graph, key) for key in (a, b))
        wanted = sorted(
            (max(of_a[key], of_b[key]), of_a[key] + of_b[key], key)
            for key in of_a.keys() & of_b.keys()
            if key != a and key != b
        )
        ask: dict[str, Any] = {"a": a.replace("/", ":"), "b": b.replace("/", ":"), "level": "node"}
        answer = lineage.common_ancestors(**ask)
        assert [(item.distance, item.distance_a + item.distance_b, item.key) for item in answer] == wanted
        assert (answer.complete, answer.total) == (True, len(wanted))
        first = lineage.common_ancestors(**ask, limit=1)
        assert first.total == len(wanted)
        if first.cursor is not None:
            rest = lineage.common_ancestors(**ask, cursor=first.cursor)
            assert [*first, *rest] == list(answer)
        kind = data.draw(st.sampled_from([EdgeKind.implicit, EdgeKind.control]))
        own = world.graph([kind])
        distances = nx.single_source_shortest_path_length(own, a)
        for transitive in (False, True):
            found = lineage.dependencies(a.replace("/", ":"), kind=kind, transitive=transitive)
            near = {
                key: d for key, d in distances.items() if (d == 1 or transitive) and not key.startswith("artifact/")
            }
            assert [(item.key, item.distance) for item in found] == world.order(near, a)
            assert (found.complete, found.total) == (True, len(found))


def test_artifacts_that_two_were_made_from(on_examples: Lineage) -> None:
    found = on_examples.common_ancestors("classifier_in_use", "correlations")
    assert [(item.name, item.version) for item in found] == [("measurements", 1), ("measurements", 0)]
    assert list(found.to_pandas()["distance_a"]) == [1, 2]


def test_wrong_arguments(on_examples: Lineage) -> None:
    for arguments, problem in (({"level": "line"}, "level"), ({"limit": 0}, "limit"), ({"cursor": "x"}, "cursor")):
        with pytest.raises(InvalidArgument, match=problem):
            on_examples.common_ancestors("classifier", "scores", **arguments)
    with pytest.raises(InvalidArgument, match="kinds"):
        on_examples.dependencies("classifier", kind="none")
    with pytest.raises(InvalidArgument, match="no code"):
        on_examples.dependencies("library:pandas")
    with pytest.raises(NameNotFound):
        on_examples.common_ancestors("classifier", "nothing")


def test_a_ladder_ends(on_ladder: Lineage) -> None:
    found = on_ladder.common_ancestors("a0", "node:14997", level="node", timeout=60)
    assert (found.reason, len(found), found.total) == ("limit", 1_000, 14_997)
