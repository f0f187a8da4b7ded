"""What the server thinks of every statement: its plan, and no warning, on each dialect of Cypher it speaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.graph import statements
from lineage_graph.importers.lineapy import import_lineapy
from tests.conftest import EXAMPLE_DATABASE, TestServer

# These list all there is of a label, so scanning the label is what they are for.
LISTINGS = {
    "artifacts/get_all_artifacts",
    "artifacts/list_artifacts",
    "browser/artifacts_and_their_sessions",
    "browser/libraries_and_their_sessions",
    "lineage/get_calls_with_implicit_dependencies",
    "sessions/get_sessions",
    "sessions/list_sessions",
    "writers/forget_old_writers",
}


@pytest.fixture(scope="module")
def dialects(driver: neo4j.Driver) -> list[str]:
    version = driver.get_server_info().agent.partition("/")[2]
    return ["5"] if version.startswith("5.") else ["5", "25"]


@pytest.fixture(scope="module")
def _schema_and_data(server: TestServer, driver: neo4j.Driver) -> None:
    """The schema and the examples: plans depend on how much there is of each label."""
    driver.execute_query("MATCH (n) WHERE NOT n:SchemaMigration AND NOT n:LineageGraphTests DETACH DELETE n")
    db = RelationalLineaDB(server.url)
    import_lineapy(str(EXAMPLE_DATABASE), db)
    db.close()
    driver.execute_query("CALL db.clearQueryCaches()")


def operators(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from operators(child)


def explained(driver: neo4j.Driver, dialect: str, query: statements.Query) -> neo4j.ResultSummary:
    with driver.session() as session:
        return session.run(f"CYPHER {dialect} EXPLAIN {query.text}", dict.fromkeys(query.parameters)).consume()


@pytest.mark.usefixtures("_schema_and_data")
@pytest.mark.parametrize("name", list(statements.names()))
def test_a_statement_is_planned_well_and_without_a_warning(
    name: str, driver: neo4j.Driver, dialects: list[str]
) -> None:
    query = statements.load(name)
    for dialect in dialects:
        summary = explained(driver, dialect, query)
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
        used = set(operators(summary.plan))
        assert "AllNodesScan" not in used, (name, dialect)
        assert "CartesianProduct" not in used or "Apply" in used or name in LISTINGS or "CreateTo" in used, (name, used)
        if name not in LISTINGS:
            assert not {operator for operator in used if "LabelScan" in operator}, (name, dialect)


@pytest.mark.usefixtures("_schema_and_data")
@pytest.mark.parametrize("name", ["get_latest_artifact", "get_latest_version", "create_next_artifact"])
def test_the_highest_version_comes_first_from_the_index(name: str, driver: neo4j.Driver, dialects: list[str]) -> None:
    """However many versions there are, one is read: nothing sorts or aggregates them."""
    query = statements.load(f"artifacts/{name}")
    for dialect in dialects:
        summary = explained(driver, dialect, query)
        assert summary.plan is not None
        used = set(operators(summary.plan))
        assert "Limit" in used, (dialect, used)
        assert not used & {"Top", "Sort", "EagerAggregation"}, (dialect, used)
