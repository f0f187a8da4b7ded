"""The read cache: it saves reading again what cannot change, and never serves what did."""

from __future__ import annotations

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import DuplicateRecord, RecordNotFound
from lineage_graph.graph.statements import Query
from lineage_graph.store.connection import Store
from lineage_graph.store.read_cache import OVERHEAD, ReadCache
from lineage_graph.types import CallNode
from tests.support.records import artifact, call, literal, location, lookup, new_id, write_session, write_source


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the statements that were read."""
    names: list[str] = []
    read = Store.read

    def noting(self: Store, query: Query, **parameters: object) -> list[neo4j.Record]:
        names.append(query.name)
        return read(self, query, **parameters)

    monkeypatch.setattr(Store, "read", noting)
    return names


def write_call(db: RelationalLineaDB) -> CallNode:
    session = write_session(db)
    function, source = lookup(session), write_source(db)
    argument = literal(session, "iris.csv")
    node = call(session, function.id, argument.id, source_location=location(source))
    for each in (function, argument, node):
        db.write_node(each)
    db.commit()
    return node


def test_what_cannot_change_is_read_once(
    db: RelationalLineaDB, other: RelationalLineaDB, statements: list[str]
) -> None:
    node = write_call(db)
    for _ in range(3):
        assert other.get_node_by_id(node.id) == node
        assert other.get_session_context(node.session_id).id == node.session_id
    assert statements == ["nodes/get_node", "sessions/get_session"]


def test_a_session_fills_it_for_each_of_its_nodes(
    db: RelationalLineaDB, other: RelationalLineaDB, statements: list[str]
) -> None:
    node = write_call(db)
    nodes = other.get_nodes_for_session(node.session_id)
    statements.clear()
    assert [other.get_node_by_id(each.id) for each in nodes] == nodes
    assert statements == []


def test_it_can_be_switched_off(
    url: str, db: RelationalLineaDB, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    node = write_call(db)
    monkeypatch.setenv("LINEAGE_GRAPH_READ_CACHE_SIZE", "0")
    plain = RelationalLineaDB(url)
    for _ in range(2):
        assert plain.get_node_by_id(node.id) == node
    plain.close()
    assert statements.count("nodes/get_node") == 2


def test_what_a_caller_does_to_a_node_stays_with_the_caller(db: RelationalLineaDB) -> None:
    node = write_call(db)
    first = db.get_node_by_id(node.id)
    assert isinstance(first, CallNode)
    first.positional_args.clear()
    first.global_reads["x"] = first.id
    assert db.get_node_by_id(node.id) == node


def test_a_miss_is_asked_again(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    for _ in range(2):
        with pytest.raises(RecordNotFound):
            other.get_node_by_id(node.id)
        with pytest.raises(RecordNotFound):
            other.get_session_context(session.id)
    db.write_node(node)
    db.commit()
    assert other.get_node_by_id(node.id) == node
    assert other.get_session_context(session.id) == session


def test_what_was_rolled_back_is_not_served(db: RelationalLineaDB) -> None:
    session = write_session(db)
    db.commit()
    node = literal(session)
    db.write_node(node)
    lost = write_session(db)
    assert db.get_node_by_id(node.id) == node
    assert db.get_session_context(lost.id) == lost
    assert db.get_nodes_for_session(session.id) == [node]
    with pytest.raises(DuplicateRecord):
        db.write_node(node)
    db.unit_of_work.rollback()
    with pytest.raises(RecordNotFound):
        db.get_node_by_id(node.id)
    with pytest.raises(RecordNotFound):
        db.get_session_context(lost.id)
    assert db.get_nodes_for_session(session.id) == []


def test_what_can_change_is_never_held(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    node = write_call(db)
    session = db.get_session_context(node.session_id)
    assert other.get_all_artifacts() == []
    assert other.get_latest_artifact_version("model") == -1
    assert other.get_variable_by_id(node.id) == []
    assert len(other.get_nodes_for_session(node.session_id)) == 3
    db.write_artifact(artifact(session, node.id))
    db.write_assigned_variable(node.id, "df")
    db.write_node(literal(session))
    db.commit()
    assert [a.name for a in other.get_all_artifacts()] == ["model"]
    assert other.get_latest_artifact_version("model") == 0
    assert other.get_variable_by_id(node.id) == ["df"]
    assert len(other.get_nodes_for_session(node.session_id)) == 4


def test_a_reference_to_a_node_that_comes_later_stays_right(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    later = lookup(session)
    node = call(session, later.id)
    db.write_node(node)
    db.commit()
    assert other.get_node_by_id(node.id) == node
    db.write_node(later)
    db.commit()
    assert other.get_node_by_id(node.id) == node
    assert other.get_node_by_id(later.id) == later


def test_it_is_bounded_and_drops_what_was_used_least_recently() -> None:
    cache = ReadCache(3 * OVERHEAD)
    for key in ("a", "b", "c"):
        cache.put("node", key, key)
    assert cache.get("node", "a") == "a"
    cache.put("node", "d", "d")
    assert [cache.get("node", key) for key in ("a", "b", "c", "d")] == ["a", None, "c", "d"]
    assert cache.get("source", "a") is None
    cache.put("source", new_id(), "long", characters=3 * OVERHEAD)
    assert len(cache) == 3
