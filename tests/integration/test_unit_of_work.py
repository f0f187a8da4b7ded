"""Commits: all or nothing, seen by their writer at once and by others afterwards, once."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import (
    ArtifactSaveException,
    AuthenticationFailed,
    CommitUnsettled,
    DatabaseUnavailable,
    DuplicateRecord,
    InvalidRecord,
)
from lineage_graph.store.writer import GraphWriter
from lineage_graph.types import ElseNode, Execution, IfNode, ImportNode, LiteralNode
from tests.support.records import (
    artifact,
    call,
    literal,
    location,
    lookup,
    new_id,
    node_value,
    write_session,
    write_source,
)


def count(driver: neo4j.Driver, label: str) -> int:
    records, _, _ = driver.execute_query("MATCH (n) WHERE $label IN labels(n) RETURN count(n) AS count", label=label)
    return int(records[0]["count"])


@pytest.mark.parametrize("kind", ["node", "context", "execution", "source", "value", "artifact"])
@pytest.mark.parametrize("when", ["same commit", "later commit"])
def test_the_same_key_twice_is_refused_and_the_store_stays_usable(
    db: RelationalLineaDB, other: RelationalLineaDB, driver: neo4j.Driver, kind: str, when: str
) -> None:
    session = write_session(db)
    source = write_source(db)
    node = literal(session)
    db.write_node(node)
    writes = {
        "node": lambda: db.write_node(node),
        "context": lambda: db.write_context(session),
        "execution": lambda: db.write_execution(Execution(id=session.execution_id)),
        "source": lambda: db.write_source_code(source),
        "value": lambda: db.write_node_value(node_value(session, node.id)),
        "artifact": lambda: db.write_artifact(artifact(session, node.id)),
    }
    if kind in ("value", "artifact"):
        writes[kind]()
    if when == "later commit":
        db.commit()

    def write_again() -> None:
        writes[kind]()
        db.commit()

    with pytest.raises(DuplicateRecord) as caught:
        write_again()
    assert isinstance(caught.value, ArtifactSaveException)
    db.commit()
    assert other.get_nodes_for_session(session.id) == [node]
    extra = literal(session)
    db.write_node(extra)
    db.commit()
    assert other.get_nodes_for_session(session.id) == [node, extra]


def test_a_failed_commit_keeps_nothing(db: RelationalLineaDB, driver: neo4j.Driver) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.commit()
    before = count(driver, "Node")
    db.write_node(literal(session))
    db.write_artifact(artifact(session, "nowhere"))
    with pytest.raises(InvalidRecord, match="Artifact 'model' version 0: node_id 'nowhere'"):
        db.commit()
    assert count(driver, "Node") == before
    assert count(driver, "Artifact") == 0
    db.commit()
    assert db.get_nodes_for_session(session.id) == [node]


@pytest.mark.parametrize("field", ["value's node", "value's execution", "source", "context's execution"])
def test_a_record_whose_ends_are_nowhere_is_refused_at_commit(db: RelationalLineaDB, field: str) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    if field == "value's node":
        db.write_node_value(node_value(session, "nowhere"))
    elif field == "value's execution":
        db.write_node_value(node_value(session, node.id).model_copy(update={"execution_id": "nowhere"}))
    elif field == "source":
        unwritten = write_source(db).model_copy(update={"id": "nowhere"})
        db.write_node(literal(session, source_location=location(unwritten)))
    else:
        db.write_context(session.model_copy(update={"id": new_id(), "execution_id": "nowhere"}))
    with pytest.raises(InvalidRecord, match="nowhere"):
        db.commit()
    assert db.get_nodes_for_session(session.id) == []


def test_an_artifact_may_come_before_its_node(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_artifact(artifact(session, node.id))
    assert db.get_all_artifacts() == []
    db.write_node(node)
    assert [a.name for a in db.get_all_artifacts()] == ["model"]
    db.commit()
    assert [a.node_id for a in other.get_all_artifacts()] == [node.id]


def test_a_dangling_reference_is_kept_and_resolved(
    db: RelationalLineaDB, other: RelationalLineaDB, driver: neo4j.Driver
) -> None:
    session = write_session(db)
    test, else_id = literal(session), new_id()
    branch = IfNode(id=new_id(), session_id=session.id, test_id=test.id, companion_id=else_id)
    second = IfNode(id=new_id(), session_id=session.id, test_id=test.id, companion_id=else_id)
    db.write_node(test)
    db.write_node(branch)
    db.write_assigned_variable(else_id, "late")
    db.commit()
    db.write_node(second)
    db.commit()
    assert other.get_node_by_id(branch.id) == branch
    assert other.get_nodes_for_session(session.id) == [test, branch, second]
    assert (count(driver, "Node"), count(driver, "MissingNode")) == (3, 1)
    with pytest.raises(LookupError):
        other.get_node_by_id(else_id)
    branch_end = ElseNode(id=else_id, session_id=session.id, companion_id=branch.id)
    db.write_node(branch_end)
    db.commit()
    assert (count(driver, "Node"), count(driver, "MissingNode")) == (4, 0)
    assert other.get_nodes_for_session(session.id) == [test, branch, second, branch_end]
    assert other.get_variables_for_session(session.id) == [(else_id, "late")]
    records, _, _ = driver.execute_query(
        "MATCH (:IfNode)-[:COMPANION]->(end:ElseNode {id: $id}) RETURN count(*) AS count", id=else_id
    )
    assert records[0]["count"] == 2


def test_writers_of_a_reference_and_of_its_end_meet(url: str, driver: neo4j.Driver) -> None:
    """Each reference to a node that another client writes at the same moment ends at the real node."""
    clients = [RelationalLineaDB(url) for _ in range(4)]
    session = write_session(clients[0])
    function = lookup(session)
    clients[0].write_node(function)
    clients[0].commit()
    targets = [literal(session) for _ in range(40)]
    barrier = threading.Barrier(len(clients))

    def work(number: int) -> None:
        client = clients[number]
        for start in range(0, len(targets), 4):
            barrier.wait()
            for target in targets[start : start + 4]:
                if number == 0:
                    client.write_node(target)
                else:
                    client.write_node(call(session, function.id, target.id))
            client.commit()

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(work, range(len(clients))))
    for client in clients:
        client.close()
    records, _, _ = driver.execute_query("MATCH (:CallNode)-[:POSITIONAL_ARG]->(:LiteralNode) RETURN count(*) AS c")
    assert records[0]["c"] == 3 * len(targets)
    assert count(driver, "MissingNode") == 0
    assert count(driver, "Node") == 1 + 4 * len(targets)


def test_a_read_in_between_changes_nothing(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    nodes = []
    for number in range(20):
        nodes.append(literal(session, number))
        db.write_node(nodes[-1])
        assert db.get_node_by_id(nodes[-1].id) == nodes[-1]
    assert other.get_nodes_for_session(session.id) == []
    db.commit()
    assert other.get_nodes_for_session(session.id) == nodes


def test_more_than_is_kept_in_memory_goes_to_the_open_transaction(
    url: str, monkeypatch: pytest.MonkeyPatch, other: RelationalLineaDB
) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_PENDING_LIMIT", "10")
    monkeypatch.setenv("LINEAGE_GRAPH_BATCH_SIZE", "3")
    db = RelationalLineaDB(url)
    session = write_session(db)
    nodes: list[LiteralNode] = [literal(session, number) for number in range(95)]
    for node in nodes:
        db.write_node(node)
    assert other.get_nodes_for_session(session.id) == []
    db.close()
    assert other.get_nodes_for_session(session.id) == nodes


def gone() -> None:
    """In place of a unit of work's `_open`: the server is away."""
    raise neo4j.exceptions.ServiceUnavailable("gone")


