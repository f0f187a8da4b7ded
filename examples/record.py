"""Record the examples with LineaPy: makes lineage.sqlite, and golden.json.gz beside it.

Run it as `python examples/record.py` in an environment made from examples/requirements.txt (Python 3.10,
LineaPy 0.2.3). The scripts and the notebook run one after the other, each in a process of its own, in an
empty folder, with LineaPy's usage tracking off and without network access.

lineage.sqlite is what LineaPy wrote, but for two things: the temporary folder in
`session_context.working_directory` is replaced by /home/ada/wine, and the file is compacted. golden.json.gz
is what LineaPy's own `RelationalLineaDB` reads from that file; README.md describes its form.
"""

# LineaPy reads its settings from the environment when it is imported, so nothing here imports it at the top.

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DATABASE = HERE / "lineage.sqlite"
GOLDEN = HERE / "golden.json.gz"
EXAMPLES = ("prepare.py", "explore.ipynb", "train.py", "report.py", "digits.py")
NEUTRAL_DIRECTORY = "/home/ada/wine"


def trace_script(name: str) -> None:
    """Runs the script `name` of the current folder under LineaPy, as `lineapy python NAME` does.

    LineaPy 0.2.3 has a transformer for if statements (it makes the if and else nodes) but leaves it out when
    it traces. It needs the transformer of all other statements beside it to work, so both are joined here.
    """
    from lineapy.cli.cli import python_cli
    from lineapy.transformer import transform_code
    from lineapy.transformer.conditional_transformer import ConditionalTransformer
    from lineapy.transformer.node_transformer import NodeTransformer

    class BranchingTransformer(ConditionalTransformer, NodeTransformer):
        """Traces the statements inside the branch that is taken."""

    transform_code.NodeTransformer = BranchingTransformer
    python_cli(Path(name))


def trace_notebook(name: str) -> None:
    """Runs the notebook `name` of the current folder under LineaPy, as `lineapy notebook NAME` does."""
    import nbformat
    from lineapy.cli.cli import setup_ipython_dir
    from nbconvert.preprocessors import ExecutePreprocessor

    setup_ipython_dir()
    notebook = nbformat.read(name, nbformat.NO_CONVERT)
    ExecutePreprocessor(timeout=600).preprocess(notebook)


def run(step: Callable[..., None], *args: str) -> None:
    """Runs `step` in a fresh process; raises SystemExit when it fails."""
    process = multiprocessing.get_context("spawn").Process(target=step, args=args)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{step.__name__} {' '.join(args)} failed with exit code {process.exitcode}")


def neutralise(database: Path, directory: Path) -> None:
    """Replaces the folder of the recording by a neutral one, compacts the file, and checks that no path is left."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE session_context SET working_directory = replace(working_directory, ?, ?)",
            (str(directory), NEUTRAL_DIRECTORY),
        )
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("VACUUM")
    connection.close()
    content = database.read_bytes()
    for path in (str(directory), str(HERE.parent), sys.prefix, tempfile.gettempdir() + "/", str(Path.home())):
        if path.encode() in content:
            raise SystemExit(f"{database.name} still holds the path {path}")


def plain(value: Any) -> Any:
    """`value` as JSON has it: enums by name, times in ISO format, paths as text."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return getattr(value, "name", value)


def node_fields(node: Any) -> dict[str, Any]:
    """The fields of a LineaPy node. A literal's value is its Python type and repr, so that any type survives."""
    fields = {key: plain(value) for key, value in node if key not in {"source_location", "node_type"}}
    location = node.source_location
    fields["source_location"] = location and {
        **{key: plain(value) for key, value in location if key != "source_code"},
        "source_code_id": location.source_code.id,
    }
    if "value" in fields:
        fields["value"] = {"type": type(node.value).__name__, "repr": repr(node.value)}
    if "positional_args" in fields:
        fields["positional_args"] = [arg.dict() for arg in node.positional_args]
        # LineaPy keeps these three in sets: they come back in any order.
        fields["keyword_args"] = sorted(
            (arg.dict() for arg in node.keyword_args), key=lambda arg: (arg["key"], arg["value"])
        )
        fields["global_reads"] = dict(sorted(node.global_reads.items()))
        fields["implicit_dependencies"] = sorted(node.implicit_dependencies)
    return {"node_type": node.node_type.name, **fields}


