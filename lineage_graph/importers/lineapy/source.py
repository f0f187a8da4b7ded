"""Reads a LineaPy database: opens it for reading only, checks its schema, and streams typed records.

Everything is read in one transaction, so that concurrent writes of LineaPy have no effect.

A cell may hold a value of another type than its column: SQLite allows that, and PostgreSQL has dates that Python
doesn't. So this module reads cells without conversion, and converts them one by one. A cell that cannot be converted is
a `BadCell`, and its record is `Unreadable`.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from lineage_graph.errors import ConfigurationError, ImportSourceError, MissingExtra
from lineage_graph.importers.lineapy import tables
from lineage_graph.model.literals import literal_from_text
from lineage_graph.model.times import utc
from lineage_graph.types import (
    NODE_CLASSES,
    Artifact,
    BaseNode,
    Execution,
    JupyterCell,
    KeywordArgument,
    LiteralType,
    NodeType,
    NodeValue,
    PositionalArgument,
    SessionContext,
    SessionType,
    SourceCode,
    SourceLocation,
    ValueType,
)

Row = dict[str, Any]

# The order of writing: SQLite numbers its rows. PostgreSQL has the place on disk, whose order is the same unless rows
# were deleted.
ROW_ORDER = {"sqlite": "rowid", "postgresql": "ctid"}

# Ids in one statement; older SQLite libraries accept at most 999.
IDS_AT_ONCE = 500

# The total length of texts (characters) that ends a batch early.
BATCH_CHARACTERS = 4_000_000

CONNECT_TIMEOUT = 15

KIND_TABLES = {
    NodeType.ImportNode: tables.import_node,
    NodeType.CallNode: tables.call_node,
    NodeType.LiteralNode: tables.literal_node,
    NodeType.LookupNode: tables.lookup,
    NodeType.MutateNode: tables.mutate_node,
    NodeType.GlobalNode: tables.global_node,
    NodeType.IfNode: tables.if_node,
    NodeType.ElseNode: tables.else_node,
}
# Relationship type: the table and column with the reference. The tables of arguments have a row for each.
REFERENCE_COLUMNS = {
    "CONTROLLED_BY": (tables.node, "control_dependency"),
    "CALLS": (tables.call_node, "function_id"),
    "MUTATES": (tables.mutate_node, "source_id"),
    "MUTATED_BY": (tables.mutate_node, "call_id"),
    "SET_BY": (tables.global_node, "call_id"),
    "TESTS": (tables.if_node, "test_id"),
}
BRANCH_COLUMNS = {"COMPANION": "companion_id", "NOT_EXECUTED": "unexec_id"}
ARGUMENT_TABLES = {
    "POSITIONAL_ARG": (tables.positional_arg, "index"),
    "KEYWORD_ARG": (tables.keyword_arg, None),
    "READS_GLOBAL": (tables.global_reference, None),
    "IMPLICIT_DEPENDENCY": (tables.implicit_dependency, "index"),
}


# The Python types of cells in these columns. Times are converted from any type.
CELL_TYPES: dict[type[Any], type[Any] | None] = {
    sa.String: str,
    sa.Integer: int,
    sa.Boolean: bool,
    sa.DateTime: None,
}

# Kinds of operations by name, without `NodeType.Node`, the base of all.
KINDS = {kind.name: kind for kind in KIND_TABLES}

# LineaPy records the text "None" for a module without a version.
_NO_NAME = (None, "None")
_LIBRARY = tables.import_node.c
_IS_OF_LIBRARY = (_LIBRARY.package_name != "None") & (_LIBRARY.version != "None")

# Characters of a cell that a message shows.
SHOWN = 40

_TIME = re.compile(
    r"(\d{4,})-(\d\d?)-(\d\d?)(?:[ T](\d\d?):(\d\d?)(?::(\d\d?)(?:\.(\d{1,9}))?)?)?"
    r"\s*(?:(Z)|([+-])(\d\d):?(\d\d)?(?::?(\d\d))?)?"
)


@dataclass(frozen=True)
class BadCell:
    """A cell whose value does not have its column's type: the reason and the contents."""

    problem: str
    content: str

    def __str__(self) -> str:
        return f"{self.problem}: {self.content}"