def end_transactions(driver: neo4j.Driver) -> None:
    """End every open transaction of other clients, as a server does that goes away."""
    with driver.session() as session:
        ids = session.run(
            "SHOW TRANSACTIONS YIELD transactionId, currentQuery "
            "WHERE NOT currentQuery STARTS WITH 'SHOW TRANSACTIONS' RETURN transactionId"
        ).value()
        for id_ in ids:
            session.run("TERMINATE TRANSACTION $id", id=id_).consume()


def test_a_lost_transaction_is_sent_again(
    db: RelationalLineaDB, other: RelationalLineaDB, driver: neo4j.Driver
) -> None:
    session = write_session(db)
    node, second = literal(session), literal(session)
    db.write_node(node)
    db.write_artifact(artifact(session, node.id, "model", 0))
    db.write_artifact(artifact(session, node.id, "model", 1))
    db.delete_artifact_by_name("model", 0)
    end_transactions(driver)
    db.write_node(second)
    assert db.get_nodes_for_session(session.id) == [node, second]
    end_transactions(driver)
    db.commit()
    assert other.get_nodes_for_session(session.id) == [node, second]
    assert [a.version for a in other.get_all_artifacts()] == [1]


def test_a_lost_transaction_that_is_too_large_to_repeat_says_so(
    url: str, monkeypatch: pytest.MonkeyPatch, driver: neo4j.Driver
) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_PENDING_LIMIT", "5")
    db = RelationalLineaDB(url)
    session = write_session(db)
    for number in range(5):
        db.write_node(literal(session, number))
    end_transactions(driver)
    with pytest.raises(ArtifactSaveException, match="too large to be kept"):
        db.commit()
    assert count(driver, "Node") == 0
    db.close()


