import ast
from pathlib import Path

import pytest

from lineage_graph.errors import InvalidArgument, QueryFileError
from lineage_graph.graph import statements

PACKAGE = Path(statements.__file__).resolve().parent.parent

GOOD = """\
// Nodes of a name.
//
// Their numbers are made up.
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
    assert (query.title, query.description) == ("Nodes of a name.", "Their numbers are made up.")
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
        ("// Nodes of a name.\n//\n// Their numbers are made up.\n", "//\n", "no header"),
        ("// Nodes of a name.\n//\n", "// Nodes of a name.\n", "begins with a title"),
        ("Nodes of a name.", "Nodes of a name", "begins with a title"),
        ("Nodes of a name.", "Nodes of a name. Made up.", "begins with a title"),
        ("Nodes of a name.", "N" * 120 + ".", "begins with a title"),
        ("the name\n", "the name\n//   of a node\n", "declares nothing"),
        ("the name\n", "the name\n//     first: STRING    of a text\n", "has no rows"),
        ("two numbers\n", "two numbers\n//     first: INTEGER    one\n", "has no rows"),
        ("name: STRING", "name: MAP", "are maps"),
    ],
)
def test_a_header_that_says_other_than_the_text_is_refused(before: str, after: str, problem: str) -> None:
    with pytest.raises(QueryFileError, match=problem):
        statements.parse("nodes/bad", GOOD.replace(before, after))


ROWS = """\
// Creates nodes.
//
// Parameters:
//   groups: LIST<MAP>    nodes of a session
//     session_id: STRING    the session
//     rows: LIST<MAP>    nodes
//       id: STRING    its id
//       lineno: INTEGER | NULL    its line
//   keys: LIST<MAP>    names
//     name: STRING    a name
//   ids: LIST<STRING>    ids
// Returns: nothing
UNWIND $groups AS group
OPTIONAL MATCH (session:Session {id: group.session_id})
WITH group, session
UNWIND group.rows AS row
WITH DISTINCT row, session
WHERE row.lineno > 0 AND size($keys) > 0
CALL (row, session) {
  CREATE (node:Node {id: row.id, name: "row.naem"})
  SET node.tags = [key IN $keys | key.name]
}
FOREACH (id IN [id IN $ids WHERE id <> row.id] |
  CREATE (:Node {id: id})
)
"""


def test_the_fields_of_rows_are_those_of_the_header() -> None:
    query = statements.parse("nodes/rows", ROWS)
    assert {path: list(fields) for path, fields in query.fields.items()} == {
        "groups": ["session_id", "rows"],
        "groups.rows": ["id", "lineno"],
        "keys": ["name"],
    }


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("id: row.id,", "id: row.naem,", r"'id', 'lineno'\], the text reads \['id', 'lineno', 'naem'\]"),
        ("row.lineno > 0 AND ", "", r"the text reads \['id'\]"),
        ("//       lineno: INTEGER | NULL    its line\n", "", r"groups.rows the fields \['id'\]"),
        ("group.session_id", "group.sesion_id", "sesion_id"),
        ("//     name: STRING    a name\n", "", r"keys the fields \[\]"),
        ("key.name]", "key.naem]", "naem"),
        ("//     rows: LIST<MAP>", "//     rows: LIST<ANY>", "rows, which has no rows"),
        ("SET node.tags", "SET node += row, node.tags", "row is taken as a whole"),
        ("SET node.tags", "SET node = properties(row), node.tags", "row is taken as a whole"),
        ('name: "row.naem"', 'name: row["naem"]', "row is taken as a whole"),
        ("SET node.tags", "SET node.x = row {.naem}.naem, node.tags", "row is taken as a whole"),
        ("DISTINCT row, session", "DISTINCT row, session, row AS other", "row is taken as a whole"),
        ("DISTINCT row, session", "DISTINCT row, session, collect(row) AS all", "row is taken as a whole"),
        ("| key.name]", "| key.name] + [key IN $keys | key]", "key is taken as a whole"),
        ('name: "row.naem"', "name: $keys[0].naem", r"\['keys'\] apart"),
        ("[key IN $keys | key.name]", "[row IN $keys | row.name]", "row is a row of groups.rows and of keys"),
    ],
)
def test_a_field_that_the_header_does_not_have_is_refused(before: str, after: str, problem: str) -> None:
    assert before in ROWS
    with pytest.raises(QueryFileError, match=problem):
        statements.parse("nodes/rows", ROWS.replace(before, after))


@pytest.mark.parametrize(
    ("row", "error", "problem"),
    [
        ({"id": "x", "lineno": None}, None, ""),
        ({"id": "x"}, None, ""),
        ({"lineno": 1}, QueryFileError, "takes groups.rows of"),
        ({"id": "x", "lines": 1}, QueryFileError, "takes groups.rows of"),
        ({"id": None}, InvalidArgument, "groups.rows.id is a NoneType, not text"),
        ({"id": "x", "lineno": "1"}, InvalidArgument, "groups.rows.lineno is a str, not a whole number"),
        ({"id": "x", "lineno": 2**63}, InvalidArgument, "groups.rows.lineno does not fit"),
    ],
)
def test_the_first_row_is_looked_at(row: dict[str, object], error: type[Exception] | None, problem: str) -> None:
    parameters = {"groups": [{"session_id": "s", "rows": [row]}], "keys": [], "ids": []}
    query = statements.parse("nodes/rows", ROWS)
    if error is None:
        assert query.bind(parameters) == parameters
    else:
        with pytest.raises(error, match=problem):
            query.bind(parameters)


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
