"""Neo4j's linter and formatter agree with every statement, and would not agree with a wrong one."""

import pytest

from tools.cypher_lint.run import FROZEN, Result, check, read_files

WRONG = {
    "label.cypher": ("MATCH (node:Nod {id: $id})\nRETURN node\n", "Label Nod is not present"),
    "type.cypher": ("MATCH (:CallNode)-[:CALL]->(node:Node)\nRETURN node\n", "Relationship type CALL is not present"),
    "syntax.cypher": ("MATCH (node:Node\nRETURN node\n", "Invalid input"),
    "variable.cypher": ("MATCH (node:Node)\nRETURN nod\n", "Variable `nod` not defined"),
    "deprecated.cypher": ("MATCH (node:Node)\nRETURN id(node) AS id\n", "deprecated function"),
    "only_5.cypher": ("MATCH (a:Node)-[r:CALLS]->(b:Node)\nSET b = r\n", "CYPHER 25: Type mismatch"),
    "only_25.cypher": ("MATCH (node:Node)\nFILTER node.lineno = 1\nRETURN node\n", "CYPHER 5: Invalid input"),
    "second.cypher": ("RETURN 1 AS one;\nMATCH (node:Nod)\nRETURN node\n", "2:13: CYPHER 5: Label Nod"),
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
def files() -> dict[str, str]:
    return read_files()


@pytest.fixture(scope="module")
def results(files: dict[str, str]) -> dict[str, Result]:
    samples = {name: text for name, (text, _) in WRONG.items()}
    return check(files | samples | {"untidy.cypher": UNTIDY, "tidy.cypher": TIDY})


def test_neo4j_finds_no_problem_in_either_dialect(files: dict[str, str], results: dict[str, Result]) -> None:
    assert len(files) > 80
    assert {name: results[name].problems for name in files if results[name].problems} == {}


def test_every_file_is_as_the_formatter_lays_it_out(files: dict[str, str], results: dict[str, Result]) -> None:
    """If not: ``python tools/cypher_lint/run.py --write``."""
    laid_out = {name: text for name, text in files.items() if not name.startswith(FROZEN)}
    assert [name for name, text in laid_out.items() if results[name].formatted != text] == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_statement_is_found(name: str, results: dict[str, Result]) -> None:
    assert WRONG[name][1] in "\n".join(results[name].problems)


def test_the_formatter_keeps_headers_and_is_stable(results: dict[str, Result]) -> None:
    assert results["untidy.cypher"] == results["tidy.cypher"] == Result(TIDY, [])
