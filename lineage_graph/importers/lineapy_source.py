"""What a LineaPy database holds, read with SQLAlchemy Core (1.4 and 2) and without LineaPy.

The tables are those of LineaPy 0.2.x, ``lineapy/db/relational.py``, as its alembic migrations leave them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lineage_graph.errors import ImportSourceError, MissingExtra

try:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError
except ImportError as error:
    raise MissingExtra("import", "Reading a LineaPy database") from error

# LineaPy 0.2.0 to 0.2.2, and 0.2.3, which added the table for MLflow.
REVISIONS = ("4907800d9126", "07d0db31e15f")

BATCH = 2000

_TEXT, _NUMBER, _TIME, _BOOLEAN = sa.String(), sa.Integer(), sa.DateTime(), sa.Boolean()


def _table(table_name: str, /, **columns: Any) -> Any:
    return sa.table(table_name, *(sa.column(column, type_) for column, type_ in columns.items()))


EXECUTION = _table("execution", id=_TEXT, timestamp=_TIME)
SOURCE_CODE = _table(
    "source_code",
    id=_TEXT,
    code=_TEXT,
    path=_TEXT,
    jupyter_execution_count=_NUMBER,
    jupyter_session_id=_TEXT,
)
SESSION = _table(
    "session_context",
    id=_TEXT,
    environment_type=_TEXT,
    python_version=_TEXT,
    creation_time=_TIME,
    working_directory=_TEXT,
    session_name=_TEXT,
    user_name=_TEXT,
    hardware_spec=_TEXT,
    execution_id=_TEXT,
)
NODE = _table(
    "node",
    id=_TEXT,
    session_id=_TEXT,
    node_type=_TEXT,
    lineno=_NUMBER,
    col_offset=_NUMBER,
    end_lineno=_NUMBER,
    end_col_offset=_NUMBER,
    control_dependency=_TEXT,
    source_code_id=_TEXT,
)
KINDS = {
    "LookupNode": _table("lookup", id=_TEXT, name=_TEXT),
    "ImportNode": _table("import_node", id=_TEXT, name=_TEXT, package_name=_TEXT, version=_TEXT, path=_TEXT),
    "CallNode": _table("call_node", id=_TEXT, function_id=_TEXT),
    "LiteralNode": _table("literal_assign_node", id=_TEXT, value_type=_TEXT, value=_TEXT),
    "MutateNode": _table("mutate_node", id=_TEXT, source_id=_TEXT, call_id=_TEXT),
    "GlobalNode": _table("global_node", id=_TEXT, name=_TEXT, call_id=_TEXT),
    "IfNode": _table("if_node", id=_TEXT, test_id=_TEXT, companion_id=_TEXT, unexec_id=_TEXT),
    "ElseNode": _table("else_node", id=_TEXT, companion_id=_TEXT, unexec_id=_TEXT),
}
POSITIONAL_ARG = _table("positional_arg", call_node_id=_TEXT, arg_node_id=_TEXT, starred=_BOOLEAN, index=_NUMBER)
KEYWORD_ARG = _table("keyword_arg", call_node_id=_TEXT, arg_node_id=_TEXT, starred=_BOOLEAN, name=_TEXT)
GLOBAL_REFERENCE = _table("global_reference", call_node_id=_TEXT, variable_node_id=_TEXT, variable_name=_TEXT)
IMPLICIT_DEPENDENCY = _table("implicit_dependency", call_node_id=_TEXT, arg_node_id=_TEXT, index=_NUMBER)
VARIABLE = _table("assigned_variable_node", id=_TEXT, variable_name=_TEXT)
NODE_VALUE = _table(
    "node_value",
    node_id=_TEXT,
    execution_id=_TEXT,
    value=_TEXT,
    value_type=_TEXT,
    start_time=_TIME,
    end_time=_TIME,
)
ARTIFACT = _table(
    "artifact",
    id=_NUMBER,
    node_id=_TEXT,
    execution_id=_TEXT,
    name=_TEXT,
    date_created=_TIME,
    version=_NUMBER,
)
PIPELINE = _table("pipeline", id=_NUMBER, name=_TEXT)
PIPELINE_ARTIFACT = _table("artifact_to_pipeline", pipeline_id=_NUMBER, artifact_id=_NUMBER)
DEPENDENCY = _table("dependency", id=_NUMBER, pipeline_id=_NUMBER, post_artifact_id=_NUMBER)
PRE_ARTIFACT = _table("dependency_to_artifact_table", dependency_id=_NUMBER, artifact_id=_NUMBER)
MLFLOW = _table(
    "mlflow_artifact_storage",
    id=_NUMBER,
    artifact_id=_NUMBER,
    backend=_TEXT,
    tracking_uri=_TEXT,
    registry_uri=_TEXT,
    model_uri=_TEXT,
    model_flavor=_TEXT,
    delete_time=_TIME,
)
TABLES = [
    EXECUTION,
    SOURCE_CODE,
    SESSION,
    NODE,
    *KINDS.values(),
    POSITIONAL_ARG,
    KEYWORD_ARG,
    GLOBAL_REFERENCE,
    IMPLICIT_DEPENDENCY,
    VARIABLE,
    NODE_VALUE,
    ARTIFACT,
    PIPELINE,
    PIPELINE_ARTIFACT,
    DEPENDENCY,
    PRE_ARTIFACT,
]
_REVISION = _table("alembic_version", version_num=_TEXT)


class LineaPySource:
    """A LineaPy database, opened for reading only.

    Parameters
    ----------
    url : str
        ``sqlite:///path``, ``postgresql://user:password@host/database``, or the path of an SQLite file.

    Raises
    ------
    ImportSourceError
        If it cannot be opened, is not a LineaPy database, or has a schema that is not known.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        try:
            self._connection = self._engine.connect()
            self._check()
        except SQLAlchemyError as error:
            self._engine.dispose()
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise ImportSourceError(f"the database at {self} cannot be read: {reason}") from error
        except BaseException:
            self._engine.dispose()
            raise

    def __str__(self) -> str:
        return str(self._engine.url.render_as_string(hide_password=True)).replace("?mode=ro&uri=true", "")

    def close(self) -> None:
        """Release the connection."""
        self._connection.close()
        self._engine.dispose()

    def _check(self) -> None:
        inspector = sa.inspect(self._engine)
        there = set(inspector.get_table_names())
        if not {"node", "session_context", "artifact"} <= there:
            raise ImportSourceError(f"the database at {self} is not LineaPy's: it lacks LineaPy's tables")
        revision = (
            self._connection.execute(sa.select(_REVISION.c.version_num)).scalar()
            if "alembic_version" in there
            else None
        )
        if revision not in REVISIONS:
            raise ImportSourceError(
                f"the database at {self} has LineaPy's schema {revision or 'without a version'}, which is not known "
                "here: open it once with LineaPy 0.2.3, which upgrades it"
            )
        self.has_mlflow = MLFLOW.name in there
        for table in TABLES + [MLFLOW] * self.has_mlflow:
            columns = {column["name"] for column in inspector.get_columns(table.name)} if table.name in there else set()
            lacking = {column.name for column in table.columns} - columns
            if lacking:
                raise ImportSourceError(
                    f"the database at {self} is not LineaPy 0.2's: its table {table.name} lacks {sorted(lacking)}"
                )

    def count(self, table: Any) -> int:
        """How many rows a table has."""
        return int(self._connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0)

    def batches(self, table: Any) -> Iterator[list[Any]]:
        """The rows of a table in the order of writing, some thousands at a time."""
        position = "rowid" if self._engine.dialect.name == "sqlite" else "ctid"
        query = sa.select(*table.columns).order_by(sa.literal_column(f"{table.name}.{position}"))
        with self._engine.connect() as connection:
            rows = connection.execution_options(stream_results=True, max_row_buffer=BATCH).execute(query)
            for batch in rows.partitions(BATCH):
                yield list(batch)

    def of(self, table: Any, column: str, keys: Sequence[Any], *order: str) -> dict[Any, list[Any]]:
        """The rows of a table whose column is one of the keys, by that column."""
        found: dict[Any, list[Any]] = defaultdict(list)
        for start in range(0, len(keys), 500):
            query = sa.select(*table.columns).where(table.c[column].in_(list(keys[start : start + 500])))
            for row in self._connection.execute(query.order_by(*(table.c[name] for name in order))):
                found[getattr(row, column)].append(row)
        return found


