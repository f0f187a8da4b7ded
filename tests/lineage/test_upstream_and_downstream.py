"""`upstream` and `downstream` find what networkx finds, in order, whatever the graph, and end on any."""

from __future__ import annotations

import time
from unittest.mock import patch

import neo4j
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph.errors import InvalidArgument, NameNotFound
from lineage_graph.lineage import EdgeKind, Lineage, Start, traversal
from tests.lineage.worlds import World, ladder, worlds

pytestmark = pytest.mark.every_version

slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def expected(world: World, graph: nx.DiGraph, start: str, direction: str) -> list[tuple[str, int]]:
    walked = graph if direction == "upstream" else graph.reverse(copy=False)
    begin = start
    if start.startswith("artifact/") and direction == "downstream":
        begin = f"node/{world.artifacts[int(start.partition('/')[2])]}"
    distances = dict(nx.single_source_shortest_path_length(walked, begin))
    if begin != start:
        del distances[begin]
    return world.order(distances, start)


@slow
@given(world=worlds(), data=st.data())
def test_every_start_and_direction_finds_what_networkx_finds(
    world: World, data: st.DataObject, lineage: Lineage, driver: neo4j.Driver
) -> None:
    world.write(driver)
    kinds = data.draw(
        st.sampled_from([None, {EdgeKind.data}, {EdgeKind.call, EdgeKind.control}, set(EdgeKind) - {EdgeKind.data}])
    )
    graph = world.graph(kinds or EdgeKind)
    starts = [(f"node:{i}", f"node/{i}") for i in range(len(world.session_of))]
    starts += [(f"a{i}", f"artifact/{i}") for i in world.kept]
    text, key = data.draw(st.sampled_from(starts))
    for direction in ("upstream", "downstream"):
        answer = getattr(lineage, direction)(text, kinds=kinds)
        wanted = expected(world, graph, key, direction)
        assert [(item.key, item.distance) for item in answer] == wanted
        assert answer.complete
        assert answer.total == len(wanted)
        found = {item.key for item in answer} | {key}
        assert set(answer.to_networkx().edges()) >= {
            (a, b) for a, b in graph.edges if a in found and b in found and a != key and b != key
        }


@slow
@given(world=worlds(), data=st.data())
def test_pages_and_depths_are_parts_of_the_whole(
    world: World, data: st.DataObject, lineage: Lineage, driver: neo4j.Driver
) -> None:
    world.write(driver)
    text = data.draw(st.sampled_from([f"node:{i}" for i in range(len(world.session_of))]))
    level = data.draw(st.sampled_from(["node", "artifact"]))
    direction = data.draw(st.sampled_from(["upstream", "downstream"]))
    ask = getattr(lineage, direction)
    whole = ask(text, level=level)
    limit = data.draw(st.integers(1, 4))
    pages, cursor = [], None
    while True:
        page = ask(text, level=level, limit=limit, cursor=cursor)
        pages += page.items
        cursor = page.cursor
        if page.complete:
            assert page.total == len(whole)
            break
        assert page.reason == "limit"
        assert page.total is None
        assert len(page) == limit
    assert pages == list(whole.items)
    depth = data.draw(st.integers(1, 4))
    with patch.object(traversal, "FIRST_PAGE", data.draw(st.integers(1, 3))):
        near = ask(text, level=level, depth=depth)
    assert list(near) == [item for item in whole if item.distance <= depth]
    if level == "node":
        assert near.complete == (len(near) == len(whole))
        assert near.reason == (None if near.complete else "depth")


def test_a_chain_of_more_artifacts_than_a_list_holds(lineage: Lineage, driver: neo4j.Driver) -> None:
    driver.execute_query(
        "UNWIND range(0, 1100) AS i CREATE (:Artifact {id: i, name: 'a' + toString(i), version: 0, "
        "date_created: localdatetime()})-[:OF_NODE]->(:Node&CallNode {id: toString(i), name: 'f()', session_id: 's'}) "
        "WITH count(*) AS all UNWIND range(1, 1100) AS i "
        "MATCH (a:Artifact {id: i}) MATCH (b:Artifact {id: i - 1}) CREATE (a)-[:DERIVED_FROM]->(b)"
    )
    ends = {"upstream": ("a1100", range(1099, -1, -1)), "downstream": ("a0", range(1, 1101))}
    for direction, (start, ids) in ends.items():
        wanted = [(f"artifact/{id_}", distance) for distance, id_ in enumerate(ids, 1)]
        whole = getattr(lineage, direction)(start, level="artifact", limit=100_000)
        assert [(item.key, item.distance) for item in whole] == wanted
        first = getattr(lineage, direction)(start, level="artifact", limit=1_050)
        rest = getattr(lineage, direction)(start, level="artifact", limit=1_050, cursor=first.cursor)
        assert [*first, *rest] == list(whole)