@dataclass(frozen=True)
class Unreadable:
    """A row that makes no record, and the reason."""

    reason: str


@dataclass
class NodeRow:
    """An operation as it was read: the row, its record, and the numbers of its references by type."""

    row: Row
    record: BaseNode | Unreadable
    references: Counter[str]
    lost_source: bool = False


class LineaPySource:
    """A LineaPy database that is open for reading. Use it as a context manager.

    Parameters
    ----------
    url : str
        ``sqlite:///path``, the path of an SQLite file, or ``postgresql://user:password@host/database``.

    Raises
    ------
    ImportSourceError
        If the database is missing, does not answer, or is not a LineaPy database of a known schema.
    ConfigurationError
        If the URL cannot be read, or the driver that it needs is not installed.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        # The query of a libpq URL may hold a password too.
        self.name: str = parsed.set(query={}).render_as_string(hide_password=True)
        self._secrets = _secrets_of(parsed)
        self._engine = self._engine_for(parsed)
        self._order: Any = sa.literal_column(ROW_ORDER[self._engine.dialect.name])
        self._place: Any = sa.cast(sa.literal_column(f"node.{self._order}"), sa.Text)
        self._is_unchecked_text = False
        with self._reading("cannot be opened"):
            self._connection: Connection = self._engine.connect()
        try:
            with self._reading("cannot be opened"):
                self._begin()
            self._missing_tables = self._check_schema()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> LineaPySource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()
        self._engine.dispose()

    def counts(self) -> Counter[str]:
        """The number of rows of each kind: labels of operations, relationship types, and the other records."""
        node = tables.node
        counts: Counter[str] = Counter()
        for kind, table in {
            "Execution": tables.execution,
            "Session": tables.session_context,
            "SourceCode": tables.source_code,
            "Variable": tables.assigned_variable,
            "NodeValue": tables.node_value,
            "Artifact": tables.artifact,
            "Pipeline": tables.pipeline,
            "CONTAINS": tables.artifact_to_pipeline,
            "ORDERS": tables.dependency,
            "DEPENDS_ON": tables.dependency_to_artifact,
            "MLflowMetadata": tables.mlflow,
        }.items():
            counts[kind] = self._count(table)
        by_type = sa.select(self._column(node.c.node_type), sa.func.count()).group_by(node.c.node_type)
        for found, count in self._all(by_type):
            counts[str(_cell(node.c.node_type, found))] = count
        for kind, (table, column) in REFERENCE_COLUMNS.items():
            counts[kind] = self._count(table, table.c[column].is_not(None))
        for kind, column in BRANCH_COLUMNS.items():
            counts[kind] = sum(
                self._count(table, table.c[column].is_not(None)) for table in (tables.if_node, tables.else_node)
            )
        for kind, (table, _) in ARGUMENT_TABLES.items():
            counts[kind] = self._count(table)
        counts["OF_LIBRARY"] = self._count(tables.import_node, _IS_OF_LIBRARY)
        return Counter({kind: count for kind, count in counts.items() if count})

    def orphans(self) -> Counter[str]:
        """The number of orphaned rows: parts of operations, pipelines or dependencies that are missing.

        A part that does not match the kind of its operation is orphaned too.
        """
        orphans: Counter[str] = Counter()
        parts = [(kind, table, table.c[column]) for kind, (table, column) in REFERENCE_COLUMNS.items()]
        parts += [
            (kind, table, table.c[column])
            for kind, column in BRANCH_COLUMNS.items()
            for table in (tables.if_node, tables.else_node)
        ]
        for kind, table, column in parts:
            if table is not tables.node:
                orphans[kind] += self._count(table, column.is_not(None), self._is_no_part(table.c.id, table))
        for kind, (table, _) in ARGUMENT_TABLES.items():
            orphans[kind] += self._count(table, self._is_no_part(table.c.call_node_id, tables.call_node))
        orphans["OF_LIBRARY"] = self._count(
            tables.import_node, _IS_OF_LIBRARY, self._is_no_part(tables.import_node.c.id, tables.import_node)
        )
        pipelines = sa.select(tables.pipeline.c.id)
        dependencies = sa.select(tables.dependency.c.id).where(tables.dependency.c.pipeline_id.in_(pipelines))
        for kind, table, name, owners in (
            ("CONTAINS", tables.artifact_to_pipeline, "pipeline_id", pipelines),
            ("ORDERS", tables.dependency, "pipeline_id", pipelines),
            ("DEPENDS_ON", tables.dependency_to_artifact, "dependency_id", dependencies),
        ):
            orphans[kind] = self._count(table, table.c[name].is_(None) | table.c[name].not_in(owners))
        return +orphans

    def executions(self, size: int) -> Iterator[list[tuple[Row, Any]]]:
        """All executions: batches of rows with the records that they make."""
        return self._records(tables.execution, size, lambda row: Execution(**row))

    def sessions(self, size: int) -> Iterator[list[tuple[Row, Any]]]:
        """All sessions, likewise."""

        def build(row: Row) -> SessionContext:
            known = {
                "environment_type": SessionType[row["environment_type"]],
                # Columns that LineaPy added later, or left empty.
                "python_version": row["python_version"] or "",
                "working_directory": row["working_directory"] or "",
            }
            return SessionContext(**row | known)

        return self._records(tables.session_context, size, build)

    def source_codes(self, size: int) -> Iterator[list[tuple[Row, Any]]]:
        """All source codes, likewise."""
        return self._records(tables.source_code, size, _source_code)

    def variables(self, size: int) -> Iterator[list[tuple[Row, Any]]]:
        """All assigned variables, likewise; they have no record type, so the row is the record."""
        return self._records(tables.assigned_variable, size, lambda row: row)

    def node_values(self, size: int) -> Iterator[list[tuple[Row, Any]]]:
        """All node values, likewise."""

        def build(row: Row) -> NodeValue:
            value_type = row["value_type"]
            return NodeValue(**row | {"value_type": ValueType[value_type] if value_type else None})

        return self._records(tables.node_value, size, build)

    def artifacts(self, size: int) -> Iterator[list[tuple[Row, Any]]]:
        """All artifacts, likewise."""
        return self._records(tables.artifact, size, lambda row: Artifact(**row))

    def node_rows(self, size: int) -> Iterator[list[Row]]:
        """All operations in batches: the columns of the table of nodes, and ``place``, the place of the row there."""
        return self._batches(tables.node, size, self._order, self._place.label("place"))

    def nodes(self, rows: Sequence[Row]) -> Iterator[list[NodeRow]]:
        """Typed operations of some rows of `node_rows`, with all their references."""
        sources: dict[str, SourceCode | Unreadable] = {}
        for start in range(0, len(rows), IDS_AT_ONCE):
            chunk = rows[start : start + IDS_AT_ONCE]
            sources = self._sources({row["source_code_id"] for row in chunk}, sources)
            yield list(self._complete(chunk, sources))

    def pipelines(self, size: int) -> Iterator[list[Row]]:
        """All pipelines in batches: name; contained: (name, version) of artifacts; dependencies: post and pre.

        A missing artifact is None, and so is one whose name or version is a `BadCell`.
        """
        pipeline = tables.pipeline
        for rows in self._batches(pipeline, size, pipeline.c.id):
            by_id = {row["id"]: row | {"contained": [], "dependencies": []} for row in rows}
            for row in self._related(tables.artifact_to_pipeline, "pipeline_id", by_id):
                by_id[row["pipeline_id"]]["contained"].append(row["artifact_id"])
            dependencies: dict[int, Row] = {}
            for row in self._related(tables.dependency, "pipeline_id", by_id, order="id"):
                dependencies[row["id"]] = {"post": row["post_artifact_id"], "pre": []}
                by_id[row["pipeline_id"]]["dependencies"].append(dependencies[row["id"]])
            for row in self._related(tables.dependency_to_artifact, "dependency_id", dependencies):
                dependencies[row["dependency_id"]]["pre"].append(row["artifact_id"])
            ids = {id_ for row in by_id.values() for id_ in row["contained"]}
            for dependency in dependencies.values():
                ids |= {dependency["post"], *dependency["pre"]}
            keys = self._artifact_keys(ids)
            for row in by_id.values():
                row["contained"] = [keys.get(id_) for id_ in row["contained"]]
            for dependency in dependencies.values():
                dependency["post"] = keys.get(dependency["post"])
                dependency["pre"] = [keys.get(id_) for id_ in dependency["pre"]]
            yield list(by_id.values())

    def mlflow_metadata(self, size: int) -> Iterator[list[Row]]:
        """All MLflow metadata in batches, with ``artifact``: the (name, version) of its artifact, or None."""
        if tables.mlflow in self._missing_tables:
            return
        for rows in self._batches(tables.mlflow, size, tables.mlflow.c.id):
            keys = self._artifact_keys({row["artifact_id"] for row in rows})
            yield [row | {"artifact": keys.get(row["artifact_id"])} for row in rows]

    @property
    def row_count(self) -> int:
        """The number of records to import, without the parts of operations and of pipelines."""
        whole = (
            tables.execution,
            tables.session_context,
            tables.source_code,
            tables.node,
            tables.assigned_variable,
            tables.node_value,
            tables.artifact,
            tables.pipeline,
            tables.mlflow,
        )
        return sum(self._count(table) for table in whole)

    def _engine_for(self, url: Any) -> Engine:
        if url.get_backend_name() == "sqlite":
            path = _existing_file(url.database)
            uri = f"file:{quote(str(path.absolute()))}?mode=ro"

            def connect() -> sqlite3.Connection:
                connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
                connection.text_factory = _text
                return connection

            return sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)
        try:
            options = {"connect_timeout": CONNECT_TIMEOUT, "client_encoding": "utf8"}
            return sa.create_engine(url, poolclass=NullPool, connect_args=options)
        except (ImportError, SQLAlchemyError) as error:
            raise MissingExtra("import", f"Reading {self.name}") from error

    def _begin(self) -> None:
        """Begin the one transaction for everything that is read."""
        if self._engine.dialect.name == "sqlite":
            self._connection.exec_driver_sql("BEGIN")
            self._connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").all()
        else:
            self._connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # The format of times as text.
            self._connection.exec_driver_sql("SET LOCAL datestyle TO 'ISO, YMD'")
            self._connection.exec_driver_sql("SET LOCAL timezone TO 'UTC'")
            encoding = self._connection.exec_driver_sql("SHOW server_encoding").scalar()
            self._is_unchecked_text = encoding == "SQL_ASCII"

    def _column(self, column: sa.Column[Any]) -> Any:
        """The expression to select for a column, so that every cell arrives unconverted and none fails."""
        found: Any = column
        if self._engine.dialect.name == "sqlite":
            # SQLAlchemy's conversions fail, or take any value for true.
            found = sa.type_coerce(column, sa.String)
        elif isinstance(column.type, sa.DateTime):
            # PostgreSQL's infinity and years beyond 9999 have no datetime.
            found = sa.cast(column, sa.Text)
        elif isinstance(column.type, sa.String) and self._is_unchecked_text:
            found = sa.func.convert_to(sa.cast(column, sa.Text), "SQL_ASCII", type_=_UncheckedText)
        return found.label(column.name)

    def _select(self, table: sa.Table, *more: Any) -> Any:
        return sa.select(*(self._column(column) for column in table.c), *more).select_from(table)

    def _check_schema(self) -> frozenset[sa.Table]:
        """Refuse a database without a known LineaPy schema; return the optional tables that are missing."""
        with self._reading("cannot be read"):
            inspector = sa.inspect(self._connection)
            present = set(inspector.get_table_names())
            wanted = set(tables.metadata.tables)
            if not present & (wanted - {"alembic_version"}):
                raise ImportSourceError(f"{self.name} is not a LineaPy database: it has none of LineaPy's tables")
            if tables.alembic_version.name in present:
                self._check_revision()
            for table in tables.metadata.sorted_tables:
                if table.name not in present:
                    if table in tables.OPTIONAL or table is tables.alembic_version:
                        continue
                    raise ImportSourceError(
                        f"{self.name} has a schema that is not known: the table {table.name} is missing"
                    )
                columns = {column["name"] for column in inspector.get_columns(table.name)}
                if missing := [column.name for column in table.c if column.name not in columns]:
                    raise ImportSourceError(
                        f"{self.name} has a schema that is not known: "
                        f"the table {table.name} has no column {', '.join(missing)}"
                    )
        return frozenset(table for table in tables.OPTIONAL if table.name not in present)

    def _check_revision(self) -> None:
        revisions = [str(row[0]) for row in self._all(sa.select(tables.alembic_version.c.version_num))]
        for revision in revisions:
            if revision in tables.OLD_REVISIONS:
                raise ImportSourceError(
                    f"{self.name} was made by an old LineaPy (schema {revision}): open it once with "
                    "LineaPy 0.2.3, which upgrades it, and import it again"
                )
            if revision not in tables.KNOWN_REVISIONS:
                known = ", ".join(f"{key} ({made_by})" for key, made_by in tables.KNOWN_REVISIONS.items())
                raise ImportSourceError(f"{self.name} has schema {revision}, which is not known; known are {known}")

    def _count(self, table: sa.Table, *conditions: Any) -> int:
        if table in self._missing_tables:
            return 0
        statement = sa.select(sa.func.count()).select_from(table).where(*conditions)
        return int(self._all(statement)[0][0])

    @staticmethod
    def _is_no_part(column: Any, table: sa.Table) -> Any:
        """The condition that a column names no operation of the table's kind."""
        node = tables.node.c
        kind = next(kind for kind, of_kind in KIND_TABLES.items() if of_kind is table)
        is_part = (node.id == column) & (sa.cast(node.node_type, sa.Text) == kind.name)
        return ~sa.exists().where(is_part).correlate(column.table)

    def _all(self, statement: Any) -> list[Any]:
        with self._reading("cannot be read"):
            return list(self._connection.execute(statement).all())

    def _batches(self, table: sa.Table, size: int, order: Any, *more: Any) -> Iterator[list[Row]]:
        """The rows of a table in an order, with a bounded number of them in memory."""
        batch: list[Row] = []
        characters = 0
        with self._reading("cannot be read"):
            statement = self._select(table, *more).order_by(order)
            result = self._connection.execute(statement.execution_options(yield_per=min(size, 500)))
            for found in result:
                row = _row(table, found)
                batch.append(row)
                characters += sum(len(value) for value in row.values() if isinstance(value, str))
                if len(batch) >= size or characters > BATCH_CHARACTERS:
                    yield batch
                    batch, characters = [], 0
        if batch:
            yield batch

    def _records(self, table: sa.Table, size: int, build: Any) -> Iterator[list[tuple[Row, Any]]]:
        order = table.c.id if table is tables.artifact else self._order
        for rows in self._batches(table, size, order):
            yield [(row, _try(build, row)) for row in rows]

    def _related(self, table: sa.Table, column: str, ids: Any, order: str | None = None) -> Iterator[Row]:
        """Rows of a table that name one of these ids, ordered by a column or as they were written."""
        if table in self._missing_tables:
            return
        wanted = [id_ for id_ in ids if id_ is not None and not isinstance(id_, BadCell)]
        for start in range(0, len(wanted), IDS_AT_ONCE):
            statement = (
                self._select(table)
                .where(table.c[column].in_(wanted[start : start + IDS_AT_ONCE]))
                .order_by(table.c[order] if order else self._order)
            )
            for row in self._all(statement):
                yield _row(table, row)

    def _artifact_keys(self, ids: set[Any]) -> dict[Any, tuple[str, int]]:
        """The name and version of each artifact of these ids that has both."""
        rows = self._related(tables.artifact, "id", ids)
        keys = {row["id"]: (row["name"], row["version"]) for row in rows}
        return {id_: (name, version) for id_, (name, version) in keys.items() if is_sound((name, version))}

    def _sources(self, ids: set[Any], known: dict[str, SourceCode | Unreadable]) -> dict[str, SourceCode | Unreadable]:
        """The source codes of these ids; known ones are not read again."""
        sources = {id_: known[id_] for id_ in ids if id_ in known}
        for row in self._related(tables.source_code, "id", ids - sources.keys()):
            sources[row["id"]] = _try(_source_code, row)
        return sources

    def _complete(self, rows: Sequence[Row], sources: dict[str, SourceCode | Unreadable]) -> Iterator[NodeRow]:
        ids_by_kind: dict[Any, list[Any]] = defaultdict(list)
        for row in rows:
            ids_by_kind[row["node_type"]].append(row["id"])
        own: dict[str, Row] = {}
        for kind, table in KIND_TABLES.items():
            for found in self._related(table, "id", ids_by_kind[kind.name]):
                own[found["id"]] = found
        arguments: dict[str, dict[str, list[Row]]] = {}
        for kind_of_argument, (table, order) in ARGUMENT_TABLES.items():
            of_call = arguments[kind_of_argument] = defaultdict(list)
            for found in self._related(table, "call_node_id", ids_by_kind["CallNode"], order):
                of_call[found["call_node_id"]].append(found)
        for row in rows:
            id_ = row["id"]
            given = {kind: of_call.get(id_, []) for kind, of_call in arguments.items()}
            node_kind = KINDS.get(row["node_type"])
            if node_kind is None:
                references = Counter({"CONTROLLED_BY": 1} if row["control_dependency"] is not None else {})
                yield NodeRow(row, Unreadable(f"is of kind {row['node_type']}"), references)
            elif not is_sound((id_,)):
                yield NodeRow(row, _try(lambda row: row, row), self._reference_counts_at(row, node_kind))
            else:
                references = _reference_counts(row, node_kind, own.get(id_, {}), given)
                if id_ not in own:
                    reason = f"has no row in {KIND_TABLES[node_kind].name}"
                    yield NodeRow(row, Unreadable(reason), references)
                    continue
                source = sources.get(row["source_code_id"])
                record = _try(_node, row, own[id_], given, source)
                lost = row["source_code_id"] is not None and not isinstance(source, SourceCode)
                yield NodeRow(row, record, references, lost)

    def _reference_counts_at(self, row: Row, kind: NodeType) -> Counter[str]:
        """The number of references of an operation with an unreadable id, found by the place of its row."""
        node_id = sa.select(tables.node.c.id).where(self._place == row["place"]).scalar_subquery()
        counts: Counter[str] = Counter({"CONTROLLED_BY": int(row["control_dependency"] is not None)})
        table = KIND_TABLES[kind]
        columns = {type_: column for type_, (of_kind, column) in REFERENCE_COLUMNS.items() if of_kind is table}
        if kind in (NodeType.IfNode, NodeType.ElseNode):
            columns |= BRANCH_COLUMNS
        for type_, column in columns.items():
            counts[type_] = self._count(table, table.c.id == node_id, table.c[column].is_not(None))
        if kind is NodeType.CallNode:
            for type_, (of_call, _) in ARGUMENT_TABLES.items():
                counts[type_] = self._count(of_call, of_call.c.call_node_id == node_id)
        elif kind is NodeType.ImportNode:
            counts["OF_LIBRARY"] = self._count(table, table.c.id == node_id, _IS_OF_LIBRARY)
        return +counts

    @contextmanager
    def _reading(self, problem: str) -> Iterator[None]:
        """Translate the errors of the database, without its password."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, ValueError, OSError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            text = " ".join(str(cause).split()) or type(cause).__name__
            for secret in self._secrets:
                text = text.replace(secret, "***")
            raise ImportSourceError(f"{self.name} {problem}: {text}") from error


def _parse(url: str) -> Any:
    """The URL of a LineaPy database, with a driver that is installed."""
    if "://" not in url:
        return sa.engine.URL.create("sqlite", database=url)
    scheme, rest = url.split("://", 1)
    if scheme == "postgres":
        scheme = "postgresql"
    if scheme == "postgresql":
        scheme += "+psycopg" if int(sa.__version__.split(".")[0]) >= 2 else "+psycopg2"
    if scheme not in ("sqlite", "postgresql+psycopg", "postgresql+psycopg2"):
        raise ConfigurationError(
            "the URL of a LineaPy database begins with sqlite:/// or postgresql://; the path of an SQLite file does too"
        )
    try:
        parsed = make_url(f"{scheme}://{rest}")
    except (ArgumentError, ValueError):
        # Raised without its cause, which shows the whole URL.
        raise ConfigurationError("the URL of the LineaPy database cannot be read") from None
    if "@" in (parsed.host or ""):
        raise ConfigurationError(
            "the URL of the LineaPy database has an @ in its host, so its password was cut: write @ as %40"
        )
    return parsed


def _secrets_of(url: Any) -> list[str]:
    """The texts that a message of the driver must not show."""
    values = [value for given in url.query.values() for value in ([given] if isinstance(given, str) else given)]
    return [str(value) for value in (url.password, *values) if value]


def _existing_file(path: str | None) -> Path:
    if not path:
        raise ConfigurationError("the URL names no SQLite file: sqlite:///relative/path or sqlite:////absolute/path")
    file = Path(path).expanduser()
    if not file.exists():
        raise ImportSourceError(f"there is no file {path}")
    if not file.is_file():
        raise ImportSourceError(f"{path} is not a file")
    return file


def is_sound(key: Sequence[Any]) -> bool:
    """Whether a key can identify a record: no part of it is missing or unreadable."""
    return all(isinstance(part, (str, int)) for part in key)


def _text(content: bytes) -> Any:
    """A text from SQLite."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return BadCell("is not UTF-8", repr(content[:SHOWN]))


