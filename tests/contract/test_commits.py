"""Who sees what when, and what a failure leaves."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from lineage_graph.errors import DuplicateRecord, InvalidRecord
from tests.contract.conftest import Backend
from tests.contract.records import Records, new_id


def everything(db: Any, session_id: str, node_id: str, execution_id: str) -> list[Any]:
    """What each reader says of a session that made one artifact."""
    return [
        len(db.get_nodes_for_session(session_id)),
        len(db.get_all_artifacts()),
        len(db.get_artifacts_for_session(session_id)),
        len(db.get_variables_for_session(session_id)),
        db.get_variable_by_id(node_id),
        len(db.get_libraries_for_session(session_id)),
        db.node_value_in_db(node_id, execution_id),
        db.get_latest_artifact_version("model"),
        db.number_of_artifacts_per_node(node_id, execution_id),
    ]


def write_everything(db: Any, make: Records) -> tuple[Any, Any]:
    session, source = make.session(db), make.script()
    db.write_source_code(source)
    node = make.literal(session, "x", source_location=make.location(source))
    db.write_node(node)
    db.write_node(make.node("ImportNode", session, name="pandas", package_name="pandas", version="2.3.3"))
    db.write_assigned_variable(node.id, "x")
    db.write_node_value(make.value(session, node.id))
    db.write_artifact(make.artifact(session, node.id))
    return session, node


THERE = [2, 1, 1, 1, ["x"], 1, True, 0, 1]
NOT_THERE: list[Any] = [0, 0, 0, 0, [], 0, False, -1, 0]


def test_a_writer_sees_what_it_wrote_at_once_and_others_after_the_commit(
    backend: Backend, db: Any, make: Records
) -> None:
    other = backend.open()
    session, node = write_everything(db, make)
    arguments = (session.id, node.id, session.execution_id)
    assert everything(db, *arguments) == THERE
    assert db.get_session_context(session.id) == session
    assert db.get_source_code_for_session(session.id) == node.source_location.source_code.code
    assert everything(other, *arguments) == (NOT_THERE if backend.chose("seen-after-commit") else THERE)
    db.commit()
    assert everything(other, *arguments) == THERE
    db.commit()
    assert everything(other, *arguments) == THERE


def test_closing_commits_and_a_later_call_opens_again(backend: Backend, db: Any, make: Records) -> None:
    session, node = write_everything(db, make)
    db.close()
    assert everything(backend.open(), session.id, node.id, session.execution_id) == THERE
    db.close()
    assert everything(db, session.id, node.id, session.execution_id) == THERE
    make.written(db, session)
    db.commit()
    assert len(backend.open().get_nodes_for_session(session.id)) == 3


def test_a_store_knows_its_url_and_is_made_from_a_configuration(backend: Backend, make: Records) -> None:
    asked = []

    def safe_get(name: str) -> str:
        asked.append(name)
        return backend.url

    made = [
        backend.database.from_config(SimpleNamespace(safe_get=safe_get)),
        backend.database.from_environment(backend.url),
    ]
    assert asked == ["database_url"]
    session = make.session(made[0])
    made[0].renew_session()
    made[0].commit()
    for db in made:
        assert db.url == backend.url
        assert db.get_session_context(session.id) == session
        db.close()


@pytest.mark.parametrize("kind", ["node", "execution", "context", "source", "value", "artifact"])
@pytest.mark.parametrize("when", ["same commit", "later commit"])
def test_the_same_key_twice_is_refused(backend: Backend, db: Any, make: Records, kind: str, when: str) -> None:
    session, node = write_everything(db, make)
    execution = make.execution()
    db.write_execution(execution)
    writes = {
        "node": lambda: db.write_node(make.literal(session, 2, id=node.id)),
        "execution": lambda: db.write_execution(execution),
        "context": lambda: db.write_context(session),
        "source": lambda: db.write_source_code(node.source_location.source_code),
        "value": lambda: db.write_node_value(make.value(session, node.id)),
        "artifact": lambda: db.write_artifact(make.artifact(session, node.id)),
    }
    if when == "later commit":
        db.commit()
    with pytest.raises(backend.save_error):
        writes[kind]()
        db.commit()
    db.commit()
    other = backend.open()
    if when == "later commit":
        assert everything(other, session.id, node.id, session.execution_id) == THERE
        assert other.get_node_by_id(node.id) == node
    again = make.session(db)
    db.commit()
    assert other.get_session_context(again.id) == again


def test_a_record_that_is_stored_already_is_refused_at_the_commit(backend: Backend, db: Any, make: Records) -> None:
    session, node = write_everything(db, make)
    db.commit()
    again = make.literal(session, 2, id=node.id)
    if backend.chose("duplicates-at-commit"):
        db.write_node(again)
        with pytest.raises(DuplicateRecord):
            db.commit()
    else:
        with pytest.raises(backend.save_error):
            db.write_node(again)
    assert backend.open().get_node_by_id(node.id) == node


def test_a_node_whose_source_code_is_missing(backend: Backend, db: Any, make: Records) -> None:
    session = make.session(db)
    db.commit()
    node = make.literal(session, source_location=make.location(make.script()))
    db.write_node(node)
    if backend.chose("node-of-no-source"):
        with pytest.raises(InvalidRecord, match="names the source code"):
            db.commit()
        assert backend.open().get_nodes_for_session(session.id) == []
    else:
        db.commit()
        (found,) = backend.open().get_nodes_for_session(session.id)
        assert (found.id, found.source_location) == (node.id, None)


def test_a_failed_commit_keeps_nothing(backend: Backend, db: Any, make: Records) -> None:
    session, node = write_everything(db, make)
    db.commit()
    lost = make.session(db)
    make.written(db, lost)
    with pytest.raises(backend.save_error):
        db.write_node(make.literal(session, id=node.id))
        db.commit()
    db.commit()
    assert len(backend.open().get_nodes_for_session(lost.id)) == (0 if backend.chose("nothing-of-a-failure") else 1)


@pytest.mark.parametrize("what", ["artifact", "value"])
@pytest.mark.parametrize("lacks", ["node", "execution"])
def test_an_artifact_or_value_of_nothing(backend: Backend, db: Any, make: Records, what: str, lacks: str) -> None:
    session = make.session(db)
    node = make.written(db, session)
    ends: dict[str, Any] = {"node_id": new_id()} if lacks == "node" else {"execution_id": new_id()}
    if what == "artifact":
        db.write_artifact(make.artifact(session, node.id, **ends))
    else:
        db.write_node_value(make.value(session, node.id, **ends))
    if backend.chose("artifact-of-nothing"):
        with pytest.raises(InvalidRecord, match=f"{lacks}_id"):
            db.commit()
        assert backend.open().get_nodes_for_session(session.id) == []
    else:
        db.commit()
        assert backend.open().get_nodes_for_session(session.id) == [node]
    assert db.get_all_artifacts() == []


def test_an_artifact_may_be_written_before_its_node(backend: Backend, db: Any, make: Records) -> None:
    session = make.session(db)
    node = make.literal(session)
    db.write_artifact(make.artifact(session, node.id))
    db.write_node_value(make.value(session, node.id))
    db.write_node(node)
    db.commit()
    assert backend.open().get_artifactorm_by_name("model").node.session_id == session.id


@pytest.mark.parametrize("field", ["code", "literal", "variable", "import"])
def test_a_lone_surrogate_is_refused(backend: Backend, db: Any, make: Records, field: str) -> None:
    session = make.session(db)
    node = make.written(db, session)
    bad = "a\udc80b"
    with pytest.raises(Exception, match="surrogate") if backend.is_ours else pytest.raises(backend.save_error):
        if field == "code":
            db.write_source_code(make.script(bad))
        elif field == "literal":
            db.write_node(make.literal(session, bad))
        elif field == "variable":
            db.write_assigned_variable(node.id, bad)
            # LineaPy notes a failure to write a variable, and goes on.
            if not backend.chose("variable-failures"):
                raise backend.save_error
        else:
            db.write_node(make.node("ImportNode", session, name=bad))
        db.commit()
    db.commit()
    assert backend.open().get_nodes_for_session(session.id) == [node]


def test_what_was_handed_out_stays_readable(backend: Backend, db: Any, make: Records) -> None:
    write_everything(db, make)
    db.commit()
    artifact = db.get_artifactorm_by_name("model")
    db.delete_artifact_by_name("model", "all")
    db.commit()
    db.close()
    if backend.chose("readable-for-ever"):
        assert (artifact.name, artifact.version, artifact.node.session_id is not None) == ("model", 0, True)
    else:
        with pytest.raises(Exception, match=r"not bound to a Session|has been deleted"):
            _ = (artifact.name, artifact.node.session_id)


def test_threads_write_at_once(backend: Backend, db: Any, make: Records) -> None:
    if not backend.chose("threads"):
        return
    sessions = [make.session(db) for _ in range(8)]
    db.commit()

    def write(session: Any) -> None:
        for value in range(20):
            make.written(db, session, value)
            if value % 5 == 4:
                db.commit()

    threads = [threading.Thread(target=write, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other = backend.open()
    assert [len(other.get_nodes_for_session(session.id)) for session in sessions] == [20] * 8


def test_an_execution_without_a_time(backend: Backend, db: Any, make: Records) -> None:
    execution = backend.types.Execution(id=new_id(), timestamp=None)
    context = make.context(execution.id)
    db.write_execution(execution)
    db.write_context(context)
    node = make.written(db, context)
    db.write_artifact(make.artifact(context, node.id))
    assert (db.get_artifactorm_by_name("model").execution.timestamp is None) is backend.chose("execution-time")