@slow
@given(world=worlds())
def test_libraries_datasets_and_sessions_are_starts_too(world: World, lineage: Lineage, driver: neo4j.Driver) -> None:
    world.write(driver)
    graph = world.graph()
    assert [(i.key, i.distance) for i in lineage.downstream("library:lib@1")] == expected(
        world, graph, "library/lib/1", "downstream"
    )
    assert lineage.upstream("library:lib").total == 0
    for number in sorted({d for _, d in world.files + world.writes}):
        key = f"dataset/file:///d{number}"
        graph.add_node(key)
        downstream = lineage.downstream(f"dataset:file:///d{number}")
        assert [(i.key, i.distance) for i in downstream] == expected(world, graph, key, "downstream")
        writers = [writer for writer, what in world.writes if what == number]
        distances = nx.single_source_shortest_path_length(graph, f"node/{max(writers)}") if writers else {}
        wanted = world.order({k: d + 1 for k, d in distances.items()}, key)
        assert [(i.key, i.distance) for i in lineage.upstream(f"dataset:file:///d{number}")] == wanted
    for session in range(world.sessions):
        members = [f"node/{i}" for i, s in enumerate(world.session_of) if s == session]
        whole = graph.copy()
        whole.add_node("start")
        whole.add_edges_from((member, "start") for member in members)
        wanted = expected(world, whole, "start", "downstream")
        assert [(i.key, i.distance) for i in lineage.downstream(f"session:s{session}")] == wanted


@pytest.mark.parametrize("level", ["node", "statement", "artifact"])
@pytest.mark.parametrize(
    ("direction", "start"), [("upstream", "a0"), ("upstream", "node:15000"), ("downstream", "node:0")]
)
def test_a_ladder_of_5000_diamonds_is_answered(on_ladder: Lineage, level: str, direction: str, start: str) -> None:
    """2^5000 paths lead through it."""
    answer = getattr(on_ladder, direction)(start, level=level)
    assert answer.reason in (None, "limit")


def test_all_of_a_ladder_is_found(on_ladder: Lineage) -> None:
    answer = on_ladder.upstream("a0", limit=100_000, timeout=60)
    assert answer.complete
    assert len(answer) == 15_001
    assert answer.items[-1].distance == 10_001


def test_a_limited_question_on_a_ladder_says_so(on_ladder: Lineage) -> None:
    answer = on_ladder.upstream("a0")
    assert (len(answer), answer.complete, answer.reason, answer.total) == (1_000, False, "limit", None)


def test_a_question_that_runs_out_of_time_says_so(on_ladder: Lineage) -> None:
    begin = time.monotonic()
    # No server gives 15,001 rows in this time.
    answer = on_ladder.upstream("a0", limit=100_000, timeout=0.001)
    # Two seconds after its time at the latest, on a machine that is not busy.
    assert time.monotonic() - begin < 10
    assert answer.reason == "time"
    assert not answer.complete
    assert answer.total is None
    assert len(answer) < 15_001


@pytest.mark.parametrize("timeout", [0.001, 0.03, 0.06, 0.12])
def test_an_answer_that_ran_out_of_time_is_continued(on_ladder: Lineage, timeout: float) -> None:
    """Wherever the time ends on this machine, the pages together are the whole answer."""
    pages = [on_ladder.upstream("a0", limit=100_000, timeout=timeout)]
    while pages[-1].reason == "time":
        assert pages[-1].total is None
        pages.append(on_ladder.upstream("a0", limit=100_000, timeout=60, cursor=pages[-1].cursor))
    keys = [item.key for page in pages for item in page]
    assert len(keys) == len(set(keys)) == 15_001
    assert pages[-1].complete