class _UncheckedText(sa.types.TypeDecorator[Any]):
    """Text from PostgreSQL that may have any encoding."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002
        return None if value is None else _text(bytes(value))


def _row(table: sa.Table, found: Any) -> Row:
    """A row with its cells converted to the types of their columns, or `BadCell`s."""
    row = dict(found._mapping)
    for column in table.c:
        value = row[column.name]
        if value is not None and type(value) is not CELL_TYPES[type(column.type)]:
            row[column.name] = _cell(column, value)
    return row


def _cell(column: sa.Column[Any], value: Any) -> Any:
    """The value of a cell, in its column's type."""
    if value is None or isinstance(value, BadCell):
        return value
    content = repr(value[:SHOWN] if isinstance(value, (str, bytes)) else value)
    if isinstance(column.type, sa.DateTime):
        time = _time(value)
        return BadCell("is no time", content) if time is None else time
    if isinstance(column.type, sa.Boolean):
        is_truth = isinstance(value, int) and value in (0, 1)
        return bool(value) if is_truth else BadCell("is neither true nor false", content)
    if isinstance(column.type, sa.Integer):
        return value if type(value) is int else BadCell("is no whole number", content)
    return value if isinstance(value, str) else BadCell("is no text", content)


def _time(value: Any) -> datetime | None:
    """A time as it is stored, in UTC without a zone; None if the value is not a time."""
    try:
        if isinstance(value, datetime):
            return utc(value)
        match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            return None
        year, month, day, hour, minute, second, fraction, _, sign, *offset = match.groups()
        microsecond = int((fraction or "")[:6].ljust(6, "0"))
        zone = None
        if sign:
            hours, minutes, seconds = (int(part or 0) for part in offset)
            away = timedelta(hours=hours, minutes=minutes, seconds=seconds)
            zone = timezone(-away if sign == "-" else away)
        date = int(year), int(month), int(day)
        return utc(datetime(*date, int(hour or 0), int(minute or 0), int(second or 0), microsecond, zone))
    except ValueError:
        return None


