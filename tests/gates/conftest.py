"""The graphs that statements are planned on: empty, small, and the examples."""

from __future__ import annotations

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.graph import statements
from lineage_graph.importers.lineapy import import_lineapy
from tests.conftest import EXAMPLE_DATABASE, TestServer
from tests.support.known_sessions import wipe
from tests.support.plans import KEPT, Plans, explained


@pytest.fixture(scope="package")
def dialects(driver: neo4j.Driver) -> list[str]:
    version = driver.get_server_info().agent.partition("/")[2]
    return ["5"] if version.startswith("5.") else ["5", "25"]


# The statistics of now, and no plan of before.
SAMPLE = "CALL db.prepareForReplanning(60)"

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


@pytest.fixture(scope="package")
def early_plans(server: TestServer, driver: neo4j.Driver, dialects: list[str]) -> Plans:
    """The plans, while there is little, of what the server does not plan again; on the emptied graph, of searches too.

    On an empty graph, on a small one, and on one that was emptied: there a label is known and has no nodes, and the
    statistics of the indexes are of what there was.
    """
    db = RelationalLineaDB(server.url)
    db.get_all_artifacts()
    db.close()
    plans = {}
    for graph, *preparations in (
        ("empty", SAMPLE),
        ("small", SMALL, SAMPLE),
        ("emptied", "CALL db.clearQueryCaches()"),
    ):
        wipe(driver)
        for preparation in preparations:
            driver.execute_query(preparation)
        for name in statements.names():
            query = statements.load(name)
            if KEPT in query.text or ("*" in query.text and graph == "emptied"):
                # The dialects' planners are the same.
                plan = explained(driver, dialects[-1], query.text, query.parameters).plan
                assert plan is not None
                plans[name, graph] = plan
    return plans


@pytest.fixture(scope="package")
def examples(server: TestServer, driver: neo4j.Driver, early_plans: Plans) -> None:
    """The schema and the examples: plans depend on how much there is of each label."""
    wipe(driver)
    db = RelationalLineaDB(server.url)
    import_lineapy(str(EXAMPLE_DATABASE), db)
    db.close()
    driver.execute_query(SAMPLE)