def test_as_of_leaves_out_what_came_later(lineage: Lineage, driver: neo4j.Driver) -> None:
    world = World(sessions=3, session_of=[0, 1, 2], artifacts=[0, 1, 2], reads=[(1, 0), (2, 0)])
    world.write(driver)
    assert [item.key for item in lineage.downstream("a0")] == ["node/1", "node/2", "artifact/1", "artifact/2"]
    before = lineage.as_of(world.saved(1))
    assert [item.key for item in before.downstream("a0")] == ["node/1", "artifact/1"]
    with pytest.raises(NameNotFound, match="as of 2026"):
        before.upstream("a2")
    driver.execute_query("MATCH (a:Artifact {id: 2}) SET a.name = 'a0', a.version = 1")
    assert lineage.upstream("a0").start.version == 1
    assert before.upstream("a0").start.version == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"level": "line"}, "level"),
        ({"kinds": ["dat"]}, "kinds"),
        ({"kinds": []}, "kind"),
        ({"depth": 0}, "depth"),
        ({"depth": True}, "depth"),
        ({"limit": 0}, "limit"),
        ({"limit": 100_001}, "limit"),
        ({"timeout": 0}, "time-out"),
        ({"timeout": float("nan")}, "time-out"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": 5}, "cursor"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(
    arguments: dict[str, object], problem: str, lineage: Lineage, driver: neo4j.Driver
) -> None:
    ladder(1).write(driver)
    with pytest.raises(InvalidArgument, match=problem):
        lineage.upstream("a0", **arguments)  # type: ignore[arg-type]


def test_a_cursor_of_another_question_is_refused(lineage: Lineage, driver: neo4j.Driver) -> None:
    ladder(2).write(driver)
    cursor = lineage.upstream("a0", limit=1).cursor
    with pytest.raises(InvalidArgument, match="another question"):
        lineage.downstream("a0", cursor=cursor)


@pytest.mark.parametrize(
    ("start", "nearest"),
    [
        ("clasifier", "classifier"),
        ("classifier@7", "latest versions: 0"),
        ("variable:modle", "model"),
        ("library:pandsa", "pandas"),
        ("session:trian", "train"),
        ("dataset:wines.csv", "file:///w/wine.csv"),
        ("node:nothing", "there is no node 'nothing'"),
        ("[x] AND (y~ OR \\", "there is no artifact"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest(
    start: str, nearest: str, lineage: Lineage, driver: neo4j.Driver
) -> None:
    driver.execute_query(
        "CREATE (n:Node&CallNode {id: 'n', name: 'n', session_id: 's', written_at: 1})"
        "-[:IN_SESSION]->(:Session {id: 's', name: 'train', session_name: 'train', creation_time: localdatetime()}), "
        "(:Artifact {id: 1, name: 'classifier', version: 0, date_created: localdatetime()})-[:OF_NODE]->(n), "
        "(:Variable {node_id: 'n', name: 'model'})-[:ASSIGNED_AT]->(n), "
        "(:Library {package_name: 'pandas', version: '2', name: 'pandas 2'}), "
        "(:Dataset {uri: 'file:///w/wine.csv', name: 'wine.csv'})"
    )
    with pytest.raises(NameNotFound) as raised:
        lineage.upstream(start)
    assert nearest in str(raised.value)


@pytest.mark.parametrize("text", ["", "variable:", 5, None])
def test_a_start_that_is_none_is_refused(text: object, lineage: Lineage) -> None:
    with pytest.raises(InvalidArgument):
        lineage.upstream(text)  # type: ignore[arg-type]


def test_starts_as_text() -> None:
    assert Start.parse("classifier") == Start("artifact", "classifier")
    assert Start.parse("artifact:node:x@3") == Start("artifact", "node:x", 3)
    assert Start.parse("a@b") == Start("artifact", "a@b")
    assert Start.parse("library:pandas@2.3.3") == Start("library", "pandas", "2.3.3")
    assert Start.parse("dataset:s3://bucket/a@b") == Start("dataset", "s3://bucket/a@b")
    for wrong in ({"version": "1"}, {"version": -1}, {"version": True}):
        with pytest.raises(InvalidArgument):
            Start("artifact", "x", **wrong)


def test_an_answer_as_a_table(lineage: Lineage, driver: neo4j.Driver) -> None:
    ladder(1).write(driver)
    table = lineage.upstream("a0").to_pandas()
    assert list(table["key"]) == ["node/3", "node/1", "node/2", "node/0"]
    assert list(table["distance"]) == [1, 2, 2, 3]
