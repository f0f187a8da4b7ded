"""No question hangs a server or is counted wrongly: what plans and texts must not look like.

Neo4j counts a node once for each start that reaches it where a variable-length pattern begins at several nodes that one
indexed match found, since the plan has a pruned expand and no Distinct. And two shapes go on after their time-out:
a shortest path with a predicate on the whole path, and two SHORTEST in one statement.
"""

from __future__ import annotations

import re
from typing import Any

import neo4j
import pytest

from lineage_graph.graph import statements
from lineage_graph.lineage.traversal import ARTIFACT_WALKS, WALKS
from tests.support.plans import Plans, explained, operators, type_of

pytestmark = pytest.mark.every_version

KEEPS_ROWS = ("Filter", "Projection", "CacheProperties", "Limit", "ProduceResults")


# Upstream of a dataset begins at the last of its writers, after a sort: the plan forgets the search's order. So it may
# downstream of a session. These find all before they cut.
STOPPING_EARLY = [
    query
    for query in (*WALKS.values(), *ARTIFACT_WALKS.values())
    if query.name not in ("lineage/upstream_of_dataset", "lineage/downstream_of_session")
]


def gives_one_row(plan: dict[str, Any]) -> bool:
    """Whether an operator surely gives one row at the most."""
    name = type_of(plan)
    children = plan.get("children", [])
    if name == "NodeUniqueIndexSeek":
        # `IN` seeks several keys with the same operator.
        return " IN " not in plan["args"].get("Details", "")
    if name == "Limit" or name == "Top":
        return plan["args"].get("Details", "").split()[-1] == "1" or any(map(gives_one_row, children))
    return name in KEEPS_ROWS and bool(children) and all(map(gives_one_row, children))


def makes_unique(plan: dict[str, Any]) -> bool:
    """Whether an operator drops what is there already. An aggregation does only where DISTINCT was left in it."""
    name = type_of(plan)
    return name in ("Distinct", "OrderedDistinct") or (
        # Details name collect(DISTINCT x) as collect_distinct(x).
        "Aggregation" in name and "DISTINCT" in plan["args"]["Details"].upper()
    )


def wrongly_pruned(plan: dict[str, Any], is_unique: bool = False) -> list[str]:
    """The pruned expands that several rows feed, with nothing above that makes what they find unique."""
    name = type_of(plan)
    children = plan.get("children", [])
    wrong = []
    is_unique = is_unique or makes_unique(plan)
    if name.startswith("VarLengthExpand(Pruning") and not is_unique and not gives_one_row(children[0]):
        wrong.append(f"{plan['args'].get('Details', '')} fed by {', '.join(map(type_of, operators(children[0])))}")
    for child in children:
        wrong += wrongly_pruned(child, is_unique)
    return wrong


def hanging(text: str) -> list[str]:
    """The shapes of a text that no time-out ends."""
    flat = " ".join(re.sub(r"//[^\n]*", "", text).split())
    shortest = re.findall(r"\bSHORTEST\b|shortestPath", flat, re.IGNORECASE)
    shapes = []
    if len(shortest) > 1:
        shapes.append("two shortest paths in one statement")
    if shortest and re.search(r"WHERE[^{}]*\blength\(", flat, re.IGNORECASE):
        shapes.append("a shortest path with a predicate on the whole path")
    if re.search(r"\bSHORTEST [2-9]", flat):
        shapes.append("more than one SHORTEST")
    if re.search(r"\*([2-9]|1\d)", flat):
        shapes.append("a lower bound above 1")
    if re.search(r"\*\d*(\.\.)?\]->? ?\(\w*:", flat):
        shapes.append("a search that ends at a label")
    return shapes


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("name", list(statements.names()))
def test_no_statement_counts_wrongly_or_hangs(name: str, driver: neo4j.Driver, dialects: list[str]) -> None:
    query = statements.load(name)
    assert hanging(query.text) == []
    if "*" not in query.text:
        return
    for dialect in dialects:
        plan = explained(driver, dialect, query.text, query.parameters).plan
        assert plan is not None
        assert wrongly_pruned(plan) == [], dialect


def test_no_search_begins_at_both_ends(early_plans: Plans) -> None:
    """On a graph that the planner takes for empty, all nodes of the far end's label would cost nothing."""
    found = {
        key: types
        for key, plan in early_plans.items()
        if (types := {type_ for type_ in map(type_of, operators(plan)) if type_.startswith("VarLengthExpand(Into")})
    }
    assert found == {}


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("query", STOPPING_EARLY, ids=lambda query: query.name)
def test_a_limited_walk_stops_early(query: statements.Query, driver: neo4j.Driver, dialects: list[str]) -> None:
    """The search gives things in the order of distance, and the plan knows it: it sorts inside each distance only."""
    for dialect in dialects:
        plan = explained(driver, dialect, query.text, query.parameters).plan
        assert plan is not None
        used = set(map(type_of, operators(plan)))
        assert "PartialTop" in used, (dialect, used)


SEVERAL_STARTS = "MATCH (s:Node) WHERE s.id IN ['1', '2'] MATCH (s)-[:CALLS*0..]->(n) RETURN count(DISTINCT n) AS count"
UNWOUND = (
    "UNWIND ['1', '2'] AS id MATCH (s:Node {id: id}) MATCH (s)-[:CALLS*0..]->(n) RETURN count(DISTINCT n) AS count"
)


@pytest.mark.usefixtures("examples")
def test_the_gate_finds_what_neo4j_counts_wrongly(driver: neo4j.Driver) -> None:
    """Three nodes: the gate rejects the shape that may give five, and the shape that we use gives three."""
    driver.execute_query("CREATE (:Node {id: '1'})-[:CALLS]->(:Node {id: '2'})-[:CALLS]->(:Node {id: '3'})")
    try:
        for text, is_wrong in ((SEVERAL_STARTS, True), (UNWOUND, False)):
            with driver.session() as session:
                count = session.run(text).single(strict=True)["count"]
                plan = session.run(f"EXPLAIN {text}").consume().plan
            assert plan is not None
            if count != 3:
                assert is_wrong
                assert wrongly_pruned(plan)
            if not is_wrong:
                assert count == 3
                assert not wrongly_pruned(plan)
    finally:
        driver.execute_query("MATCH (n:Node) WHERE n.id IN ['1', '2', '3'] DETACH DELETE n")


@pytest.mark.parametrize(
    "text",
    [
        "MATCH p = shortestPath((a:Node {id: 1})-[:CALLS*]->(b:Node {id: 2})) WHERE length(p) > 200 RETURN p",
        "MATCH ANY SHORTEST (a)-[:CALLS]->+(b) MATCH ANY SHORTEST (b)-[:CALLS]->+(c) RETURN c",
        "MATCH SHORTEST 3 (a)-[:CALLS]->+(b) RETURN b",
        "MATCH (a)-[:CALLS*2..]->(b) RETURN b",
    ],
)
def test_a_shape_that_no_time_out_ends_is_found(text: str) -> None:
    assert hanging(text)
