"""LineaPy databases to import: copies of the example with changes, large generated ones, and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

REPOSITORY = Path(__file__).resolve().parent.parent.parent
EXAMPLE_DATABASE = REPOSITORY / "examples" / "lineage.sqlite"

# LineaPy's enumerations, which PostgreSQL has native types of.
ENUMS = {
    ("session_context", "environment_type"): ("sessiontype", "JUPYTER SCRIPT"),
    ("node_value", "value_type"): ("valuetype", "chart array dataset code value"),
    ("literal_assign_node", "value_type"): (
        "literaltype",
        "String Integer Float Boolean NoneType Ellipsis Bytes",
    ),
    ("node", "node_type"): (
        "nodetype",
        "Node CallNode LiteralNode ImportNode LookupNode MutateNode GlobalNode IfNode ElseNode",
    ),
}


def changed_copy(folder: Path, *statements: str) -> Path:
    """A copy of the example database with some SQL run on it."""
    path = folder / f"{uuid.uuid4()}.sqlite"
    shutil.copy(EXAMPLE_DATABASE, path)
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path


def session_copy(folder: Path, session_id: str, *statements: str) -> Path:
    """A copy of the example database with one session of it alone, and no pipelines, with some SQL run on it."""
    path = changed_copy(folder, *statements)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM session_context WHERE id <> ?", (session_id,))
        connection.execute("DELETE FROM node WHERE session_id <> ?", (session_id,))
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            if "pipeline" in table or "dependency_id" in columns or "pipeline_id" in columns:
                connection.execute(f'DELETE FROM "{table}"')
            elif "call_node_id" in columns:
                connection.execute(f'DELETE FROM "{table}" WHERE call_node_id NOT IN (SELECT id FROM node)')
            elif "node_id" in columns:
                connection.execute(f'DELETE FROM "{table}" WHERE node_id NOT IN (SELECT id FROM node)')
            elif table.endswith(("_node", "lookup")):
                connection.execute(f'DELETE FROM "{table}" WHERE id NOT IN (SELECT id FROM node)')
        connection.execute(
            "DELETE FROM source_code WHERE id NOT IN (SELECT source_code_id FROM node WHERE source_code_id > '')"
        )
        connection.execute("DELETE FROM execution WHERE id NOT IN (SELECT execution_id FROM session_context)")
    connection.close()
    return path


def generated(folder: Path, nodes: int) -> Path:
    """A database with one script of so many nodes: literals, and calls of each with the one before."""
    path = changed_copy(folder)
    with sqlite3.connect(path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table != "alembic_version":
                connection.execute(f'DELETE FROM "{table}"')
        run, session, source = (str(uuid.uuid4()) for _ in range(3))
        now = "2026-01-01 00:00:00.000000"
        connection.execute("INSERT INTO execution VALUES (?, ?)", (run, now))
        connection.execute(
            "INSERT INTO session_context (id, environment_type, python_version, creation_time, working_directory, "
            "execution_id) VALUES (?, 'SCRIPT', '3.10', ?, '/home/ada', ?)",
            (session, now, run),
        )
        connection.execute(
            "INSERT INTO source_code (id, code, path) VALUES (?, ?, 'long.py')",
            (source, "\n".join(f"x{line} = f({line})" for line in range(nodes))),
        )
        ids = [str(uuid.uuid4()) for _ in range(nodes)]
        literal, call = "LiteralNode", "CallNode"
        connection.executemany(
            "INSERT INTO node (id, session_id, node_type, lineno, col_offset, end_lineno, end_col_offset, "
            "source_code_id) VALUES (?, ?, ?, ?, 0, ?, 10, ?)",
            [(id_, session, call if i % 2 else literal, i + 1, i + 1, source) for i, id_ in enumerate(ids)],
        )
        connection.executemany(
            "INSERT INTO literal_assign_node (id, value_type, value) VALUES (?, 'String', ?)",
            [(id_, f"text {i}") for i, id_ in enumerate(ids) if not i % 2],
        )
        connection.executemany(
            "INSERT INTO call_node (id, function_id) VALUES (?, ?)",
            [(id_, ids[i - 1]) for i, id_ in enumerate(ids) if i % 2],
        )
        connection.executemany(
            'INSERT INTO positional_arg (call_node_id, arg_node_id, starred, "index") VALUES (?, ?, 0, 0)',
            # Some refer to a node that comes much later.
            [(id_, ids[(i * 7) % nodes]) for i, id_ in enumerate(ids) if i % 2],
        )
        connection.executemany(
            "INSERT INTO assigned_variable_node VALUES (?, ?)", [(id_, f"x{i}") for i, id_ in enumerate(ids) if i % 2]
        )
        connection.executemany(
            "INSERT INTO artifact (node_id, execution_id, name, date_created, version) VALUES (?, ?, ?, ?, ?)",
            [(ids[i], run, f"result of {session}", now, i) for i in range(0, nodes, 100)],
        )
    connection.close()
    return path


def postgres_folder() -> Path | None:
    """Where PostgreSQL's programs are, or None."""
    found = [Path(program).parent for name in ("initdb",) if (program := shutil.which(name))]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


