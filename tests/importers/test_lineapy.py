"""The import of LineaPy databases: complete, repeatable, resumable, in bounded memory."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import ConfigurationError, DuplicateRecord, ImportSourceError
from lineage_graph.importers.lineapy import ImportReport, import_lineapy
from lineage_graph.importers.lineapy.source import LineaPySource
from tests.conftest import EXAMPLE_DATABASE, REPOSITORY
from tests.support.lineapy_sources import (
    changed_copy,
    copy_to_postgres,
    generated,
    postgres,
    postgres_folder,
    session_copy,
)
from tests.support.records import artifact, literal, write_session

TABLE_OF = {
    "Execution": "execution",
    "Session": "session_context",
    "SourceCode": "source_code",
    "Variable": "assigned_variable_node",
    "NodeValue": "node_value",
    "Artifact": "artifact",
    "Pipeline": "pipeline",
    "MLflowMetadata": "mlflow_artifact_storage",
    "LookupNode": "lookup",
    "ImportNode": "import_node",
    "CallNode": "call_node",
    "LiteralNode": "literal_assign_node",
    "MutateNode": "mutate_node",
    "GlobalNode": "global_node",
    "IfNode": "if_node",
    "ElseNode": "else_node",
}
REFERENCES_OF = {
    "CALLS": "SELECT count(function_id) FROM call_node",
    "POSITIONAL_ARG": "SELECT count(*) FROM positional_arg",
    "KEYWORD_ARG": "SELECT count(*) FROM keyword_arg",
    "READS_GLOBAL": "SELECT count(*) FROM global_reference",
    "IMPLICIT_DEPENDENCY": "SELECT count(*) FROM implicit_dependency",
    "MUTATES": "SELECT count(source_id) FROM mutate_node",
    "MUTATED_BY": "SELECT count(call_id) FROM mutate_node",
    "SET_BY": "SELECT count(call_id) FROM global_node",
    "CONTROLLED_BY": "SELECT count(control_dependency) FROM node",
    "TESTS": "SELECT count(test_id) FROM if_node",
    "COMPANION": "SELECT (SELECT count(companion_id) FROM if_node) + (SELECT count(companion_id) FROM else_node)",
    "NOT_EXECUTED": "SELECT (SELECT count(unexec_id) FROM if_node) + (SELECT count(unexec_id) FROM else_node)",
    "FROM_SOURCE": "SELECT count(source_code_id) FROM node",
    "IN_SESSION": "SELECT count(*) FROM node JOIN session_context ON session_context.id = node.session_id",
    "OF_LIBRARY": "SELECT count(*) FROM import_node WHERE package_name IS NOT NULL AND version IS NOT NULL",
    "RAN_AS": "SELECT count(execution_id) FROM session_context",
    "ASSIGNED_AT": "SELECT count(*) FROM assigned_variable_node",
    "OF_NODE": "SELECT count(*) FROM artifact",
    "VALUE_OF": "SELECT count(*) FROM node_value",
    "IN_EXECUTION": "SELECT (SELECT count(*) FROM artifact) + (SELECT count(*) FROM node_value)",
    "CONTAINS": "SELECT count(*) FROM artifact_to_pipeline",
    "ORDERS": "SELECT count(*) FROM dependency",
    "DEPENDS_ON": "SELECT count(*) FROM dependency_to_artifact_table",
}
MLFLOW = (
    "INSERT INTO mlflow_artifact_storage VALUES (1, 3, 'mlflow', 'sqlite:///a', NULL, 'models:/a/1', 'sklearn', NULL)",
    "INSERT INTO mlflow_artifact_storage VALUES (2, 3, 'mlflow', 'sqlite:///a', NULL, 'models:/a/1', 'sklearn', "
    "'2026-01-01 00:00:00.000000')",
)


def sql_counts(path: Path) -> Counter[str]:
    connection = sqlite3.connect(path)
    statements = {kind: f'SELECT count(*) FROM "{table}"' for kind, table in TABLE_OF.items()} | REFERENCES_OF
    counts = Counter({kind: connection.execute(sql).fetchone()[0] for kind, sql in statements.items()})
    connection.close()
    return counts


def graph_counts(driver: neo4j.Driver) -> Counter[str]:
    """Everything in the graph, by label and by relationship type."""
    counts: Counter[str] = Counter()
    for label in TABLE_OF:
        counts[label] = driver.execute_query(f"MATCH (n:{label}) RETURN count(n) AS count").records[0]["count"]
    for type_ in REFERENCES_OF:
        # A library is known to import nodes; that a call is of one follows from it.
        start = "(:ImportNode)" if type_ == "OF_LIBRARY" else "()"
        rows = driver.execute_query(f"MATCH {start}-[r:{type_}]->() RETURN count(r) AS count").records
        counts[type_] = rows[0]["count"]
    return counts


def snapshot(driver: neo4j.Driver) -> tuple[object, ...]:
    """All properties of all nodes, and all relationships: what must not change."""
    nodes = driver.execute_query("MATCH (n) WHERE NOT n:Writer RETURN elementId(n) AS id, properties(n) AS p")
    ends = driver.execute_query("MATCH (a)-[r]->(b) RETURN elementId(r) AS id, type(r) AS t, properties(r) AS p")
    return (
        sorted(str((row["id"], sorted(row["p"].items()))) for row in nodes.records),
        sorted(str((row["id"], row["t"], sorted(row["p"].items()))) for row in ends.records),
    )


def test_every_kind_is_there_as_often_as_in_sql(db: RelationalLineaDB, driver: neo4j.Driver, tmp_path: Path) -> None:
    path = changed_copy(tmp_path, *MLFLOW)
    report = import_lineapy(str(path), db)
    assert report.is_complete
    assert not report.skipped
    assert not report.dangling
    assert graph_counts(driver) == sql_counts(path)
    assert report.graph == report.source
    assert report.graph == {kind: count for kind, count in sql_counts(path).items() if kind in report.graph}


def test_a_second_import_changes_nothing(db: RelationalLineaDB, driver: neo4j.Driver, tmp_path: Path) -> None:
    path = changed_copy(tmp_path, *MLFLOW, "INSERT INTO pipeline SELECT id + 100, name FROM pipeline")
    first = import_lineapy(f"sqlite:///{path}", db)
    before = snapshot(driver)
    progress: list[tuple[int, int]] = []
    second = import_lineapy(str(path), db, lambda done, total: progress.append((done, total)))
    assert first.written > 1000
    assert second.written == 0
    assert second.is_complete
    assert second.graph == first.graph
    assert snapshot(driver) == before
    assert progress[-1][0] == progress[-1][1]


def test_the_source_file_is_not_changed(db: RelationalLineaDB, tmp_path: Path) -> None:
    path = changed_copy(tmp_path)
    path.chmod(0o444)
    before = path.read_bytes()
    import_lineapy(str(path), db)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_nodes_come_back_in_the_order_of_writing(db: RelationalLineaDB) -> None:
    import_lineapy(str(EXAMPLE_DATABASE), db)
    connection = sqlite3.connect(EXAMPLE_DATABASE)
    for (session,) in connection.execute("SELECT id FROM session_context").fetchall():
        rows = connection.execute("SELECT id FROM node WHERE session_id = ? ORDER BY rowid", (session,))
        assert [node.id for node in db.get_nodes_for_session(session)] == [id_ for (id_,) in rows]
    artifacts = connection.execute("SELECT name, version FROM artifact ORDER BY id").fetchall()
    assert [(artifact.name, artifact.version) for artifact in db.get_all_artifacts()] == artifacts
    connection.close()


def test_two_sources_that_share_nothing_are_both_kept(
    db: RelationalLineaDB, driver: neo4j.Driver, tmp_path: Path
) -> None:
    other = generated(tmp_path, 200)
    import_lineapy(str(EXAMPLE_DATABASE), db)
    assert import_lineapy(str(other), db).is_complete
    assert import_lineapy(str(EXAMPLE_DATABASE), db).written == 0
    assert graph_counts(driver) == sql_counts(EXAMPLE_DATABASE) + sql_counts(other)


def test_mlflow_metadata_follows_the_new_artifact_id(db: RelationalLineaDB, tmp_path: Path) -> None:
    import_lineapy(str(generated(tmp_path, 1000)), db)
    import_lineapy(str(changed_copy(tmp_path, *MLFLOW)), db)
    artifact = db.get_artifactorm_by_name("measurements", 1)
    assert artifact.id is not None
    assert artifact.id > 3
    metadata = db.get_mlflowartifactmetadataorm_by_artifact_id(artifact.id)
    assert (metadata.model_uri, metadata.delete_time) == ("models:/a/1", None)


def test_an_artifact_of_another_node_is_refused_before_anything_is_written(
    db: RelationalLineaDB, driver: neo4j.Driver, tmp_path: Path
) -> None:
    import_lineapy(str(EXAMPLE_DATABASE), db)
    before = snapshot(driver)
    other = generated(tmp_path, 300)
    with sqlite3.connect(other) as connection:
        connection.execute("UPDATE artifact SET name = 'measurements' WHERE version = 0")
    connection.close()
    with pytest.raises(DuplicateRecord, match="'measurements' version 0; nothing was imported"):
        import_lineapy(str(other), db)
    assert snapshot(driver) == before


@pytest.mark.parametrize(
    ("damage", "skips", "dangling"),
    [
        pytest.param("UPDATE artifact SET node_id = 'x' WHERE id = 1", {"Artifact": 1}, 0, id="artifact-of-no-node"),
        pytest.param(
            "UPDATE artifact SET execution_id = 'x' WHERE id = 1", {"Artifact": 1}, 0, id="artifact-of-no-execution"
        ),
        pytest.param(
            "UPDATE artifact SET node_id = 'x' WHERE id = 3",
            {"Artifact": 1, "CONTAINS": 1, "DEPENDS_ON": 2},
            0,
            id="artifact-of-no-node-in-a-pipeline",
        ),
        pytest.param(
            "DELETE FROM artifact WHERE id = 12",
            {"CONTAINS": 1, "ORDERS": 1, "DEPENDS_ON": 2},
            0,
            id="pipeline-of-a-deleted-artifact",
        ),
        pytest.param("UPDATE artifact SET version = -1 WHERE id = 1", {"Artifact": 1}, 0, id="version-below-0"),
        pytest.param(
            "UPDATE artifact SET name = 'a' || char(10) WHERE id = 1", {"Artifact": 1}, 0, id="name-with-line-break"
        ),
        pytest.param(
            "UPDATE node_value SET value = NULL WHERE rowid = 1", {"NodeValue": 1}, 0, id="value-without-path"
        ),
        pytest.param("UPDATE node_value SET node_id = 'x' WHERE rowid = 1", {"NodeValue": 1}, 0, id="value-of-no-node"),
        pytest.param(
            "UPDATE session_context SET execution_id = 'x' WHERE rowid = 1",
            {"Session": 1},
            0,
            id="session-of-no-execution",
        ),
        pytest.param(
            "UPDATE session_context SET environment_type = 'SHELL' WHERE rowid = 1",
            {"Session": 1},
            0,
            id="unknown-session-type",
        ),
        pytest.param(
            "UPDATE node SET session_id = NULL WHERE node_type = 'MutateNode' AND rowid = (SELECT min(rowid) "
            "FROM node WHERE node_type = 'MutateNode')",
            {"MutateNode": 1, "MUTATES": 1, "MUTATED_BY": 1},
            None,
            id="node-of-no-session",
        ),
        pytest.param(
            "DELETE FROM call_node WHERE id = (SELECT call_node_id FROM positional_arg LIMIT 1)",
            None,
            None,
            id="call-without-its-row",
        ),
        pytest.param(
            "UPDATE literal_assign_node SET value = 'Color.RED' WHERE rowid = "
            "(SELECT min(rowid) FROM literal_assign_node WHERE value_type = 'Integer')",
            {"LiteralNode": 1},
            None,
            id="literal-that-cannot-be-read",
        ),
        pytest.param(
            "INSERT INTO positional_arg VALUES ('no call', 'no node', 0, 0)",
            {"POSITIONAL_ARG": 1},
            0,
            id="argument-of-no-call",
        ),
        pytest.param(
            "INSERT INTO mlflow_artifact_storage VALUES (1, 99, 'mlflow', 'a', NULL, 'b', 'c', NULL)",
            {"MLflowMetadata": 1},
            0,
            id="mlflow-of-no-artifact",
        ),
        pytest.param("INSERT INTO assigned_variable_node VALUES ('no node', 'x')", {}, 0, id="variable-of-no-node"),
        pytest.param("DELETE FROM session_context WHERE rowid = 1", {}, 0, id="nodes-of-no-session"),
        pytest.param("UPDATE call_node SET function_id = 'x' WHERE rowid = 3", {}, 1, id="function-that-is-missing"),
    ],
)
def test_what_cannot_be_kept_is_reported_and_the_rest_is_kept(
    db: RelationalLineaDB,
    driver: neo4j.Driver,
    tmp_path: Path,
    damage: str,
    skips: dict[str, int] | None,
    dangling: int | None,
) -> None:
    path = changed_copy(tmp_path, damage)
    report = import_lineapy(str(path), db)
    assert report.is_complete, report.source - report.skips - report.graph
    if skips is not None:
        assert +report.skips == skips
    assert bool(report.skipped) == bool(+report.skips)
    assert dangling is None or report.dangling == dangling
    before = snapshot(driver)
    again = import_lineapy(str(path), db)
    assert again.written == 0
    assert (again.skips, again.dangling, again.graph) == (report.skips, report.dangling, report.graph)
    assert snapshot(driver) == before


def test_a_lost_source_code_leaves_the_nodes(db: RelationalLineaDB, tmp_path: Path) -> None:
    path = changed_copy(tmp_path, "DELETE FROM source_code WHERE path LIKE '%prepare.py'")
    report = import_lineapy(str(path), db)
    assert report.is_complete
    assert "is missing" in report.skipped[0]
    with sqlite3.connect(path) as connection:
        session = connection.execute("SELECT id FROM session_context ORDER BY rowid").fetchone()[0]
    connection.close()
    nodes = db.get_nodes_for_session(session)
    assert nodes
    assert all(node.source_location is None for node in nodes)


def test_a_dangling_reference_is_resolved_by_a_later_import(
    db: RelationalLineaDB, driver: neo4j.Driver, tmp_path: Path
) -> None:
    lost = "DELETE FROM node WHERE id = (SELECT function_id FROM call_node ORDER BY rowid LIMIT 1)"
    assert import_lineapy(str(changed_copy(tmp_path, lost)), db).dangling > 0
    report = import_lineapy(str(EXAMPLE_DATABASE), db)
    assert report.dangling == 0
    assert report.is_complete
    assert graph_counts(driver) == sql_counts(EXAMPLE_DATABASE)


def test_an_import_that_is_killed_goes_on(
    db: RelationalLineaDB, driver: neo4j.Driver, url: str, tmp_path: Path
) -> None:
    path = generated(tmp_path, 12_000)
    program = (
        "import sys; from lineage_graph import RelationalLineaDB; "
        "from lineage_graph.importers.lineapy import import_lineapy; "
        "import_lineapy(sys.argv[1], RelationalLineaDB(sys.argv[2]))"
    )

    def stored() -> int:
        return int(driver.execute_query("MATCH (n:Node) RETURN count(n) AS count").records[0]["count"])

    chance = random.Random(3)
    for _ in range(3):
        before = stored()
        with subprocess.Popen([sys.executable, "-c", program, str(path), url], cwd=REPOSITORY) as process:
            # Once it has gone on, wherever it is then.
            while stored() == before:
                assert process.poll() is None
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
        assert before < stored() < 12_000, "killed too late"
    report = import_lineapy(str(path), db)
    assert report.is_complete
    assert graph_counts(driver) == sql_counts(path)
    connection = sqlite3.connect(path)
    ids = [id_ for (id_,) in connection.execute("SELECT id FROM node ORDER BY rowid")]
    connection.close()
    rows = driver.execute_query("MATCH (n:Node) RETURN n.id AS id ORDER BY n.written_at").records
    assert [row["id"] for row in rows] == ids


def test_two_imports_of_one_source_at_once_make_one_copy(
    db: RelationalLineaDB, url: str, driver: neo4j.Driver, tmp_path: Path
) -> None:
    path = generated(tmp_path, 5000)
    reports: list[ImportReport] = []

    def run() -> None:
        own = RelationalLineaDB(url)
        reports.append(import_lineapy(str(path), own))
        own.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 3
    assert graph_counts(driver) == sql_counts(path)
    assert import_lineapy(str(path), db).written == 0


def test_an_import_leaves_what_is_pending_alone_also_when_it_has_to_repeat_a_batch(
    db: RelationalLineaDB, other: RelationalLineaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = session_copy(tmp_path, "6f38fc6b-ffa5-4ef5-9d08-28c4d45d4fb3")
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    commit = RelationalLineaDB.commit
    overtaken: list[bool] = []

    def overtake(self: RelationalLineaDB) -> None:
        if not overtaken:
            overtaken.append(True)
            import_lineapy(str(path), other)
        try:
            commit(self)
        except DuplicateRecord:
            overtaken.append(True)
            raise

    monkeypatch.setattr(RelationalLineaDB, "commit", overtake)
    report = import_lineapy(str(path), db)
    monkeypatch.undo()
    assert report.is_complete
    assert len(overtaken) > 1, "no batch had to be repeated"
    assert other.get_nodes_for_session(session.id) == []
    db.commit()
    assert other.get_nodes_for_session(session.id) == [node]


def test_an_import_does_not_wait_for_locks_of_its_own_thread(
    db: RelationalLineaDB, driver: neo4j.Driver, tmp_path: Path
) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.write_artifact(artifact(session, node.id, "classifier", 77))
    # Sends what is pending to an open transaction, which holds the name now.
    assert db.get_latest_artifact_version("classifier") == 77
    began = time.monotonic()
    import_lineapy(str(session_copy(tmp_path, "4cec26ca-6947-4eab-8218-3cffb2f015ae")), db)
    assert time.monotonic() - began < 60
    db.commit()
    found = driver.execute_query("MATCH (a:Artifact {name: 'classifier'}) RETURN a.version AS v ORDER BY v").records
    assert [row["v"] for row in found] == [0, 1, 2, 77]


IMPORT = """
import re, sys
from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
db = RelationalLineaDB(sys.argv[1])
for path in sys.argv[2:]:
    assert import_lineapy(path, db).written > 0
    with open("/proc/self/status") as status:
        print(int(re.search(r"VmHWM:\\s*(\\d+) kB", status.read())[1]) * 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no peak of its own memory that a process can read")
def test_memory_does_not_grow_with_the_database(url: str, tmp_path: Path) -> None:
    # Not getrusage(): its peak counts that of the process which started this one.
    # The first has batches as large as any, and loads what an import loads.
    sources = [str(generated(tmp_path, nodes)) for nodes in (5000, 15_000)]
    command = [sys.executable, "-c", IMPORT, url, *sources]
    shown = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, text=True).stdout
    before, after = map(int, shown.split())
    # The ids of the nodes, the script's code, and what each of the last 100,000 nodes needs are kept: some 500 bytes a
    # node. A node takes five times that.
    assert (after - before) / 15_000 < 700


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE alembic_version SET version_num = 'ffffffffffff'", "schema ffffffffffff, which is not known"),
        ("UPDATE alembic_version SET version_num = '41a413504720'", "open it once with LineaPy 0.2.3"),
        ("DROP TABLE positional_arg", "the table positional_arg is missing"),
        ("ALTER TABLE lookup RENAME COLUMN name TO title", "the table lookup has no column name"),
    ],
)
def test_a_source_of_another_schema_is_a_clear_error(
    db: RelationalLineaDB, tmp_path: Path, statement: str, message: str
) -> None:
    with pytest.raises(ImportSourceError, match=message):
        import_lineapy(str(changed_copy(tmp_path, statement)), db)
    db.commit()


