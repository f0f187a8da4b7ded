import ast
from pathlib import Path

import pytest

from lineage_graph.errors import QueryFileError
from lineage_graph.graph import statements

PACKAGE = Path(statements.__file__).resolve().parent.parent

GOOD = """\
// Nodes of a name.
//
// Parameters:
//   name: STRING    the name
// Returns:
//   id: STRING    the id
//   twice: LIST<INTEGER>    two numbers
MATCH (node:Node {name: $name}) // not a $parameter
RETURN node.id AS id, [1, 2] AS twice
ORDER BY id
"""


def test_a_header_says_what_the_text_does() -> None:
    query = statements.parse("nodes/good", GOOD)
    assert query.summary == "Nodes of a name."
    assert list(query.parameters) == ["name"]
    assert list(query.returns) == ["id", "twice"]
    assert query.bind({"name": "x"}) == {"name": "x"}


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("name: STRING", "title: STRING", "parameters"),
        ("$name", "$title", "parameters"),
        ("//   id: STRING    the id\n", "", "returns"),
        ("AS id,", "AS identity,", "returns"),
        ("// Nodes of a name.\n", "//\n", "no header"),
    ],
)
def test_a_header_that_says_other_than_the_text_is_refused(before: str, after: str, problem: str) -> None:
    with pytest.raises(QueryFileError, match=problem):
        statements.parse("nodes/bad", GOOD.replace(before, after))


@pytest.mark.parametrize("parameters", [{}, {"name": 1, "more": 2}, {"title": 1}])
def test_other_parameters_are_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(QueryFileError, match="takes"):
        statements.parse("nodes/good", GOOD).bind(parameters)


def test_an_unknown_statement_is_refused() -> None:
    with pytest.raises(QueryFileError, match=r"nodes/nothing\.cypher"):
        statements.load("nodes/nothing")


def test_every_file_keeps_its_header() -> None:
    names = list(statements.names())
    assert len(names) > 80
    for name in names:
        query = statements.load(name)
        assert not query.text.rstrip().endswith(";"), name


def loads_in_code() -> set[str]:
    """The names that the package's modules load, and those that they list for people to paste."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "/" in node.value:
                found.add(node.value)
    return found


def test_every_file_is_used() -> None:
    unused = set(statements.names()) - loads_in_code()
    assert unused == set()


def test_the_package_holds_no_cypher() -> None:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for keyword in ("MATCH (", "MERGE (", "CREATE (", "UNWIND $"):
                    assert keyword not in node.value, f"{file.name}: {node.value}"
