"""`diff` finds what differs and nothing else, and is its own reverse."""

from __future__ import annotations

import itertools
from pathlib import Path

import neo4j
import numpy
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import InvalidArgument
from lineage_graph.lineage import Change, Diff, Lineage
from lineage_graph.lineage.comparing import compare
from lineage_graph.lineage.programs import changed_inputs, unified
from lineage_graph.lineage.questions import deadline_of
from lineage_graph.values import ValueStore
from tests.lineage.worlds import World, worlds
from tests.support.records import artifact, literal, write_session

LINES = st.lists(st.sampled_from(["a = 1", "b = f(a)", "b = f(a, key=2)", "c = 3", ""]), max_size=12).map("\n".join)


def swapped(change: Change) -> Change:
    return change.model_copy(update={"before": change.after, "after": change.before})


def reverse_of(text: str) -> list[str]:
    """A diff read from the other side, as a set of lines in order of their text: removed lines come before added."""
    signs = {"+": "-", "-": "+", " ": " "}
    return sorted(signs[line[0]] + line[1:] for line in text.split("\n") if line and not line.startswith("@@"))


def held_to_its_reverse(there: Diff, back: Diff) -> None:
    assert [swapped(change) for change in there] == list(back)
    lines, lines_back = there.code.split("\n")[2:], back.code.split("\n")[2:]
    assert reverse_of("\n".join(lines)) == sorted(line for line in lines_back if not line.startswith("@@"))
    assert (there.before, there.after, set(there.unknown)) == (back.after, back.before, set(back.unknown))
    assert bool(there) == bool(back)


@given(a=LINES, b=LINES)
def test_lines_of_a_diff_are_those_of_both_programs(a: str, b: str) -> None:
    text = unified(a, b, "a", "b").split("\n")[2:]
    assert bool(text) == (a != b)
    for program, sign in ((a, "-"), (b, "+")):
        lines = program.split("\n")
        number = 0
        for line in text:
            if line.startswith("@@"):
                place = line.split()[1 if sign == "-" else 2][1:].split(",")
                number = int(place[0]) - (place[1:] != ["0"])
            elif line[0] in (sign, " "):
                assert lines[number] == line[1:]
                number += 1
    assert reverse_of("\n".join(text)) == sorted(
        line for line in unified(b, a, "b", "a").split("\n")[2:] if not line.startswith("@@")
    )


@given(a=LINES, b=LINES)
def test_changed_inputs_are_their_own_reverse(a: str, b: str) -> None:
    there, back = changed_inputs(a, b), changed_inputs(b, a)
    assert there is not None
    assert [(what, new, old) for what, old, new in there] == back
    assert changed_inputs(a, a) == []
    assert bool(there) == ([line for line in a.split("\n") if line] != [line for line in b.split("\n") if line])


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("f(1, k=2)", "f(1, k=3)", [("k of f", "2", "3")]),
        ("x = g(f(1))", "x = g(f(2))", [("argument 1 of f", "1", "2")]),
        ("f(1)", "f(1, 2)", [("argument 2 of f", None, "2")]),
        ("f(*a, **b)", "f(*a, **c)", [("** 1 of f", "b", "c")]),
        ("LIMIT = 3", "LIMIT = 4", [("value of LIMIT", "3", "4")]),
        ("x: int = 3", "x: int = 4", [("value of x", "3", "4")]),
        ("x += 3", "x -= 3", [("step of x", "Add 3", "Sub 3")]),
        ("for a in [1]: f(a)", "for a in [2]: f(a)", [("values of for a", "[1]", "[2]")]),
        ("if a: f()", "if b: f()", [("test of if", "a", "b")]),
        ("x = f(1)", "", [("x", "x = f(1)", None)]),
        ("", "for a in b:\n    f(a)", [("f", None, "f(a)"), ("for a", None, "for a in b:")]),
        ("if a:\nelse:\n    f(1)", "if a:\nelse:\n    f(2)", [("argument 1 of f", "1", "2")]),
    ],
)
def test_the_argument_that_changed_is_named(
    before: str, after: str, changes: list[tuple[str, str | None, str | None]]
) -> None:
    assert changed_inputs(before, after) == changes


def test_what_is_no_python_is_not_compared() -> None:
    assert changed_inputs("f(1)", "%magic f(2)") is None


def test_every_pair_of_the_examples(on_examples: Lineage, driver: neo4j.Driver) -> None:
    rows, _, _ = driver.execute_query("MATCH (a:Artifact) RETURN a.name AS name, a.version AS version")
    names = [f"{row['name']}@{row['version']}" for row in rows]
    assert len(names) == 20
    sides = [on_examples._side(name, None, 1_000, deadline_of(60)) for name in names]
    for a, b in itertools.product(sides, repeat=2):
        there = compare(a, b)
        assert there.complete
        if a is b:
            assert not there, list(there)
        held_to_its_reverse(there, compare(b, a))