def test_the_schema_before_mlflow_and_branches_is_read(db: RelationalLineaDB, tmp_path: Path) -> None:
    path = changed_copy(
        tmp_path,
        "UPDATE alembic_version SET version_num = '4907800d9126'",
        "DROP TABLE mlflow_artifact_storage",
    )
    assert import_lineapy(str(path), db).is_complete


def test_what_is_no_lineapy_database_is_a_clear_error(db: RelationalLineaDB, tmp_path: Path) -> None:
    with pytest.raises(ImportSourceError, match="there is no file"):
        import_lineapy(str(tmp_path / "nothing.sqlite"), db)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ImportSourceError, match="is not a file"):
        import_lineapy(str(tmp_path), db)
    text = tmp_path / "text.sqlite"
    text.write_text("This is no database. " * 100)
    with pytest.raises(ImportSourceError, match="file is not a database"):
        import_lineapy(str(text), db)
    empty = tmp_path / "empty.sqlite"
    empty.touch()
    with pytest.raises(ImportSourceError, match="none of LineaPy's tables"):
        import_lineapy(str(empty), db)


@pytest.mark.parametrize("url", ["mysql://u:geheim@h/d", "postgresql://u:geheim@h:port/d", "sqlite://", "sqlite:///"])
def test_a_url_that_cannot_be_read_is_a_clear_error(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        import_lineapy(url, None)  # type: ignore[arg-type]
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada@127.0.0.1:1/db?password=secret",
        "postgresql://ada:secret?tail@127.0.0.1:1/db",
        "postgresql://ada:sec#ret/tail@127.0.0.1:1/db",
        "postgresql://ada:tail@secret@127.0.0.1:1/db",
        "postgresql://ada:x@127.0.0.1:secret/db",
    ],
)
def test_no_piece_of_a_password_is_shown(url: str) -> None:
    with pytest.raises((ImportSourceError, ConfigurationError)) as caught:
        LineaPySource(url)
    for piece in ("sec", "ret", "tail"):
        assert piece not in str(caught.value)


