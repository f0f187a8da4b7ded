"""What the server thinks of every statement: its plan, and no warning, on each dialect of Cypher it speaks."""

from __future__ import annotations

import re
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import CypherSyntaxError

from lineage_graph.graph import statements
from tests.conftest import REPOSITORY
from tests.support.plans import KEPT, Plans, explained, operators, type_of

pytestmark = pytest.mark.every_version

# These list all there is of a label, so scanning the label is what they are for.
LISTINGS = {
    "artifacts/get_all_artifacts",
    "artifacts/list_artifacts",
    "browser/artifacts_and_their_sessions",
    "browser/libraries_and_their_sessions",
    # Of a rebuild.
    "derived/count_derived",
    "derived/delete_unused_datasets",
    # When a client closes; writers are few, since this forgets them.
    "writers/forget_old_writers",
    "lineage/get_calls_with_implicit_dependencies",
    "lineage/report_sessions",
    "sessions/get_sessions",
    "sessions/list_sessions",
}


# What is wrong with these is found: they hold the gate to its word.
WRONG = {
    "every node": ("MATCH (node {id: $id}) RETURN node", "AllNodesScan"),
    "every edge of a type": ("MATCH ()-[read:READS]->() RETURN count(read.uri)", "DirectedRelationshipTypeScan"),
    "every key": ("MATCH (node:Node) WHERE node.id IS NOT NULL RETURN count(node)", "NodeIndexScan"),
    "no key": ("MATCH (node:Node) WHERE node.name = $id RETURN node", "NodeByLabelScan"),
    "a row for each of both": (
        "MATCH (a:Node {session_id: $id}) MATCH (b:SourceCode {session_id: $id}) RETURN a, b",
        "CartesianProduct",
    ),
    "the same for each row": (
        "UNWIND $rows AS row MATCH (a:Node {session_id: row}) MATCH (b:SourceCode {session_id: row}) RETURN a, b",
        "CartesianProduct",
    ),
    "the same, of a list of keys": (
        "UNWIND $rows AS row MATCH (a:Node) WHERE a.id IN row MATCH (b:Session) WHERE b.id IN row RETURN a, b",
        "CartesianProduct",
    ),
    "the same, of half a key": (
        "UNWIND $rows AS row MATCH (a:Artifact {name: row}) WHERE a.version IS NOT NULL "
        "MATCH (b:Library {package_name: row}) WHERE b.version IS NOT NULL RETURN a, b",
        "CartesianProduct",
    ),
    "the same, and then made": (
        "MATCH (a:Node {session_id: $id}) MATCH (b:SourceCode {session_id: $id}) CREATE (a)-[:FROM_SOURCE]->(b)",
        "CartesianProduct",
    ),
}

# These give as many rows as what they are given.
KEEPING = {"Projection", "Filter", "CacheProperties", "Optional", "Eager", "Limit", "Argument", "SetProperty"}


def gives_one_row(plan: dict[str, Any]) -> bool:
    """Whether a part of a plan gives a row at the most for each row that it is given."""
    type_, children = type_of(plan), plan.get("children", [])
    if type_.startswith("NodeUniqueIndexSeek"):
        condition = str(plan["args"].get("Details", "")).partition(" WHERE ")[2]
        return bool(condition) and all(re.match(r"\w+ = ", part) for part in condition.split(" AND "))
    if type_ == "MergeUniqueNode" or (type_ == "Limit" and plan["args"].get("Details") == "1"):
        return True
    return type_ in KEEPING | {"CartesianProduct", "Apply"} and all(map(gives_one_row, children))


def problems_of(name: str, plan: dict[str, Any]) -> set[str]:
    """The operators of a plan that take longer than they need, for any size of the graph."""
    found = {type_of(part) for part in operators(plan)}
    problems = found & {"AllNodesScan"}
    if name not in LISTINGS:
        problems |= {type_ for type_ in found if re.search("(Label|Type|Types|Index)Scan", type_)}
        problems |= {
            "CartesianProduct"
            for part in operators(plan)
            if type_of(part) == "CartesianProduct" and not any(map(gives_one_row, part["children"]))
        }
    return problems


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("name", list(statements.names()))
def test_a_statement_is_planned_well_and_without_a_warning(
    name: str, driver: neo4j.Driver, dialects: list[str]
) -> None:
    query = statements.load(name)
    for dialect in dialects:
        summary = explained(driver, dialect, query.text, query.parameters)
        warnings = [
            status.status_description
            for status in summary.gql_status_objects
            if status.is_notification
            and status.classification != neo4j.NotificationClassification.UNRECOGNIZED
            # EXPLAIN is given nulls, and the optimiser may say what follows from them.
            and status.classification != neo4j.NotificationClassification.GENERIC
        ]
        assert warnings == [], (name, dialect)
        if summary.plan is None:
            assert name.startswith("schema/"), name
            continue
        assert problems_of(name, summary.plan) == set(), (name, dialect)


def test_a_plan_that_is_kept_was_good_on_a_small_graph(early_plans: Plans) -> None:
    kept = {key: plan for key, plan in early_plans.items() if KEPT in statements.load(key[0]).text}
    assert len(kept) > 120
    assert {key: found for key, plan in kept.items() if (found := problems_of(key[0], plan))} == {}


@pytest.mark.parametrize("room", ["store/writer", "graph/derivation"])
def test_no_statement_of_a_commit_is_planned_again(room: str) -> None:
    text = (REPOSITORY / "lineage_graph" / f"{room}.py").read_text(encoding="utf-8")
    names = re.findall(r'load\("([^"]+)"\)', text)
    assert names
    assert {name for name in names if KEPT not in statements.load(name).text} == set()


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("what", WRONG)
def test_a_bad_plan_is_found(what: str, driver: neo4j.Driver, dialects: list[str]) -> None:
    text, problem = WRONG[what]
    for dialect in dialects:
        plan = explained(driver, dialect, text, re.findall(r"\$(\w+)", text)).plan
        assert plan is not None
        assert problem in problems_of(what, plan), list(map(type_of, operators(plan)))


@pytest.mark.parametrize(
    ("dialect", "text"),
    [("25", "MATCH (a:Node)-[r:CALLS]->(b:Node) SET b = r"), ("5", "MATCH (node:Node) FILTER true RETURN node")],
)
def test_what_a_dialect_does_not_know_is_found(
    dialect: str, text: str, driver: neo4j.Driver, dialects: list[str]
) -> None:
    if dialect not in dialects:
        pytest.skip(f"this server does not speak Cypher {dialect}")
    with pytest.raises(CypherSyntaxError):
        explained(driver, dialect, text, [])


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("name", ["get_latest_artifact", "get_latest_version", "create_next_artifact"])
def test_the_highest_version_comes_first_from_the_index(name: str, driver: neo4j.Driver, dialects: list[str]) -> None:
    """However many versions there are, one is read: nothing sorts or aggregates them."""
    query = statements.load(f"artifacts/{name}")
    for dialect in dialects:
        summary = explained(driver, dialect, query.text, query.parameters)
        assert summary.plan is not None
        used = {type_of(part) for part in operators(summary.plan)}
        assert "Limit" in used, (dialect, used)
        assert not used & {"Top", "Sort", "EagerAggregation"}, (dialect, used)
