"""One cell that can't be read costs the record that it belongs to, and nothing else, in every column of every table."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy, tables
from lineage_graph.importers.lineapy.source import LineaPySource
from tests.support.lineapy_sources import changed_copy, copy_to_postgres, postgres, postgres_folder, session_copy

# What SQL writes a value that no column takes, or that only some take.
VALUES = {
    "not UTF-8": "CAST(x'61ff62' AS TEXT)",
    "bytes": "x'00ff'",
    "words": "'yesterday'",
    "infinity": "9e999",
    "empty": "''",
    "null": "NULL",
}
MLFLOW = (
    "INSERT INTO mlflow_artifact_storage VALUES (1, 3, 'mlflow', 'sqlite:///a', 'r', 'models:/a/1', 'sklearn', NULL)"
)
TABLES = [table for table in tables.metadata.tables.values() if table is not tables.alembic_version]
# SQLite holds these to numbers itself.
NUMBERED = {"artifact", "pipeline", "dependency", "mlflow_artifact_storage"}
COLUMNS = [column for table in TABLES for column in table.c if not (column.name == "id" and table.name in NUMBERED)]


def relax(path: Path) -> None:
    """Let all columns be null: LineaPy's schema may have been made by hand."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL,', ',')")
    connection.close()


def damage(path: Path, *cells: tuple[sa.Column[Any], str, int]) -> None:
    """Write values into cells: the column, the value in SQL, and the row, counted from 0."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        for column, value, row in cells:
            place = f'(SELECT rowid FROM "{column.table.name}" ORDER BY rowid LIMIT 1 OFFSET {row})'
            statement = f'UPDATE "{column.table.name}" SET "{column.name}" = {value} WHERE rowid = {place}'
            assert connection.execute(statement).rowcount == 1
    connection.close()


def spread(path: Path, columns: list[sa.Column[Any]], value: str) -> list[tuple[sa.Column[Any], str, int]]:
    """A cell of each column, in rows far from each other, with this value."""
    cells = []
    connection = sqlite3.connect(path)
    for table in TABLES:
        of_table = [column for column in columns if column.table is table]
        rows = connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]
        cells += [(column, value, i * rows // len(of_table)) for i, column in enumerate(of_table) if rows]
    connection.close()
    return cells


def read_all(path: Path) -> list[Any]:
    """Everything that an import reads of a source; the records."""
    with LineaPySource(str(path)) as source:
        source.counts()
        source.orphans()
        found: list[Any] = []
        for batches in (
            source.executions(100),
            source.sessions(100),
            source.source_codes(100),
            source.variables(100),
            source.node_values(100),
            source.artifacts(100),
        ):
            found += [record for batch in batches for _, record in batch]
        for rows in source.node_rows(1000):
            found += [node.record for part in source.nodes(rows) for node in part]
        found += [row for rows in source.pipelines(100) for row in rows]
        found += [row for rows in source.mlflow_metadata(100) for row in rows]
        return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = session_copy(tmp_path_factory.mktemp("small"), "4cec26ca-6947-4eab-8218-3cffb2f015ae")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO pipeline VALUES (1, 'nightly')")
        connection.execute("INSERT INTO artifact_to_pipeline SELECT 1, id FROM artifact")
        connection.execute("INSERT INTO dependency SELECT 1, 1, max(id) FROM artifact")
        connection.execute("INSERT INTO dependency_to_artifact_table SELECT 1, min(id) FROM artifact")
        connection.execute("INSERT INTO implicit_dependency SELECT id, id, 0 FROM call_node LIMIT 1")
        connection.execute(MLFLOW)
        connection.execute("UPDATE mlflow_artifact_storage SET artifact_id = (SELECT min(id) FROM artifact)")
    connection.close()
    relax(path)
    return path


@pytest.mark.parametrize("value", VALUES)
def test_no_cell_of_any_column_fails_the_reading(small: Path, tmp_path: Path, value: str) -> None:
    """Not even one that its database should have refused."""
    path = tmp_path / "changed.sqlite"
    path.write_bytes(small.read_bytes())
    damage(path, *spread(path, COLUMNS, VALUES[value]))
    assert len(read_all(path)) == len(read_all(small))


OF_ALL = {"execution", "session_context"}


@pytest.mark.parametrize("is_of_all", [False, True], ids=["parts of sessions", "sessions"])
def test_bad_cells_are_skipped_and_reported_and_the_rest_is_kept(
    db: RelationalLineaDB, tmp_path: Path, is_of_all: bool
) -> None:
    """A cell of each column of each table."""
    path = changed_copy(tmp_path, MLFLOW)
    columns = [column for column in COLUMNS if (column.table.name in OF_ALL) is is_of_all]
    damage(path, *spread(path, columns, VALUES["not UTF-8"]))
    report = import_lineapy(str(path), db)
    assert report.is_complete, report.source - report.skips - report.graph
    assert len(report.skipped) > 0.7 * len(columns), "several in one record are one skip"
    assert report.graph["CallNode"] > 300
    again = import_lineapy(str(path), db)
    assert again.written == 0
    assert (again.skips, again.graph) == (report.skips, report.graph)


LITERAL = "UPDATE literal_assign_node SET (value_type, value)"
BAD_CELLS = {
    "UPDATE execution SET timestamp = 'yesterday' WHERE rowid = 1": "timestamp is no time: 'yesterday'",
    "UPDATE execution SET timestamp = '2026-13-01 00:00:00' WHERE rowid = 2": "timestamp is no time: '2026-13-01",
    "UPDATE execution SET timestamp = '9999-12-31 23:30:00-01:00' WHERE rowid = 3": "timestamp is no time: '9999-12-31",
    "UPDATE execution SET timestamp = 5 WHERE rowid = 4": "timestamp is no time: 5",
    "UPDATE source_code SET code = CAST(x'61ff' AS TEXT) WHERE rowid = 2": r"code is not UTF-8: b'a\xff'",
    "UPDATE node SET lineno = 'first' WHERE rowid = 20": "lineno is no whole number: 'first'",
    "UPDATE node SET node_type = 'Node' WHERE rowid = 9": "is of kind Node",
    "UPDATE node SET node_type = 'TryNode' WHERE rowid = 10": "is of kind TryNode",
    "UPDATE positional_arg SET starred = 'maybe' WHERE rowid = 99": "starred is neither true nor false: 'maybe'",
    "UPDATE positional_arg SET starred = 2 WHERE rowid = 199": "starred is neither true nor false: 2",
    "UPDATE artifact SET version = 'latest' WHERE id = 17": "version is no whole number: 'latest'",
    "UPDATE artifact SET name = x'6d' WHERE id = 18": "name is no text: b'm'",
    "UPDATE artifact SET name = printf('%.3000c', 'x') WHERE id = 20": "name has 3000",
    "UPDATE pipeline SET name = x'6d'": "its name is no text: b'm'",
    "INSERT INTO pipeline VALUES (2, 'a' || char(10))": "name has control characters",
    "UPDATE mlflow_artifact_storage SET backend = x'6d'": "backend is no text",
    "INSERT INTO mlflow_artifact_storage VALUES (2, 3, 'm', 't', 'r', 'm', 'f', 'soon')": "delete_time is no time",
    f"{LITERAL} = ('Bytes', '[1]') WHERE rowid = 101": "type list cannot be stored",
    f"{LITERAL} = ('Bytes', printf('%.9999c', '(')) WHERE rowid = 102": "cannot be",
    f"{LITERAL} = ('Integer', printf('%.9999c', '1')) WHERE rowid = 103": "4300",
}


def test_the_report_names_the_cell(db: RelationalLineaDB, tmp_path: Path) -> None:
    report = import_lineapy(str(changed_copy(tmp_path, MLFLOW, *BAD_CELLS)), db)
    assert report.is_complete, report.source - report.skips - report.graph
    said = "\n".join(report.skipped)
    assert {what for what in BAD_CELLS.values() if what not in said} == set()


TIMES = {
    "2026-11-23 21:18:12.522001": "2026-11-23 21:18:12.522001",
    "2026-11-23 21:18:12": "2026-11-23 21:18:12",
    "2026-11-23T21:18:12.5": "2026-11-23 21:18:12.500000",
    "2026-11-23": "2026-11-23 00:00:00",
    "2026-11-23 21:18:12.522001+02:00": "2026-11-23 19:18:12.522001",
    "2026-11-23 21:18:12-0530": "2026-11-24 02:48:12",
    "2026-11-23 21:18:12Z": "2026-11-23 21:18:12",
    "0001-01-01 00:00:00.000000": "0001-01-01 00:00:00",
}


def test_a_time_with_a_zone_is_imported_in_utc(db: RelationalLineaDB, tmp_path: Path) -> None:
    path = changed_copy(
        tmp_path,
        *(f"UPDATE artifact SET date_created = '{time}' WHERE id = {id_}" for id_, time in enumerate(TIMES, 1)),
        "UPDATE session_context SET creation_time = '2026-11-23 21:18:12+02:00' WHERE rowid = 1",
    )
    report = import_lineapy(str(path), db)
    assert not report.skipped
    with sqlite3.connect(path) as connection:
        keys = connection.execute("SELECT name, version FROM artifact ORDER BY id").fetchmany(len(TIMES))
        (session,) = connection.execute("SELECT id FROM session_context WHERE rowid = 1").fetchone()
    connection.close()
    assert [str(db.get_artifactorm_by_name(*key).date_created) for key in keys] == list(TIMES.values())
    assert str(db.get_session_context(session).creation_time) == "2026-11-23 19:18:12"


def test_parts_of_nothing_are_counted(db: RelationalLineaDB, tmp_path: Path) -> None:
    """Also the parts of a node that is of another kind, of no pipeline, and of a dependency of no pipeline."""
    path = changed_copy(
        tmp_path,
        "UPDATE node SET node_type = 'LookupNode' WHERE node_type = 'MutateNode'",
        "INSERT INTO artifact_to_pipeline VALUES (NULL, 1)",
        "INSERT INTO dependency VALUES (50, 99, 1)",
        "INSERT INTO dependency_to_artifact_table VALUES (50, 1), (NULL, 1)",
        "INSERT INTO positional_arg SELECT id, id, 0, 0 FROM lookup LIMIT 1",
    )
    report = import_lineapy(str(path), db)
    assert report.is_complete, report.source - report.skips - report.graph
    assert Counter(MUTATES=53, CONTAINS=1, ORDERS=1, DEPENDS_ON=2, POSITIONAL_ARG=1) <= report.skips


@pytest.mark.parametrize("encoding", ["UTF8", "SQL_ASCII"])
def test_postgresql_s_bad_cells_are_skipped_too(
    db: RelationalLineaDB, open_folder: Path, tmp_path: Path, encoding: str
) -> None:
    programs = postgres_folder()
    if programs is None:
        pytest.skip("PostgreSQL's programs are not installed")
    with postgres(open_folder, programs, encoding=encoding) as url:
        copy_to_postgres(changed_copy(tmp_path, MLFLOW), url)
        driver = "psycopg2" if sa.__version__.startswith("1.") else "psycopg"
        options = {"client_encoding": "utf8"}
        engine = sa.create_engine(url.replace("postgresql://", f"postgresql+{driver}://"), connect_args=options)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE artifact SET date_created = 'infinity' WHERE id = 1")
            connection.exec_driver_sql("UPDATE artifact SET date_created = '20000-01-01' WHERE id = 2")
            connection.exec_driver_sql("UPDATE artifact SET date_created = '0044-03-15 BC' WHERE id = 3")
            connection.exec_driver_sql("ALTER TABLE execution ALTER timestamp TYPE timestamptz")
            if encoding == "SQL_ASCII":
                connection.exec_driver_sql(
                    "UPDATE lookup SET name = E'a\\xff' WHERE id = (SELECT min(id) FROM lookup WHERE name = 'getattr')"
                )
        engine.dispose()
        report = import_lineapy(url, db)
    assert report.is_complete, report.source - report.skips - report.graph
    assert report.skips["Artifact"] == 3
    assert report.skips["LookupNode"] == (encoding == "SQL_ASCII")
    assert report.graph["Execution"] == 5
