"""Commits: all or nothing, seen by their writer at once and by others afterwards, once."""

from __future__ import annotations

import inspect
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import (
    ArtifactSaveException,
    AuthenticationFailed,
    CommitUnsettled,
    DatabaseError,
    DatabaseUnavailable,
    DuplicateRecord,
    InvalidRecord,
    LineageGraphError,
    RecordNotFound,
)
from lineage_graph.graph import statements
from lineage_graph.relational import ArtifactORM, InputParameterORM, MLflowArtifactMetadataORM, PipelineORM
from lineage_graph.store import unit_of_work
from lineage_graph.types import ElseNode, Execution, IfNode, ImportNode, LineaID, LiteralNode
from lineage_graph.values import ValueStore
from tests.support.records import (
    NOW,
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

pytestmark = pytest.mark.every_version


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


def test_a_commit_whose_answer_was_lost_happens_once(
    db: RelationalLineaDB, driver: neo4j.Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit reached the server, its acknowledgement did not reach us: it must not be repeated."""
    unit = db.unit_of_work
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    commit = unit_of_work._Attempt.commit
    answers = iter([False])

    def lose_the_first_answer(attempt: unit_of_work._Attempt) -> None:
        commit(attempt)
        if not next(answers, True):
            raise neo4j.exceptions.IncompleteCommit("the connection was lost")

    monkeypatch.setattr(unit_of_work._Attempt, "commit", lose_the_first_answer)
    unit.commit()
    assert db.get_nodes_for_session(session.id) == [node]
    later = literal(session)
    db.write_node(later)
    unit.commit()
    assert db.get_nodes_for_session(session.id) == [node, later]
    assert count(driver, "Execution") == 1
    unit.close()
    assert count(driver, "Writer") == 0


REFUSALS = {
    "the server failed after it had written its log": neo4j.exceptions.Neo4jError._hydrate_neo4j(
        code="Neo.DatabaseError.Transaction.TransactionCommitFailed", message="could not apply the transaction"
    ),
    "the connection was lost": neo4j.exceptions.IncompleteCommit("the connection was lost"),
}


@pytest.mark.parametrize("what", REFUSALS)
@pytest.mark.parametrize("then", ["again", "refused"])
def test_a_commit_that_may_be_stored_is_never_said_to_be_refused(
    what: str, then: str, db: RelationalLineaDB, driver: neo4j.Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it dropped by what the server refuses later."""
    monkeypatch.setattr(db.store.settings, "retry_timeout", 0.0)
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    commit = unit_of_work._Attempt.commit

    def fail(attempt: unit_of_work._Attempt) -> None:
        commit(attempt)
        raise REFUSALS[what]

    with monkeypatch.context() as patch:
        patch.setattr(unit_of_work._Attempt, "commit", fail)
        with pytest.raises(CommitUnsettled, match="commit again"):
            db.commit()
    if then == "refused":
        for refusal in (neo4j.exceptions.Forbidden("read only"), AuthenticationFailed("no")):
            with monkeypatch.context() as patch:
                patch.setattr(db.store, "session", Mock(side_effect=refusal))
                with pytest.raises(CommitUnsettled, match="commit again"):
                    db.commit()
    db.commit()
    assert db.get_nodes_for_session(session.id) == [node]
    assert count(driver, "Execution") == 1


def test_a_commit_that_was_rolled_back_is_said_to_be(db: RelationalLineaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    session = write_session(db)
    refusal = neo4j.exceptions.Neo4jError._hydrate_neo4j(
        code="Neo.ClientError.Schema.ConstraintValidationFailed", message="there is one already"
    )
    with monkeypatch.context() as patch:
        patch.setattr(unit_of_work._Attempt, "commit", Mock(side_effect=refusal))
        with pytest.raises(ArtifactSaveException) as caught:
            db.commit()
    assert not isinstance(caught.value, CommitUnsettled)
    db.commit()
    with pytest.raises(RecordNotFound):
        db.get_session_context(session.id)


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


BAD_ARGUMENTS = [5, None, 1.5, b"x", "\ud800", object(), ["x"], 2**70]


@pytest.mark.parametrize(
    "read",
    [
        "artifact_in_db",
        "delete_artifact_by_name",
        "delete_mlflow_metadata_by_artifact_id",
        "delete_node_value_from_db",
        "get_artifactorm_by_name",
        "get_artifacts_for_session",
        "get_implicit_dependencies",
        "get_latest_artifact_version",
        "get_libraries_for_session",
        "get_mlflowartifactmetadataorm_by_artifact_id",
        "get_node_by_id",
        "get_node_value_from_db",
        "get_node_value_path",
        "get_nodes_for_session",
        "get_pipeline_by_name",
        "get_session_context",
        "get_source_code_for_session",
        "get_variable_by_id",
        "get_variables_for_session",
        "node_value_in_db",
        "number_of_artifacts_per_node",
    ],
)
def test_what_is_pending_outlives_every_refused_argument(
    db: RelationalLineaDB, other: RelationalLineaDB, read: str
) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    method = getattr(db, read)
    required = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
    for bad in BAD_ARGUMENTS:
        with suppress(LineageGraphError, ValueError, LookupError):
            method(*[bad for _ in required])
    db.commit()
    assert other.get_nodes_for_session(session.id) == [node]


def test_what_is_pending_outlives_a_statement_that_fails_on_the_server(
    db: RelationalLineaDB, other: RelationalLineaDB
) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    failing = statements.parse(
        "x/y", "// Fails.\n//\n// Parameters: none\n// Returns:\n//   x: INTEGER    x\nRETURN 1 / 0 AS x"
    )
    for run in (db.unit_of_work.read, db.unit_of_work.write):
        with pytest.raises(DatabaseError, match="refused the request"):
            run(failing)
    db.commit()
    assert other.get_nodes_for_session(session.id) == [node]


def test_what_is_changed_after_it_was_written_is_stored_as_it_was(
    db: RelationalLineaDB, other: RelationalLineaDB
) -> None:
    session = write_session(db)
    argument, function = literal(session), lookup(session)
    node = call(session, function.id, argument.id, global_reads={"x": argument.id})
    expected = node.model_copy(deep=True)
    table = ArtifactORM(node_id=argument.id, execution_id=session.execution_id, name="table", version=0)
    pipeline = PipelineORM(name="pipeline", artifacts={table}, input_parameters=[InputParameterORM(variable_name="x")])
    for record in (argument, function, node):
        db.write_node(record)
    db.write_artifact(artifact(session, argument.id, "table"))
    db.write_pipeline([], pipeline)
    node.positional_args.append(node.positional_args[0])
    node.global_reads["\ud800"] = LineaID("\ud800")
    node.implicit_dependencies.append(LineaID(""))
    pipeline.artifacts.clear()
    pipeline.input_parameters[0].variable_name = "\ud800"
    table.version = 7
    db.commit()
    assert other.get_node_by_id(node.id) == expected
    read = other.get_pipeline_by_name("pipeline")
    assert [(a.name, a.version) for a in read.artifacts] == [("table", 0)]
    assert [parameter.variable_name for parameter in read.input_parameters] == ["x"]


@pytest.mark.parametrize(
    ("field", "write"),
    [
        ("node_id and variable_name", lambda db, s, long: db.write_assigned_variable(long, long)),
        (
            "node_id and execution_id",
            lambda db, s, long: db.write_node_value(node_value(s, long).model_copy(update={"execution_id": long})),
        ),
        (
            "package_name and version",
            lambda db, s, long: db.write_node(
                ImportNode(id=new_id(), session_id=s.id, name="x", package_name=long, version=long)
            ),
        ),
    ],
)
def test_a_key_in_two_parts_that_no_index_holds_is_refused_at_once(
    db: RelationalLineaDB, other: RelationalLineaDB, field: str, write: Callable[..., None]
) -> None:
    """Together they are more than an index holds, though each of them is not; what just fits is stored."""
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    with pytest.raises(InvalidRecord, match=f"{field} have 8008 bytes together"):
        write(db, session, "\U0001f600" * 1001)
    longest = "\U0001f600" * 1000
    db.write_node(literal(session, id=longest))
    db.write_execution(Execution(id=longest))
    write(db, session, longest)
    db.commit()
    assert len(other.get_nodes_for_session(session.id)) >= 2


@pytest.mark.parametrize("field", ["package_name", "version"])
def test_a_library_too_long_for_an_index_is_refused_at_once(db: RelationalLineaDB, field: str) -> None:
    session = write_session(db)
    names = {"package_name": "x", "version": "1"} | {field: "y" * 10_000}
    with pytest.raises(InvalidRecord, match=f"{field} has 10000 characters"):
        db.write_node(ImportNode(id=new_id(), session_id=session.id, name="x", **names))
    db.commit()


ZONES = [timezone.utc, timezone(timedelta(hours=5, minutes=30)), ZoneInfo("America/New_York"), ZoneInfo("UTC")]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_times_with_a_zone_are_stored_in_utc(
    db: RelationalLineaDB, other: RelationalLineaDB, zone: tzinfo, tmp_path: Path
) -> None:
    aware = NOW.replace(tzinfo=timezone.utc).astimezone(zone)
    session = write_session(db, creation_time=aware)
    execution = Execution(id=new_id(), timestamp=aware)
    db.write_execution(execution)
    node = literal(session)
    db.write_node(node)
    db.write_node_value(node_value(session, node.id).model_copy(update={"start_time": aware, "end_time": aware}))
    db.write_artifact(artifact(session, node.id).model_copy(update={"date_created": aware}))
    db.save_as_next_version(node.id, session.execution_id, "next", aware)
    db.values = ValueStore(str(tmp_path))
    second = literal(session)
    db.write_node(second)
    db.write_value(second.id, session.execution_id, "x", None, aware, aware)
    db.unit_of_work.add(
        MLflowArtifactMetadataORM(
            artifact_id=1, backend="mlflow", tracking_uri="t", model_uri="u", model_flavor="f", delete_time=aware
        )
    )
    db.commit()
    assert other.get_session_context(session.id).creation_time == NOW
    times = [a.date_created for a in other.get_all_artifacts()]
    for each in (node, second):
        value = other.get_node_value_from_db(each.id, session.execution_id)
        assert value is not None
        times += [value.start_time, value.end_time]
    assert times == [NOW] * 6


def test_a_time_that_is_none_in_utc_is_refused(db: RelationalLineaDB) -> None:
    early = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(InvalidRecord, match="timestamp cannot be stored"):
        db.write_execution(Execution(id=new_id(), timestamp=early))
    db.commit()


def test_writers_of_clients_that_died_are_forgotten(db: RelationalLineaDB, driver: neo4j.Driver) -> None:
    driver.execute_query(
        "UNWIND range(1, 3) AS number CREATE (:Writer {id: toString(number), commit_id: 'x', committed_at: "
        "localdatetime() - duration({days: 20 * number})})"
    )
    write_session(db)
    db.close()
    records, _, _ = driver.execute_query("MATCH (writer:Writer) RETURN collect(writer.id) AS ids")
    assert records[0]["ids"] == ["1"]