@contextmanager
def postgres(folder: Path, programs: Path, durable: bool = False, encoding: str = "UTF8") -> Iterator[str]:
    """A PostgreSQL of its own on loopback; gives the URL of an empty database, with a password."""
    password = f"secret-{uuid.uuid4()}"
    # PostgreSQL refuses to run as root.
    runner = []
    if os.geteuid() == 0:
        program = shutil.which("runuser", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"]))
        runner = [program or "runuser", "-u", "postgres", "--"]
    if runner:
        shutil.chown(folder, "postgres")
        for parent in folder.parents:
            if parent.is_relative_to(tempfile.gettempdir()) and parent.stat().st_uid == 0:
                parent.chmod(parent.stat().st_mode | 0o011)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o644)
    data = folder / "data"
    login = ["-U", "linea", "-A", "scram-sha-256", f"--pwfile={secret}"]
    _run([*runner, programs / "initdb", "-D", data, "-E", encoding, "--no-locale", *login])
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    if not durable:
        options += " -c fsync=off"
    _run([*runner, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"])
    try:
        yield f"postgresql://linea:{password}@127.0.0.1:{port}/postgres"
    finally:
        _run([*runner, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"])


def _run(command: Sequence[object]) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd="/", stdout=subprocess.DEVNULL)


def copy_to_postgres(source: Path, url: str) -> None:
    """Copy a LineaPy database from SQLite to PostgreSQL, with native enumerations as LineaPy makes them."""
    origin = sa.create_engine(f"sqlite:///{source}")
    driver = "psycopg2" if sa.__version__.startswith("1.") else "psycopg"
    target = sa.create_engine(
        url.replace("postgresql://", f"postgresql+{driver}://"), connect_args={"client_encoding": "utf8"}
    )
    found, metadata = sa.MetaData(), sa.MetaData()
    found.reflect(origin)
    for table in found.sorted_tables:
        columns = [
            sa.Column(column.name, _type_of(column), primary_key=column.primary_key, nullable=column.nullable)
            for column in table.columns
        ]
        sa.Table(table.name, metadata, *columns)
    with origin.connect() as reading, target.begin() as writing:
        metadata.create_all(writing)
        for table in metadata.sorted_tables:
            if rows := [dict(row._mapping) for row in reading.execute(sa.select(table).order_by(sa.text("rowid")))]:
                writing.execute(sa.insert(table), rows)
    origin.dispose()
    target.dispose()


def _type_of(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    if enum := ENUMS.get((column.table.name, column.name)):
        name, values = enum
        return sa.Enum(*values.split(), name=name)
    return sa.DateTime() if isinstance(column.type, sa.DateTime) else column.type
