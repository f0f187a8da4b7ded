"""`why` gives shortest ways, all there are up to its number, and proves that there is none."""

from __future__ import annotations

import itertools
from datetime import timedelta

import neo4j
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph.errors import InvalidArgument, NameNotFound
from lineage_graph.lineage import Lineage
from lineage_graph.lineage.explaining import explain
from lineage_graph.lineage.reader import Deadline
from lineage_graph.lineage.starts import Starts
from tests.lineage.worlds import BEGIN, World, ladder, worlds

pytestmark = pytest.mark.every_version


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(), data=st.data())
def test_explanations_are_the_shortest_paths(
    world: World, data: st.DataObject, lineage: Lineage, driver: neo4j.Driver
) -> None:
    world.write(driver)
    until = data.draw(st.none() | st.integers(0, 4 * 24).map(lambda hours: BEGIN + timedelta(hours=hours)))
    there = world.there(until)
    graph = world.graph().subgraph(there)
    lineage = lineage if until is None else lineage.as_of(until)
    nodes = [f"node/{i}" for i in range(len(world.session_of))]
    ends = [*nodes, "library/lib/1", *(key for key in world.graph() if key.startswith("dataset/"))]
    start, end = data.draw(st.sampled_from(nodes)), data.draw(st.sampled_from(ends))
    text = end.replace("node/", "node:").replace("library/lib/1", "library:lib@1").replace("dataset/", "dataset:")
    if start not in there or end not in there:
        with pytest.raises(NameNotFound, match="as of"):
            lineage.why(start.replace("/", ":"), text)
        return
    why = lineage.why(start.replace("/", ":"), text, alternatives=10)
    if start == end:
        assert why.status == "related"
        assert why.explanations[0].steps == ()
        return
    if not nx.has_path(graph, start, end):
        assert (why.status, bool(why), why.explanations) == ("absent", False, ())
        return
    assert why.status == "related"
    wanted = {tuple(path) for path in itertools.islice(nx.all_shortest_paths(graph, start, end), 1000)}
    found = [(why.start.key, *(step.needs.key for step in each.steps)) for each in why.explanations]
    assert set(found) <= wanted
    assert len(found) == 11 or set(found) == wanted


def test_of_a_file_the_write_counts_that_was_the_last_then(lineage: Lineage, driver: neo4j.Driver) -> None:
    world = World(
        sessions=2, session_of=[0, 0, 1, 1], edges=[(1, 0, "POSITIONAL_ARG"), (3, 2, "CALLS")], writes=[(1, 0), (3, 0)]
    )  # fmt: skip
    world.write(driver)
    before = lineage.as_of(BEGIN)
    assert lineage.why("dataset:file:///d0", "node:2")
    assert not lineage.why("dataset:file:///d0", "node:0")
    assert before.why("dataset:file:///d0", "node:0")


def test_a_ladder_is_explained(lineage: Lineage, driver: neo4j.Driver) -> None:
    ladder(5_000).write(driver)
    why = lineage.why("a0", "node:0")
    assert len(why.explanations[0]) == 10_001
    assert lineage.why("node:0", "a0").status == "absent"


def test_no_time_is_not_a_proof(lineage: Lineage, driver: neo4j.Driver) -> None:
    ladder(1).write(driver)
    reader, starts = lineage._reader, Starts(lineage._reader)
    a, b = (starts.find(text, Deadline(10)) for text in ("node:0", "node:3"))
    assert explain(a, b, 0, reader, Deadline(0)).status == "unknown"
    assert explain(a, b, 0, reader, Deadline(10)).status == "absent"


def test_steps_of_files_artifacts_and_sessions(lineage: Lineage, driver: neo4j.Driver) -> None:
    world = World(
        sessions=2, session_of=[0, 0, 1, 1], edges=[(1, 0, "POSITIONAL_ARG"), (3, 2, "CALLS")], artifacts=[1, 3],
        reads=[(2, 0)], files=[(2, 0)], writes=[(1, 0)],
    )  # fmt: skip
    world.write(driver)
    why = lineage.why("a1", "a0")
    assert [(step.type, step.kind.value, step.needs.key) for step in why.explanations[0].steps] == [
        ("OF_NODE", "artifact", "node/3"),
        ("CALLS", "call", "node/2"),
        ("READS_ARTIFACT", "artifact", "artifact/0"),
    ]
    assert [step.type for step in lineage.why("dataset:file:///d0", "node:0").explanations[0].steps] == [
        "WRITES",
        "POSITIONAL_ARG",
    ]
    assert lineage.why("a1", "session:s0")
    assert lineage.why("a0", "session:s1").status == "absent"
    for wrong in ("session:s0", "library:lib"):
        with pytest.raises(InvalidArgument, match="is not computed"):
            lineage.why(wrong, "a0")
    with pytest.raises(InvalidArgument, match="alternatives"):
        lineage.why("a0", "a1", alternatives=11)