def test_a_large_transaction_that_is_lost_while_the_server_is_away_is_not_taken_for_stored(
    url: str, monkeypatch: pytest.MonkeyPatch, driver: neo4j.Driver
) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_PENDING_LIMIT", "5")
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "0.2")
    db = RelationalLineaDB(url)
    session = write_session(db)
    for number in range(5):
        db.write_node(literal(session, number))
    unit = db.unit_of_work
    opened = unit._open
    end_transactions(driver)
    unit._open = gone  # type: ignore[method-assign, assignment]
    with pytest.raises(CommitUnsettled):
        db.commit()
    unit._open = opened  # type: ignore[method-assign]
    with pytest.raises(ArtifactSaveException, match="too large to be kept"):
        db.commit()
    assert count(driver, "Node") == 0
    db.close()


def test_an_interrupted_commit_keeps_what_was_written(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    unit = db.unit_of_work
    opened = unit._open

    def interrupted() -> None:
        raise KeyboardInterrupt

    unit._open = interrupted  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        db.commit()
    unit._open = opened  # type: ignore[method-assign]
    db.commit()
    assert other.get_nodes_for_session(session.id) == [node]


def test_a_commit_whose_answer_was_lost_happens_once(db: RelationalLineaDB, driver: neo4j.Driver) -> None:
    """The commit reached the server, its acknowledgement did not reach us: it must not be repeated."""
    unit = db.unit_of_work
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    finish = unit._finish
    answers = iter([False])

    def lose_the_first_answer(writer: GraphWriter) -> GraphWriter:
        finish(writer)
        if not next(answers, True):
            raise neo4j.exceptions.IncompleteCommit("the connection was lost")
        return writer

    unit._finish = lose_the_first_answer  # type: ignore[method-assign]
    unit.commit()
    assert db.get_nodes_for_session(session.id) == [node]
    later = literal(session)
    db.write_node(later)
    unit.commit()
    assert db.get_nodes_for_session(session.id) == [node, later]
    assert count(driver, "Execution") == 1
    unit.close()
    assert count(driver, "Writer") == 0


def test_each_thread_has_its_own_unit_of_work(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    db.commit()

    def work(number: int) -> LiteralNode:
        node = literal(session, number)
        db.write_node(node)
        db.commit()
        return node

    mine = literal(session, "mine")
    db.write_node(mine)
    with ThreadPoolExecutor(4) as pool:
        theirs = list(pool.map(work, range(40)))
    assert {node.id for node in other.get_nodes_for_session(session.id)} == {node.id for node in theirs}
    db.commit()
    assert len(other.get_nodes_for_session(session.id)) == 41


def _in_a_child(db: RelationalLineaDB, session_id: str, node: LiteralNode) -> None:
    assert db.get_nodes_for_session(session_id) == []
    db.write_node(node)
    db.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_connects_anew(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    db.commit()
    pending, theirs = literal(session, "parent"), literal(session, "child")
    db.write_node(pending)
    child = multiprocessing.get_context("fork").Process(target=_in_a_child, args=(db, session.id, theirs))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert other.get_nodes_for_session(session.id) == [theirs]
    db.commit()
    assert {node.id for node in other.get_nodes_for_session(session.id)} == {theirs.id, pending.id}


def test_close_commits_and_a_later_call_connects_again(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.close()
    db.close()
    assert other.get_nodes_for_session(session.id) == [node]
    assert db.get_nodes_for_session(session.id) == [node]


def test_close_releases_even_when_the_commit_fails(db: RelationalLineaDB) -> None:
    session = write_session(db)
    db.write_artifact(artifact(session, "nowhere"))
    with pytest.raises(ArtifactSaveException):
        db.close()
    assert repr(db) == "RelationalLineaDB(closed)"


BAD_NAMES = ["", "a\nb", "\x00", "\ud800", "x" * 10_000]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_names_are_refused_and_nothing_is_written(db: RelationalLineaDB, name: str) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    with pytest.raises(InvalidRecord, match="name"):
        db.write_artifact(artifact(session, node.id, name))
    with pytest.raises(InvalidRecord, match="name"):
        db.write_assigned_variable(node.id, name)
    db.commit()
    assert db.get_all_artifacts() == []
    assert db.get_variable_by_id(node.id) == []


def test_other_bad_input_is_refused_at_once(db: RelationalLineaDB) -> None:
    session = write_session(db)
    node = literal(session)
    for version in (-1, 2**63):
        with pytest.raises(InvalidRecord, match="version"):
            db.write_artifact(artifact(session, node.id, version=version))
    with pytest.raises(NotImplementedError, match="complex"):
        db.write_node(literal(session, 1j))
    with pytest.raises(InvalidRecord, match="surrogate"):
        db.write_node(literal(session, "\ud800"))
    with pytest.raises(InvalidRecord, match="surrogate"):
        db.write_node(ImportNode(id=new_id(), session_id=session.id, name="\udfff"))
    with pytest.raises(InvalidRecord, match="id is empty"):
        db.write_node(literal(session, id=""))
    with pytest.raises(InvalidRecord, match="is a LiteralNode, not Artifact"):
        db.write_artifact(node.model_copy(update={"name": "x", "version": 1}))  # type: ignore[arg-type]
    with pytest.raises(InvalidRecord, match="surrogate"):
        write_source(db, "x = '\udfff'")
    db.commit()
    assert db.get_nodes_for_session(session.id) == []


def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "1")
    with pytest.raises(DatabaseUnavailable, match="does not answer") as caught:
        RelationalLineaDB("bolt://ada:secret-word@127.0.0.1:1")
    assert "secret-word" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_wrong_password(url: str) -> None:
    with pytest.raises(AuthenticationFailed, match="NEO4J_PASSWORD") as caught:
        RelationalLineaDB(url.partition("@")[0][:-3] + "wrong-word@" + url.partition("@")[2])
    assert "wrong-word" not in str(caught.value)


def test_a_server_that_goes_away_leaves_the_work_pending(
    db: RelationalLineaDB, other: RelationalLineaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    unit = db.unit_of_work
    opened = unit._open
    monkeypatch.setattr(db.store.settings, "retry_timeout", 0.2)
    unit._open = gone  # type: ignore[method-assign, assignment]
    with pytest.raises(CommitUnsettled, match="commit again"):
        db.commit()
    unit._open = opened  # type: ignore[method-assign]
    later = literal(session)
    db.write_node(later)
    db.commit()
    assert other.get_nodes_for_session(session.id) == [node, later]


def test_nothing_shows_the_password(db: RelationalLineaDB, server: object) -> None:
    shown = f"{db!r} {db.store!r} {db.store.target!r} {db.unit_of_work!r}"
    assert server.password not in shown  # type: ignore[attr-defined]
