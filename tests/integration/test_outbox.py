"""The outbox: commits kept on disk while the server is away, and sent later, each once."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import IncompleteCommit

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import (
    ArtifactSaveException,
    CommitUnsettled,
    ConfigurationError,
    DatabaseUnavailable,
    OutboxDamaged,
)
from lineage_graph.graph.pending import (
    ArtifactRead,
    AssignedVariable,
    Kind,
    NextArtifact,
    PendingRecord,
    PendingStatement,
    pending,
)
from lineage_graph.graph.statements import load
from lineage_graph.model.captions import Captions
from lineage_graph.relational import (
    ArtifactDependencyORM,
    ArtifactORM,
    InputParameterORM,
    MLflowArtifactMetadataORM,
    PipelineORM,
)
from lineage_graph.store import unit_of_work
from lineage_graph.store.outbox import Outbox, WaitingCommit
from lineage_graph.store.unit_of_work import replay
from lineage_graph.store.writer import GraphWriter
from lineage_graph.types import (
    CallNode,
    ElseNode,
    Execution,
    GlobalNode,
    IfNode,
    ImportNode,
    JupyterCell,
    KeywordArgument,
    LineaID,
    LiteralNode,
    MutateNode,
    SourceCode,
    ValueType,
)
from tests.conftest import REPOSITORY, TestServer
from tests.support.proxy import Proxy
from tests.support.records import NOW, artifact, call, literal, location, new_id, node_value, write_session

FROZEN = REPOSITORY / "tests" / "fixtures" / "outbox" / "00000000000000000001-format-2.commit"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINEAGE_GRAPH_OUTBOX", str(tmp_path / "outbox"))
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "0.2")
    return tmp_path / "outbox"


@pytest.fixture
def proxy(server: TestServer) -> Iterator[Proxy]:
    host, _, port = server.address.partition("://")[2].partition(":")
    with Proxy(host, int(port)) as proxy:
        yield proxy


@pytest.fixture
def away(url: str, server: TestServer, proxy: Proxy, folder: Path) -> Iterator[RelationalLineaDB]:
    """A client whose server goes away when the proxy does."""
    db = RelationalLineaDB(f"bolt://{server.username}:{server.password}@127.0.0.1:{proxy.port}")
    yield db
    proxy.come_back()
    db.close()


def waiting(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.commit"))


def test_every_kind_of_record_survives_the_disk(tmp_path: Path) -> None:
    source = SourceCode(id="s", code="é\n\U0001f600\0", location=Path("a/b.py"))
    cell = SourceCode(id="c", code="x", location=JupyterCell(execution_count=3, session_id="t"))
    base: dict[str, Any] = {"session_id": "t", "source_location": location(source), "control_dependency": "i"}
    model, table = (
        ArtifactORM(node_id=LineaID("n"), execution_id=LineaID("e"), name=name, version=1)
        for name in ("model", "table")
    )
    pipeline = PipelineORM(
        name="p",
        artifacts={model},
        input_parameters=[InputParameterORM(variable_name="rate")],
        precomputed_artifacts={table},
        dependencies=[ArtifactDependencyORM(post_artifact=model, pre_artifacts={table})],
    )
    for dependency in pipeline.dependencies:
        dependency.pipeline = pipeline
    session = write_session_records()
    records: list[Any] = [
        Execution(id="e", timestamp=NOW),
        session,
        source,
        *(
            LiteralNode(id=new_id(), value=value, **base)
            for value in ("x", "\0", 1, 2**70, 0.5, math.inf, True, None, ..., b"\xff")
        ),
        CallNode(
            id="n",
            function_id="f",
            positional_args=[{"id": "a", "starred": True}],
            keyword_args=[KeywordArgument(key="k", value="a")],
            global_reads={"g": "a", "$": "b"},
            implicit_dependencies=["a", "a"],
            **base | {"source_location": location(cell)},
        ),
        ImportNode(id="m", name="pandas", package_name="pandas", version="1", path=None, **base),
        MutateNode(id="u", source_id="n", call_id="n", **base),
        GlobalNode(id="g", name="x", call_id="n", **base),
        IfNode(id="i", test_id="n", companion_id="l", unexec_id=None, **base),
        ElseNode(id="l", companion_id="i", unexec_id="n", **base),
        AssignedVariable("n", "x"),
        ArtifactRead("n", 7),
        node_value(session, "n").model_copy(update={"value_type": ValueType.chart}),
        artifact(session, "n"),
        NextArtifact("n", "e", NOW, "model"),
        pipeline,
        MLflowArtifactMetadataORM(
            artifact_id=1, backend="mlflow", tracking_uri="t", model_uri="u", model_flavor="f", delete_time=NOW
        ),
    ]
    captions = Captions()
    log: list[PendingRecord | PendingStatement] = [
        pending(record, position, captions) for position, record in enumerate(records)
    ]
    assert {entry.kind for entry in log if isinstance(entry, PendingRecord)} == set(Kind)
    log.append(PendingStatement(load("mlflow/delete_metadata"), {"artifact_id": 1, "delete_time": NOW}))
    outbox = Outbox(tmp_path)
    loaded = outbox.load(outbox.keep(WaitingCommit("writer", "commit", log)))
    assert (loaded.writer_id, loaded.commit_id, loaded.may_be_stored) == ("writer", "commit", False)
    assert json.dumps([repr(entry) for entry in loaded.log]).replace("[", "(").replace("]", ")") == json.dumps(
        [repr(entry) for entry in log]
    ).replace("[", "(").replace("]", ")")


def write_session_records() -> Any:
    """A session's context that belongs to no database."""

    class Nowhere:
        def write_execution(self, _: object) -> None: ...

        def write_context(self, _: object) -> None: ...

    return write_session(Nowhere())  # type: ignore[arg-type]