def _engine(url: str) -> Any:
    if "://" not in url:
        url = f"sqlite:///{url}"
    try:
        parsed = sa.engine.make_url(url)
    except SQLAlchemyError as error:
        raise ImportSourceError(
            "the URL of the database to import cannot be read; give sqlite:///path, a path, or postgresql://..."
        ) from error
    dialect = parsed.get_backend_name()
    if dialect == "sqlite":
        path = Path(parsed.database or "").absolute()
        if not path.is_file():
            raise ImportSourceError(f"there is no file {path}")
        # Read-only, by SQLite's own URI form: the file is never created, migrated or locked for writing.
        quoted = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        parsed = sa.engine.make_url("sqlite://").set(database=f"file:{quoted}", query={"mode": "ro", "uri": "true"})
    elif dialect in ("postgresql", "postgres"):
        # SQLAlchemy 1.4 has no psycopg 3 dialect, so psycopg2 serves there.
        driver = "psycopg" if sa.__version__ >= "2" else "psycopg2"
        parsed = parsed.set(drivername=f"postgresql+{driver}")
    else:
        raise ImportSourceError(f"LineaPy databases are SQLite or PostgreSQL, not {dialect}")
    try:
        return sa.create_engine(parsed)
    except ImportError as error:
        raise MissingExtra("import", "Reading a LineaPy database in PostgreSQL") from error