def test_what_changed_between_two_correlations(on_examples: Lineage) -> None:
    found = on_examples.diff("correlations@0", "correlations@1")
    assert [(change.aspect, change.what, change.before, change.after) for change in found] == [
        ("call", "method of numbers.corr", None, "'spearman'")
    ]
    assert '-correlations = numbers.corr()\n+correlations = numbers.corr(method="spearman")' in found.code
    assert found.unknown == (
        "size and shape of the value of correlations version 0: no store of values was given",
        "size and shape of the value of correlations version 1: no store of values was given",
    )
    assert list(found.to_pandas()["what"]) == ["method of numbers.corr"]
    other = {(c.aspect, c.what): (c.before, c.after) for c in on_examples.diff("measurements@0", "digits_picture")}
    assert other["input", "artifact average_digits"] == (None, "0")
    assert other["library", "PIL"] == (None, "12.3.0")


def test_only_things_with_code_are_compared(on_examples: Lineage) -> None:
    with pytest.raises(InvalidArgument, match="a dataset has no code"):
        on_examples.diff("classifier", "dataset:measurements.csv")


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds(deletes=False), data=st.data())
def test_inputs_of_any_graph(world: World, data: st.DataObject, lineage: Lineage, driver: neo4j.Driver) -> None:
    if not world.artifacts:
        return
    world.write(driver)
    driver.execute_query("MATCH (a:Artifact) SET a.name = 'x', a.version = a.id")
    driver.execute_query("MATCH (n)-[:OF_LIBRARY]->(:Library) SET n:ImportNode")
    number = st.integers(0, len(world.artifacts) - 1)
    a, b = data.draw(number), data.draw(number)
    there = lineage.diff(f"x@{a}", f"x@{b}")
    held_to_its_reverse(there, lineage.diff(f"x@{b}", f"x@{a}"))
    assert a != b or not there
    nodes = [{int(key[5:]) for key in _own(world, artifact)} for artifact in (a, b)]
    uses = [bool(set(world.imports) & own) for own in nodes]
    found = [(change.before, change.after) for change in there if change.aspect == "library"]
    assert found == ([] if uses[0] == uses[1] else [("1", None) if uses[0] else (None, "1")])


def _own(world: World, artifact: int) -> set[str]:
    """The nodes of its session that an artifact was computed from."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_edges_from((f"node/{a}", f"node/{b}") for a, b, _ in world.edges)
    node = f"node/{world.artifacts[artifact]}"
    return {node} | (set(nx.descendants(graph, node)) if node in graph else set())


def test_values_are_compared_without_loading_them(db: RelationalLineaDB, lineage: Lineage, tmp_path: Path) -> None:
    db.values = ValueStore(str(tmp_path), allow_pickle=True)
    session = write_session(db)
    tables = [
        pandas.DataFrame({"a": [1, 2], "b": [3.0, 4.0]}),
        pandas.DataFrame({"a": [1, 2, 3]}, index=pandas.Index(["x", "y", "z"], name="key")),
        numpy.zeros((4, 5)),
        {1, 2},
    ]
    for version, table in enumerate(tables):
        node = literal(session, version)
        db.write_node(node)
        db.write_value(node.id, session.execution_id, table)
        db.write_artifact(artifact(session, node.id, "table", version))
    node = literal(session, "none")
    db.write_node(node)
    db.write_artifact(artifact(session, node.id, "table", 4))
    db.commit()
    found = lineage.diff("table@0", "table@1", values=db.values)
    changed = {change.what: (change.before, change.after) for change in found if change.aspect == "value"}
    assert set(changed) == {"size", "sha256", "shape", "columns"}
    assert changed["shape"] == ("2 x 2", "3 x 1")
    assert changed["columns"] == ("a, b", "a")
    assert found.unknown == ()
    assert lineage.diff("table@2", "table@0", values=db.values).before.shape == (4, 5)
    pickled = lineage.diff("table@3", "table@3", values=db.values)
    assert not pickled
    assert pickled.before.size
    assert pickled.unknown == (
        "shape and columns of the value of table version 3: it is a pickle, which is not loaded",
    )
    missing = lineage.diff("table@0", "table@4", values=db.values)
    assert [(c.what, c.before, c.after) for c in missing if c.aspect == "value"] == [("stored", "yes", "no")]
    assert missing.unknown == ("no value of table version 4 is recorded",)
