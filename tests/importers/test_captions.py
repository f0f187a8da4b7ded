"""Every artifact of the examples reads as the line of the examples that made it."""

from __future__ import annotations

import json
from typing import Any

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.graph import statements
from lineage_graph.importers.lineapy import import_lineapy
from lineage_graph.model.captions import CAPTION_LENGTH
from tests.conftest import EXAMPLE_DATABASE, REPOSITORY
from tests.support.lineapy_sources import changed_copy

EXAMPLES = REPOSITORY / "examples"

# As a person finds them in the files: in a notebook the number of the cell, and the line in it.
MADE_AT = {
    ("average_digits", 0): ("digits.py", 17),
    ("classifier", 0): ("train.py", 21),
    ("classifier", 1): ("train.py", 29),
    ("classifier", 2): ("train.py", 50),
    ("classifier_in_use", 0): ("train.py", 50),
    ("confusion_picture", 0): ("report.py", 33),
    ("correlations", 0): ("cell 3", 2),
    ("correlations", 1): ("cell 4", 1),
    ("cultivar_summary", 0): ("prepare.py", 45),
    ("cultivar_summary", 1): ("cell 8", 1),
    ("digits_picture", 0): ("digits.py", 50),
    ("headline", 0): ("report.py", 41),
    ("measurements", 0): ("prepare.py", 14),
    ("measurements", 1): ("prepare.py", 36),
    ("most_telling", 0): ("cell 6", 5),
    ("oddest_digits", 0): ("digits.py", 19),
    ("outliers_dropped", 0): ("prepare.py", 31),
    ("scores", 0): ("report.py", 36),
    ("scores", 1): ("report.py", 38),
    ("training_history", 0): ("train.py", 56),
}


def lines_of(source: str) -> list[str]:
    """The lines of a file of the examples, or of a cell of their notebook."""
    if not source.startswith("cell "):
        return (EXAMPLES / source).read_text(encoding="utf-8").split("\n")
    notebook = json.loads((EXAMPLES / "explore.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return "".join(cells[int(source.removeprefix("cell ")) - 1]["source"]).split("\n")


@pytest.fixture
def rows(db: RelationalLineaDB) -> list[Any]:
    import_lineapy(str(EXAMPLE_DATABASE), db)
    return db.store.read(statements.load("artifacts/list_artifacts"), name=None)


def test_every_artifact_of_the_examples_reads_as_the_line_that_made_it(rows: list[Any]) -> None:
    assert {(row["name"], row["version"]): (row["source"], row["lineno"]) for row in rows} == MADE_AT
    for row in rows:
        line = lines_of(row["source"])[row["lineno"] - 1]
        assert row["made_by"][: CAPTION_LENGTH - 1] in line, row
        assert len(row["made_by"]) > 10
    assert {row["session"] for row in rows} == {
        "digits.py of 2026-11-23 21:19",
        "notebook in wine of 2026-11-23 21:18",
        "prepare.py of 2026-11-23 21:18",
        "report.py of 2026-11-23 21:18",
        "train.py of 2026-11-23 21:18",
    }


@pytest.mark.usefixtures("rows")
def test_every_mutation_of_the_examples_reads_as_its_call(driver: neo4j.Driver) -> None:
    found = driver.execute_query("MATCH (m:MutateNode)-[:MUTATED_BY]->(c:CallNode) RETURN m.name AS m, c.name AS c")
    assert len(found.records) == 53
    assert {row["m"] for row in found.records if row["m"] != row["c"]} == set()


def test_an_artifact_of_a_global_reads_as_the_call_that_set_it(db: RelationalLineaDB, tmp_path: Any) -> None:
    path = changed_copy(
        tmp_path,
        "UPDATE artifact SET node_id = (SELECT id FROM global_node ORDER BY rowid LIMIT 1) WHERE name = 'headline'",
    )
    import_lineapy(str(path), db)
    [row] = db.store.read(statements.load("artifacts/list_artifacts"), name="headline")
    assert row["made_by"] in lines_of(row["source"])[row["lineno"] - 1]