def _try(build: Any, *parts: Any) -> Any:
    """The record that rows make, or the reason why they make none."""
    if problem := _bad_cell(parts):
        return Unreadable(problem)
    try:
        return build(*parts)
    except KeyError as error:
        return Unreadable(f"has an unknown value: {error}")
    except Exception as error:
        # A row may hold any value; an error affects this record only.
        errors = getattr(error, "errors", None)
        if errors is None:
            return Unreadable(f"cannot be read: {str(error) or type(error).__name__}")
        first = errors()[0]
        return Unreadable(f"cannot be read: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}")


def _bad_cell(parts: Any) -> str | None:
    """The first cell among rows, in lists and maps of any depth, that could not be read."""
    for part in parts:
        if isinstance(part, dict):
            for name, value in part.items():
                if isinstance(value, BadCell):
                    return f"cannot be read: {name} {value}"
                if isinstance(value, list) and (problem := _bad_cell(value)):
                    return problem
    return None


def _source_code(row: Row) -> SourceCode:
    if row["path"] is not None:
        location: Path | JupyterCell = Path(row["path"])
    else:
        location = JupyterCell(execution_count=row["jupyter_execution_count"], session_id=row["jupyter_session_id"])
    return SourceCode(id=row["id"], code=row["code"] or "", location=location)