def columns(row: Any) -> dict[str, Any]:
    """The columns of a row of SQLAlchemy, by name."""
    return {column.name: plain(getattr(row, column.name)) for column in row.__table__.columns}


def read_session(db: Any, session_id: str) -> dict[str, Any]:
    """All that LineaPy's readers return for one session."""
    return {
        "context": {key: plain(value) for key, value in db.get_session_context(session_id)},
        "nodes": [node_fields(node) for node in db.get_nodes_for_session(session_id)],
        "variables": [list(pair) for pair in db.get_variables_for_session(session_id)],
        "libraries": sorted([row.package_name, row.version] for row in db.get_libraries_for_session(session_id)),
        "source_code": db.get_source_code_for_session(session_id),
        "artifact_ids": [artifact.id for artifact in db.get_artifacts_for_session(session_id)],
    }


def read_pipeline(pipeline: Any) -> dict[str, Any]:
    """One pipeline, its artifacts as sorted ids."""
    return {
        "name": pipeline.name,
        "artifact_ids": sorted(artifact.id for artifact in pipeline.artifacts),
        "dependencies": [
            {
                "post_artifact_id": dependency.post_artifact.id,
                "pre_artifact_ids": sorted(artifact.id for artifact in dependency.pre_artifacts),
            }
            for dependency in sorted(pipeline.dependencies, key=lambda dependency: dependency.id)
        ],
    }


def write_golden(database: str, golden: str) -> None:
    """Writes what LineaPy reads from `database` to `golden`, as gzipped JSON."""
    import lineapy
    from lineapy.db import relational
    from lineapy.db.db import RelationalLineaDB

    db = RelationalLineaDB(f"sqlite:///{database}")

    def rows(kind: Any) -> list[Any]:
        return db.session.query(kind).all()  # in the order of writing, for SQLite

    tables = sorted(relational.Base.metadata.tables)
    content = {
        "lineapy": lineapy.__version__,
        "alembic_version": db.session.execute("SELECT version_num FROM alembic_version").scalar_one(),
        "row_counts": {
            table: db.session.execute(f'SELECT count(*) FROM "{table}"').scalar_one() for table in tables
        },
        "sessions": [read_session(db, row.id) for row in rows(relational.SessionContextORM)],
        "executions": [columns(row) for row in rows(relational.ExecutionORM)],
        "source_codes": [columns(row) for row in rows(relational.SourceCodeORM)],
        "artifacts": [
            {**columns(artifact), "session_id": artifact.node.session_id} for artifact in db.get_all_artifacts()
        ],
        "node_values": [columns(row) for row in rows(relational.NodeValueORM)],
        "pipelines": [
            read_pipeline(db.get_pipeline_by_name(row.name)) for row in rows(relational.PipelineORM)
        ],
    }
    db.close()
    text = json.dumps(content, indent=1, ensure_ascii=False)
    # mtime=0: the same content gives the same file.
    Path(golden).write_bytes(gzip.compress(text.encode(), mtime=0))


def main() -> None:
    """Records all examples, then writes the database and the golden file."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder).resolve() / "wine"
        work.mkdir()
        recorded = work.parent / "lineage.sqlite"
        os.environ.update(
            LINEAPY_HOME_DIR=str(work.parent / "lineapy"),
            LINEAPY_DATABASE_URL=f"sqlite:///{recorded}",
            LINEAPY_DO_NOT_TRACK="true",
            MPLBACKEND="Agg",
            MPLCONFIGDIR=str(work.parent / "matplotlib"),
            IPYTHONDIR=str(work.parent / "ipython"),
        )
        for name in EXAMPLES:
            shutil.copy(HERE / name, work)
        os.chdir(work)
        for name in EXAMPLES:
            run(trace_notebook if name.endswith(".ipynb") else trace_script, name)
        os.chdir(HERE)
        neutralise(recorded, work)
        run(write_golden, str(recorded), str(GOLDEN))
        shutil.copyfile(recorded, DATABASE)
    print(f"{DATABASE.name}: {DATABASE.stat().st_size:,} bytes, {GOLDEN.name}: {GOLDEN.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