def test_a_commit_while_the_server_is_away_waits_on_disk(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB
) -> None:
    session = write_session(away)
    away.commit()
    proxy.go_away()
    nodes = [literal(session, number) for number in range(3)]
    for node in nodes:
        away.write_node(node)
        away.commit()
    assert len(waiting(folder)) == 3
    assert other.get_nodes_for_session(session.id) == []
    with pytest.raises(DatabaseUnavailable):
        away.get_nodes_for_session(session.id)
    proxy.come_back()
    last = literal(session, "last")
    away.write_node(last)
    away.commit()
    assert waiting(folder) == []
    assert other.get_nodes_for_session(session.id) == [*nodes, last]


def test_a_commit_with_nothing_new_sends_what_waits(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB
) -> None:
    proxy.go_away()
    session = write_session(away)
    away.commit()
    away.commit()
    proxy.come_back()
    away.commit()
    assert other.get_session_context(session.id) == session
    assert waiting(folder) == []


def test_a_later_commit_may_build_on_one_that_waits(
    away: RelationalLineaDB, proxy: Proxy, other: RelationalLineaDB
) -> None:
    proxy.go_away()
    session = write_session(away)
    away.commit()
    argument = literal(session)
    away.write_node(argument)
    away.commit()
    node = call(session, argument.id)
    away.write_node(node)
    away.write_artifact(artifact(session, node.id))
    away.commit()
    proxy.come_back()
    away.commit()
    assert other.get_nodes_for_session(session.id) == [argument, node]
    assert other.get_artifactorm_by_name("model").node_id == node.id


def test_more_than_is_kept_in_memory_waits_too(
    monkeypatch: pytest.MonkeyPatch, away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB
) -> None:
    away.store.settings.pending_limit = 50
    proxy.go_away()
    session = write_session(away)
    for number in range(300):
        away.write_node(literal(session, number))
    away.commit()
    assert len(waiting(folder)) == 1
    proxy.come_back()
    away.commit()
    assert len(other.get_nodes_for_session(session.id)) == 300


def test_the_next_version_is_given_when_it_is_sent(
    away: RelationalLineaDB, proxy: Proxy, other: RelationalLineaDB
) -> None:
    session = write_session(away)
    node = literal(session)
    away.write_node(node)
    assert away.save_as_next_version(node.id, session.execution_id, "model") == 0
    proxy.go_away()
    with pytest.raises(CommitUnsettled, match="waits on disk"):
        away.save_as_next_version(node.id, session.execution_id, "model")
    other.save_as_next_version(node.id, session.execution_id, "model")
    proxy.come_back()
    away.commit()
    assert [a.version for a in other.get_all_artifacts()] == [0, 1, 2]