def _reference_counts(row: Row, kind: NodeType, own: Row, arguments: dict[str, list[Row]]) -> Counter[str]:
    """The number of references of an operation in the tables, by relationship type."""
    counts = Counter({type_: len(rows) for type_, rows in arguments.items()})
    counts["CONTROLLED_BY"] = row["control_dependency"] is not None
    for reference, (table, column) in REFERENCE_COLUMNS.items():
        if KIND_TABLES[kind] is table:
            counts[reference] = own.get(column) is not None
    for reference, column in BRANCH_COLUMNS.items():
        counts[reference] = own.get(column) is not None
    counts["OF_LIBRARY"] = own.get("package_name") not in _NO_NAME and own.get("version") not in _NO_NAME
    return +counts


def _node(row: Row, own: Row, arguments: dict[str, list[Row]], source: SourceCode | Unreadable | None) -> BaseNode:
    kind = NodeType[row["node_type"]]
    values = own | {
        "id": row["id"],
        "session_id": row["session_id"],
        "control_dependency": row["control_dependency"],
    }
    if isinstance(source, SourceCode):
        values["source_location"] = SourceLocation(
            lineno=row["lineno"],
            col_offset=row["col_offset"],
            end_lineno=row["end_lineno"],
            end_col_offset=row["end_col_offset"],
            source_code=source,
        )
    if kind is NodeType.LiteralNode:
        values["value"] = literal_from_text(own["value"], LiteralType[own.pop("value_type")])
    elif kind is NodeType.CallNode:
        values["positional_args"] = [
            PositionalArgument(id=argument["arg_node_id"], starred=argument["starred"])
            for argument in arguments["POSITIONAL_ARG"]
        ]
        values["keyword_args"] = [
            KeywordArgument(key=argument["name"], value=argument["arg_node_id"], starred=argument["starred"])
            for argument in arguments["KEYWORD_ARG"]
        ]
        values["global_reads"] = {read["variable_name"]: read["variable_node_id"] for read in arguments["READS_GLOBAL"]}
        values["implicit_dependencies"] = [dependency["arg_node_id"] for dependency in arguments["IMPLICIT_DEPENDENCY"]]
    return NODE_CLASSES[kind](**values)