def test_an_unreachable_postgresql_is_a_clear_error_without_the_password() -> None:
    with pytest.raises(ImportSourceError, match=r"127\.0\.0\.1") as caught:
        import_lineapy("postgresql://linea:geheim@127.0.0.1:1/lineage", None)  # type: ignore[arg-type]
    assert "geheim" not in str(caught.value)


def test_postgresql_is_imported_as_sqlite_is(
    db: RelationalLineaDB, driver: neo4j.Driver, open_folder: Path, tmp_path: Path
) -> None:
    programs = postgres_folder()
    if programs is None:
        pytest.skip("PostgreSQL's programs are not installed")
    path = changed_copy(tmp_path, *MLFLOW)
    with postgres(open_folder, programs) as url:
        copy_to_postgres(path, url)
        report = import_lineapy(url, db)
        assert report.is_complete
        assert not report.skipped
        assert graph_counts(driver) == sql_counts(path)
        assert import_lineapy(url, db).written == 0
        # The same lineage, so the file adds nothing either.
        assert import_lineapy(str(path), db).written == 0
        wrong = url.replace("secret-", "wrong-")
        with pytest.raises(ImportSourceError, match="password authentication failed") as caught:
            import_lineapy(wrong, db)
        assert "wrong-" not in str(caught.value)