def test_a_commit_that_happened_before_it_was_kept_is_not_repeated(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The acknowledgement was lost and the server stayed away, so the commit waits although it is there."""
    session = write_session(away)
    node = literal(session)
    away.write_node(node)
    unit = away.unit_of_work
    commit = unit_of_work._Attempt.commit

    def lose_the_answer(attempt: unit_of_work._Attempt) -> None:
        commit(attempt)
        proxy.go_away()
        raise IncompleteCommit("the connection was lost")

    monkeypatch.setattr(unit_of_work._Attempt, "commit", lose_the_answer)
    unit.add(NextArtifact(node.id, session.execution_id, NOW, "model"))
    away.commit()
    monkeypatch.undo()
    assert len(waiting(folder)) == 1
    assert [a.version for a in other.get_all_artifacts()] == [0]
    proxy.come_back()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    # Killed after it was sent and before the file was deleted: it is recognised again.
    monkeypatch.setattr(Outbox, "drop", killed)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            replay(away.store)
    monkeypatch.undo()
    away.commit()
    assert waiting(folder) == []
    assert [a.version for a in other.get_all_artifacts()] == [0]
    assert other.get_nodes_for_session(session.id) == [node]


def test_a_damaged_commit_is_put_aside_and_the_others_go_on(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB
) -> None:
    proxy.go_away()
    sessions = []
    for _ in range(3):
        sessions.append(write_session(away))
        away.commit()
    damaged = waiting(folder)[1]
    damaged.write_bytes(damaged.read_bytes().replace(b"SCRIPT", b"SKRIPT"))
    with pytest.raises(OutboxDamaged, match="not as it was written"):
        Outbox(damaged.parent).load(damaged)
    proxy.come_back()
    away.commit()
    assert waiting(folder) == []
    assert other.get_session_context(sessions[0].id) == sessions[0]
    assert other.get_session_context(sessions[2].id) == sessions[2]
    (reason,) = folder.glob("*/dead-letters/*.txt")
    assert "not as it was written" in reason.read_text()


def test_a_commit_that_can_never_be_stored_is_put_aside(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB, url: str
) -> None:
    session = write_session(away)
    node = literal(session)
    away.write_node(node)
    away.commit()
    proxy.go_away()
    away.write_node(node)
    away.commit()
    late = literal(session, "late")
    away.write_node(late)
    away.commit()
    environment = os.environ | {"LINEAGE_GRAPH_OUTBOX": str(folder), "COLUMNS": "300"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lineage_graph", "outbox", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert "2 wait, 0 dead letters" in run("list").stdout
    replayed = run("replay", "--url", url)
    assert (replayed.returncode, replayed.stdout) == (1, "1 stored, 1 dead letters\n")
    assert other.get_nodes_for_session(session.id) == [node, late]
    listed = json.loads(run("list", "--json").stdout)
    assert listed["waiting"] == []
    assert node.id in next(iter(listed["dead_letters"].values()))
    assert run("replay", "--url", url).stdout == "0 stored, 0 dead letters\n"
    environment.pop("LINEAGE_GRAPH_OUTBOX")
    assert "LINEAGE_GRAPH_OUTBOX" in run("replay", "--url", url).stderr


def test_two_who_send_what_waits_send_it_once(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB, url: str
) -> None:
    proxy.go_away()
    session = write_session(away)
    node = literal(session)
    away.write_node(node)
    for _ in range(10):
        away.unit_of_work.add(NextArtifact(node.id, session.execution_id, NOW, "model"))
        away.commit()
    environment = os.environ | {"LINEAGE_GRAPH_OUTBOX": str(folder)}
    command = [sys.executable, "-m", "lineage_graph", "outbox", "replay", "--url", url]
    senders = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [sender.communicate()[0] for sender in senders]
    assert sum(int(line.partition(" ")[0]) for line in said) == 10
    assert [a.version for a in other.get_all_artifacts()] == list(range(10))


def test_a_server_that_refuses_for_another_reason_leaves_it_waiting(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.go_away()
    write_session(away)
    away.commit()
    proxy.come_back()

    def refuse(_: GraphWriter, *__: object, **___: object) -> None:
        raise neo4j.exceptions.Neo4jError._hydrate_neo4j(code="Neo.ClientError.Security.Forbidden", message="no")

    monkeypatch.setattr(GraphWriter, "write", refuse)
    with pytest.raises(ArtifactSaveException, match="waits there too"):
        away.commit()
    assert len(waiting(folder)) == 1
    monkeypatch.undo()
    away.commit()
    assert waiting(folder) == []


def test_a_folder_that_cannot_be_written(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LINEAGE_GRAPH_OUTBOX", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match="LINEAGE_GRAPH_OUTBOX"):
        RelationalLineaDB(url)


def test_the_outbox_of_a_script_that_changes_its_folder_stays_where_it_was(
    url: str, server: TestServer, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINEAGE_GRAPH_OUTBOX", "waiting")
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "0.2")
    db = RelationalLineaDB(f"bolt://{server.username}:{server.password}@127.0.0.1:{proxy.port}")
    monkeypatch.chdir(tmp_path / "elsewhere")
    session = write_session(db)
    db.commit()
    proxy.go_away()
    db.write_node(literal(session))
    db.commit()
    assert len(waiting(tmp_path / "waiting")) == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []
    proxy.come_back()
    db.close()
    # Opened again from the other folder, it is the same outbox.
    outbox = db.store.outbox
    assert outbox is not None
    assert outbox.folder.is_relative_to(tmp_path / "waiting")
    db.close()
    assert waiting(tmp_path / "waiting") == []


def test_an_outbox_that_was_deleted_stops_no_commit_and_is_made_again(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB
) -> None:
    session = write_session(away)
    away.commit()
    shutil.rmtree(folder)
    first = literal(session, "while the server is there")
    away.write_node(first)
    away.commit()
    shutil.rmtree(folder, ignore_errors=True)
    proxy.go_away()
    second = literal(session, "while it is away")
    away.write_node(second)
    away.commit()
    assert len(waiting(folder)) == 1
    proxy.come_back()
    away.commit()
    assert other.get_nodes_for_session(session.id) == [first, second]


def test_an_outbox_that_cannot_be_read_or_locked_stops_no_commit(
    away: RelationalLineaDB, folder: Path, other: RelationalLineaDB, caplog: pytest.LogCaptureFixture
) -> None:
    session = write_session(away)
    shutil.rmtree(folder)
    folder.write_text("a file where the folder was")
    node = literal(session)
    away.write_node(node)
    away.commit()
    assert other.get_nodes_for_session(session.id) == [node]
    folder.unlink()
    (path,) = _kept(away, [literal(session, "waits")])
    (path.parent / "lock").mkdir()
    later = literal(session, "later")
    away.write_node(later)
    away.commit()
    assert other.get_nodes_for_session(session.id) == [node, later]
    assert "cannot be locked" in caplog.text


def test_an_outbox_that_cannot_be_written_keeps_what_was_written_in_memory(
    away: RelationalLineaDB, proxy: Proxy, folder: Path, other: RelationalLineaDB
) -> None:
    session = write_session(away)
    away.commit()
    shutil.rmtree(folder)
    folder.write_text("a file where the folder was")
    proxy.go_away()
    node = literal(session)
    away.write_node(node)
    with pytest.raises(CommitUnsettled, match="cannot be written"):
        away.commit()
    folder.unlink()
    away.commit()
    assert len(waiting(folder)) == 1
    proxy.come_back()
    away.commit()
    assert other.get_nodes_for_session(session.id) == [node]


def _kept(db: RelationalLineaDB, nodes: list[LiteralNode]) -> list[Path]:
    """Files of the outbox that hold a commit for each of these nodes."""
    outbox = db.store.outbox
    assert outbox is not None
    captions = Captions()
    return [
        outbox.keep(WaitingCommit(new_id(), new_id(), [pending(node, number, captions)]))
        for number, node in enumerate(nodes, 1)
    ]


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body.replace(b'"kind":"node"', b'"kind":"hologram"'),
        lambda body: b'{"statement":"artifacts/no_such_statement","parameters":{}}\n',
        lambda body: b'{"statement":"artifacts/delete_artifact","parameters":{"name":"x"}}\n',
        lambda body: body.replace(b'"references":[', b'"references":[[1],'),
        lambda body: body.replace(b'"written_at":', b'"written_on":'),
        lambda body: b"[]\n",
    ],
    ids=["unknown kind", "unknown statement", "unknown parameters", "bad reference", "no time", "no entry"],
)
def test_what_a_later_version_may_have_written_becomes_a_dead_letter_and_the_others_go_on(
    away: RelationalLineaDB, folder: Path, other: RelationalLineaDB, damage: Callable[[bytes], bytes]
) -> None:
    session = write_session(away)
    away.commit()
    nodes = [literal(session, number) for number in range(3)]
    paths = _kept(away, nodes)
    header, _, body = paths[1].read_bytes().partition(b"\n")
    body = damage(body)
    changed = json.loads(header) | {"sha256": hashlib.sha256(body).hexdigest()}
    paths[1].write_bytes(json.dumps(changed).encode() + b"\n" + body)
    last = literal(session, "last")
    away.write_node(last)
    away.commit()
    assert waiting(folder) == []
    assert other.get_nodes_for_session(session.id) == [nodes[0], nodes[2], last]
    (reason,) = folder.glob("*/dead-letters/*.txt")
    assert "does not know" in reason.read_text()


def test_a_file_of_another_format_becomes_a_dead_letter_and_can_be_tried_again(
    away: RelationalLineaDB, folder: Path, other: RelationalLineaDB
) -> None:
    session = write_session(away)
    away.commit()
    node = literal(session)
    (path,) = _kept(away, [node])
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"format":2', b'"format":3', 1))
    assert replay(away.store) == 0
    outbox = away.store.outbox
    assert outbox is not None
    (dead,) = outbox.dead()
    assert "format 3" in dead.with_suffix(".txt").read_text()
    dead.write_bytes(whole)
    assert outbox.revive() == 1
    assert replay(away.store) == 1
    assert outbox.dead() == []
    assert other.get_nodes_for_session(session.id) == [node]


def test_files_that_were_written_before_are_still_read(tmp_path: Path) -> None:
    """What stands in files of the outbox never changes its meaning: this one was written when format 2 was made."""
    path = tmp_path / FROZEN.name
    shutil.copy(FROZEN, path)
    commit = Outbox(tmp_path).load(path)
    kinds = [entry.kind if isinstance(entry, PendingRecord) else entry.query.name for entry in commit.log]
    later = {Kind.ARTIFACT_READ}
    assert set(kinds) == ({*Kind} - later) | {"artifacts/delete_artifact", "artifacts/delete_all_versions"} | {
        "values/delete_node_value",
        "mlflow/delete_metadata",
        "artifacts/lock_artifact_names",
    }


def test_a_commit_too_large_for_the_server_becomes_a_dead_letter(
    away: RelationalLineaDB, folder: Path, other: RelationalLineaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = write_session(away)
    away.commit()
    nodes = [literal(session, number) for number in range(2)]
    _kept(away, nodes)
    write = GraphWriter.write

    def refuse(writer: GraphWriter, records: Any) -> Any:
        if records[0].row["id"] == nodes[0].id:
            raise neo4j.exceptions.Neo4jError._hydrate_neo4j(
                code="Neo.TransientError.General.MemoryPoolOutOfMemoryError", message="no"
            )
        return write(writer, records)

    monkeypatch.setattr(GraphWriter, "write", refuse)
    away.commit()
    assert waiting(folder) == []
    assert other.get_nodes_for_session(session.id) == [nodes[1]]
    (reason,) = folder.glob("*/dead-letters/*.txt")
    assert "too little memory" in reason.read_text()


def test_a_commit_that_may_be_stored_and_is_too_old_to_tell_becomes_a_dead_letter(
    away: RelationalLineaDB, folder: Path, other: RelationalLineaDB
) -> None:
    session = write_session(away)
    away.commit()
    outbox = away.store.outbox
    assert outbox is not None
    old = literal(session, "old")
    entry = pending(old, 1, Captions())
    for may_be_stored in (True, False):
        path = outbox.keep(WaitingCommit(new_id(), new_id(), [entry], may_be_stored=may_be_stored))
        long_ago = time.time_ns() - 31 * 24 * 3600 * 10**9 - (10**9 if may_be_stored else 0)
        path.rename(path.with_name(f"{long_ago:020d}-{path.name.partition('-')[2]}"))
    assert replay(away.store) == 1
    assert len(outbox.dead()) == 1
    assert other.get_nodes_for_session(session.id) == [old]


def test_the_tokens_of_what_was_delivered_are_forgotten(
    away: RelationalLineaDB, proxy: Proxy, driver: neo4j.Driver
) -> None:
    session = write_session(away)
    away.commit()
    proxy.go_away()
    for number in range(3):
        away.write_node(literal(session, number))
        away.commit()
    proxy.come_back()
    away.close()
    records, _, _ = driver.execute_query("MATCH (writer:Writer) RETURN count(writer) AS count")
    assert records[0]["count"] == 0
