"""The tables of a LineaPy database that an import reads.

Source: ``lineapy/db/relational.py`` and the migrations in ``lineapy/_alembic`` of LineaPy 0.2.3 (Apache-2.0).
Enumerations are read as text: they are VARCHAR on SQLite, and native types on PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, String, Table

metadata = MetaData()

# Revisions of LineaPy's migrations that an import can read, newest first.
KNOWN_REVISIONS = {
    "07d0db31e15f": "LineaPy 0.2.3",
    "4907800d9126": "LineaPy 0.1.5 and later",
}
# Earlier revisions, which LineaPy 0.2.3 upgrades when it opens them.
OLD_REVISIONS = ("41a413504720", "38d5f834d3b7")

alembic_version = Table("alembic_version", metadata, Column("version_num", String))

execution = Table("execution", metadata, Column("id", String), Column("timestamp", DateTime))

session_context = Table(
    "session_context",
    metadata,
    Column("id", String),
    Column("environment_type", String),
    Column("python_version", String),
    Column("creation_time", DateTime),
    Column("working_directory", String),
    Column("session_name", String),
    Column("user_name", String),
    Column("hardware_spec", String),
    Column("execution_id", String),
)

source_code = Table(
    "source_code",
    metadata,
    Column("id", String),
    Column("code", String),
    Column("path", String),
    Column("jupyter_execution_count", Integer),
    Column("jupyter_session_id", String),
)

node = Table(
    "node",
    metadata,
    Column("id", String),
    Column("session_id", String),
    Column("node_type", String),
    Column("lineno", Integer),
    Column("col_offset", Integer),
    Column("end_lineno", Integer),
    Column("end_col_offset", Integer),
    Column("control_dependency", String),
    Column("source_code_id", String),
)

import_node = Table(
    "import_node",
    metadata,
    Column("id", String),
    Column("name", String),
    Column("package_name", String),
    Column("version", String),
    Column("path", String),
)

call_node = Table("call_node", metadata, Column("id", String), Column("function_id", String))

positional_arg = Table(
    "positional_arg",
    metadata,
    Column("call_node_id", String),
    Column("arg_node_id", String),
    Column("starred", Boolean),
    Column("index", Integer),
)

keyword_arg = Table(
    "keyword_arg",
    metadata,
    Column("call_node_id", String),
    Column("arg_node_id", String),
    Column("starred", Boolean),
    Column("name", String),
)

global_reference = Table(
    "global_reference",
    metadata,
    Column("call_node_id", String),
    Column("variable_node_id", String),
    Column("variable_name", String),
)

implicit_dependency = Table(
    "implicit_dependency",
    metadata,
    Column("call_node_id", String),
    Column("arg_node_id", String),
    Column("index", Integer),
)

literal_node = Table(
    "literal_assign_node",
    metadata,
    Column("id", String),
    Column("value_type", String),
    Column("value", String),
)

lookup = Table("lookup", metadata, Column("id", String), Column("name", String))

mutate_node = Table(
    "mutate_node", metadata, Column("id", String), Column("source_id", String), Column("call_id", String)
)

global_node = Table("global_node", metadata, Column("id", String), Column("name", String), Column("call_id", String))

if_node = Table(
    "if_node",
    metadata,
    Column("id", String),
    Column("test_id", String),
    Column("companion_id", String),
    Column("unexec_id", String),
)

else_node = Table(
    "else_node", metadata, Column("id", String), Column("companion_id", String), Column("unexec_id", String)
)

assigned_variable = Table("assigned_variable_node", metadata, Column("id", String), Column("variable_name", String))

node_value = Table(
    "node_value",
    metadata,
    Column("node_id", String),
    Column("execution_id", String),
    Column("value", String),
    Column("value_type", String),
    Column("start_time", DateTime),
    Column("end_time", DateTime),
)

artifact = Table(
    "artifact",
    metadata,
    Column("id", Integer),
    Column("node_id", String),
    Column("execution_id", String),
    Column("name", String),
    Column("date_created", DateTime),
    Column("version", Integer),
)

pipeline = Table("pipeline", metadata, Column("id", Integer), Column("name", String))

artifact_to_pipeline = Table(
    "artifact_to_pipeline", metadata, Column("pipeline_id", Integer), Column("artifact_id", Integer)
)

dependency = Table(
    "dependency",
    metadata,
    Column("id", Integer),
    Column("pipeline_id", Integer),
    Column("post_artifact_id", Integer),
)

dependency_to_artifact = Table(
    "dependency_to_artifact_table",
    metadata,
    Column("dependency_id", Integer),
    Column("artifact_id", Integer),
)

mlflow = Table(
    "mlflow_artifact_storage",
    metadata,
    Column("id", Integer),
    Column("artifact_id", Integer),
    Column("backend", String),
    Column("tracking_uri", String),
    Column("registry_uri", String),
    Column("model_uri", String),
    Column("model_flavor", String),
    Column("delete_time", DateTime),
)

# The migrations up to 4907800d9126 make no tables for branches, and none before 07d0db31e15f one for MLflow.
OPTIONAL = frozenset({if_node, else_node, mlflow})
