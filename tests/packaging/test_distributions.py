"""The package as users get it: a wheel and an sdist, with the statements in them."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
STATEMENTS = {file.relative_to(REPOSITORY / "cypher").as_posix() for file in REPOSITORY.glob("cypher/*/*.cypher")}

# Run where only the unpacked wheel, not the checkout, can be found.
USE = """
import lineage_graph, pathlib, sys
from lineage_graph import RelationalLineaDB, create_lineadb_engine, parse_artifact_version, types
from lineage_graph.graph import statements
from lineage_graph.store import migrations as schema
from lineage_graph.cli.demo import example_database
from lineage_graph.relational import PipelineORM
assert pathlib.Path(lineage_graph.__file__).is_relative_to(sys.argv[1]), lineage_graph.__file__
assert len(list(statements.names())) > 80 and schema.migrations()
assert all(statements.load(name) for name in statements.names())
assert example_database().is_relative_to(sys.argv[1])
"""


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", folder, REPOSITORY], check=True, capture_output=True, text=True
    )
    return folder


def test_the_wheel_works_by_itself(distributions: Path, tmp_path: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "wheel")
        names = set(archive.namelist())
    assert {f"lineage_graph/cypher/{name}" for name in STATEMENTS} <= names
    assert "lineage_graph/py.typed" in names
    assert not any(name.startswith(("tests/", "examples/", "cypher/")) for name in names)
    subprocess.run(
        [sys.executable, "-c", USE, tmp_path / "wheel"],
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "wheel")},
    )


def test_the_sdist_holds_what_a_wheel_is_made_of(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"cypher/{name}" for name in STATEMENTS} <= names
    assert {"pyproject.toml", "LICENSE", "README.md", "examples/lineage.sqlite"} <= names


def test_a_checkout_works_too() -> None:
    from lineage_graph.graph import statements

    assert Path(str(statements.root())) == REPOSITORY / "cypher"
