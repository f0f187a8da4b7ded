"""The commands of lineage, on the examples."""

from __future__ import annotations

import csv
import io
import json

import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from tests.conftest import EXAMPLE_DATABASE
from tests.support.command_line import run_here


@pytest.fixture
def examples(db: RelationalLineaDB, url: str) -> str:
    import_lineapy(str(EXAMPLE_DATABASE), db)
    return url


def test_every_command_answers_in_every_form(examples: str) -> None:
    def run(*words: str, status: int = 0) -> str:
        shown = run_here("lineage", *words, "--url", examples)
        assert shown.status == status, shown
        return shown.stdout

    table = run("upstream", "classifier_in_use", "--level", "artifact")
    assert "What classifier_in_use version 0 was made from" in table
    assert "measurements 1" in table
    assert "complete: 4 found" in table
    rows = list(csv.DictReader(io.StringIO(run("upstream", "classifier_in_use", "--csv"))))
    assert {row["kind"] for row in rows} == {"statement"}
    assert {row["file"] for row in rows} == {"train.py", "prepare.py"}
    answer = json.loads(run("downstream", "measurements@1", "--level", "artifact", "--json"))
    assert answer["complete"]
    assert {item["name"] for item in answer["items"]} >= {"classifier", "classifier_in_use", "correlations"}
    partial = run("downstream", "dataset:measurements.csv", "--limit", "1")
    assert "partial: 1 listed, stopped by the limit" in partial
    cursor = partial.split()[-1]
    assert "complete" in run("downstream", "dataset:measurements.csv", "--cursor", cursor)
    assert "prepare.py" in run("why", "classifier_in_use", "measurements@0")
    assert "proved absent" in run("why", "measurements", "classifier", status=1)
    assert json.loads(run("why", "classifier_in_use", "measurements@0", "--json"))["status"] == "related"
    assert "train_test_split" in run("code", "classifier@1")
    assert json.loads(run("code", "scores", "--corrected", "--json"))["added"]
    assert "nothing changed" in run("rebuild")
    assert set(json.loads(run("rebuild", "--json")).values()) == {0}


def test_a_wrong_name_is_one_line_with_the_nearest(examples: str) -> None:
    shown = run_here("lineage", "upstream", "clasifier", "--url", examples)
    assert shown.status == 1
    assert shown.stderr.startswith("error: there is no artifact 'clasifier'; the nearest names: classifier")
