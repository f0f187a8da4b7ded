"""What the server thinks of every statement: its plan, and no warning, on each dialect of Cypher it speaks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.graph import statements
from lineage_graph.importers.lineapy import import_lineapy
from tests.conftest import EXAMPLE_DATABASE, REPOSITORY, TestServer
from tests.support.known_sessions import wipe

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


# Plans of these are kept, whatever the graph becomes: planning a commit anew takes longer than the commit.
KEPT = "CYPHER replan = skip"


@pytest.fixture(scope="module")
def dialects(driver: neo4j.Driver) -> list[str]:
    version = driver.get_server_info().agent.partition("/")[2]
    return ["5"] if version.startswith("5.") else ["5", "25"]


# One of each, as after the first commit: then the planner takes a scan of an index for as good as a seek.
SMALL = (
    "CREATE (session:Session {id: 's', name: 's', creation_time: localdatetime()}), (execution:Execution {id: 'e'}), "
    "(source:SourceCode {id: 'c', session_id: 's'}), (library:Library {package_name: 'p', version: '1'}), "
    "(dataset:Dataset {uri: 'u', name: 'u'}), "
    "(artifact:Artifact {id: 1, name: 'a', version: 0, date_created: localdatetime()}) "
    "WITH * UNWIND range(1, 10) AS i "
    "CREATE (call:Node&CallNode {id: 'n' + toString(i), session_id: 's', written_at: i})-[:IN_SESSION]->(session), "
    "(import:Node&ImportNode {id: 'i' + toString(i), session_id: 's', written_at: i})-[:IN_SESSION]->(session), "
    "(call)-[:FROM_SOURCE]->(source), (call)-[:CALLS]->(import)-[:OF_LIBRARY]->(library), (call)-[:READS]->(dataset), "
    "(artifact)-[:OF_NODE]->(call), (:Variable {name: 'v'})-[:OF_NODE]->(call), "
    "(:NodeValue {node_id: call.id, execution_id: 'e'})-[:OF_NODE]->(call)"
)


@pytest.fixture(scope="module")
def kept_plans(
    server: TestServer, driver: neo4j.Driver, dialects: list[str]
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """By name, dialect and graph, the plans on an empty and on a small graph of what the server does not plan again."""
    db = RelationalLineaDB(server.url)
    db.get_all_artifacts()
    db.close()
    plans = {}
    for graph, creation in (("empty", "RETURN 1"), ("small", SMALL)):
        wipe(driver)
        driver.execute_query(creation)
        driver.execute_query("CALL db.prepareForReplanning(60)")
        for name in statements.names():
            query = statements.load(name)
            # The dialects' planners are the same.
            for dialect in dialects[-1:] if graph == "small" else dialects:
                if KEPT in query.text:
                    plan = explained(driver, dialect, query.text, query.parameters).plan
                    assert plan is not None
                    plans[name, dialect, graph] = plan
    return plans


@pytest.fixture(scope="module")
def _schema_and_data(server: TestServer, driver: neo4j.Driver, kept_plans: object) -> None:
    """The schema and the examples: plans depend on how much there is of each label."""
    wipe(driver)
    db = RelationalLineaDB(server.url)
    import_lineapy(str(EXAMPLE_DATABASE), db)
    db.close()
    driver.execute_query("CALL db.prepareForReplanning(60)")


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


def operators(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("children", ()):
        yield from operators(child)


def type_of(plan: dict[str, Any]) -> str:
    return str(plan["operatorType"]).partition("@")[0]


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


def explained(driver: neo4j.Driver, dialect: str, text: str, parameters: Iterable[str]) -> neo4j.ResultSummary:
    text = (
        text.replace(KEPT, KEPT.replace("CYPHER", f"CYPHER {dialect}")) if KEPT in text else f"CYPHER {dialect} {text}"
    )
    with driver.session() as session:
        return session.run(f"EXPLAIN {text}", dict.fromkeys(parameters)).consume()


@pytest.mark.usefixtures("_schema_and_data")
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


def test_a_plan_that_is_kept_was_good_on_a_small_graph(kept_plans: dict[tuple[str, str, str], dict[str, Any]]) -> None:
    assert len(kept_plans) > 120
    assert {key: found for key, plan in kept_plans.items() if (found := problems_of(key[0], plan))} == {}


@pytest.mark.parametrize("room", ["store/writer", "graph/derivation"])
def test_no_statement_of_a_commit_is_planned_again(room: str) -> None:
    text = (REPOSITORY / "lineage_graph" / f"{room}.py").read_text(encoding="utf-8")
    names = re.findall(r'load\("([^"]+)"\)', text)
    assert names
    # On an empty graph, this one may be planned to begin at all operations; few commits need it.
    planned_again = {"derived/find_inputs"}
    assert {name for name in names if KEPT not in statements.load(name).text} <= planned_again


@pytest.mark.usefixtures("_schema_and_data")
@pytest.mark.parametrize("what", WRONG)
def test_a_bad_plan_is_found(what: str, driver: neo4j.Driver, dialects: list[str]) -> None:
    text, problem = WRONG[what]
    for dialect in dialects:
        plan = explained(driver, dialect, text, re.findall(r"\$(\w+)", text)).plan
        assert plan is not None
        assert problem in problems_of(what, plan), list(map(type_of, operators(plan)))


@pytest.mark.usefixtures("_schema_and_data")
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
