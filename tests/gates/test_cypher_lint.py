"""Neo4j's linter and formatter find what is wrong. `make lint` runs them on every statement."""

import pytest

from lineage_graph.graph import statements
from tools.cypher_lint.run import Result, check, read_files

WRONG = {
    "label.cypher": ("MATCH (node:Nod {id: $id})\nRETURN node\n", "Label Nod is not present"),
    "type.cypher": ("MATCH (:CallNode)-[:CALL]->(node:Node)\nRETURN node\n", "Relationship type CALL is not present"),
    "syntax.cypher": ("MATCH (node:Node\nRETURN node\n", "Invalid input"),
    "variable.cypher": ("MATCH (node:Node)\nRETURN nod\n", "Variable `nod` not defined"),
    "deprecated.cypher": ("MATCH (node:Node)\nRETURN id(node) AS id\n", "deprecated function"),
    "only_5.cypher": ("MATCH (a:Node)-[r:CALLS]->(b:Node)\nSET b = r\n", "Type mismatch"),
    "second.cypher": ("RETURN 1 AS one;\nMATCH (node:Nod)\nRETURN node\n", "2:13: Label Nod"),
}

UNTIDY = """\
// What a header says.
//
// Parameters:
//   id: STRING    two    spaces, kept
// Returns: nothing
match (node:Node {id: $id}) // why
detach delete node"""

TIDY = """\
// What a header says.
//
// Parameters:
//   id: STRING    two    spaces, kept
// Returns: nothing
MATCH (node:Node {id: $id}) // why
DETACH DELETE node
"""


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    samples = {name: text for name, (text, _) in WRONG.items()}
    return check(samples | {"untidy.cypher": UNTIDY, "tidy.cypher": TIDY})


def test_every_file_is_read() -> None:
    assert {f"{name}.cypher" for name in statements.names()} < read_files().keys()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_statement_is_found(name: str, results: dict[str, Result]) -> None:
    assert WRONG[name][1] in "\n".join(results[name].problems)


def test_the_formatter_keeps_headers_and_is_stable(results: dict[str, Result]) -> None:
    assert results["untidy.cypher"] == results["tidy.cypher"] == Result(TIDY, [])
