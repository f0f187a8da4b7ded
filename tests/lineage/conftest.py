from __future__ import annotations

from collections.abc import Iterator

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from lineage_graph.lineage import Lineage
from tests.conftest import EXAMPLE_DATABASE, TestServer
from tests.lineage.worlds import ladder
from tests.support.known_sessions import wipe


@pytest.fixture
def lineage(url: str) -> Iterator[Lineage]:
    with Lineage(url) as lineage:
        yield lineage


@pytest.fixture
def on_ladder(url_as_it_is: str, driver: neo4j.Driver) -> Iterator[Lineage]:
    """Questions on a ladder of 5,000 diamonds, which is written once for tests that follow each other."""
    with Lineage(url_as_it_is) as lineage:
        if not driver.execute_query("MATCH (mark:Ladder) RETURN mark").records:
            ladder(5_000).write(driver)
            driver.execute_query("CREATE (:Ladder)")
        yield lineage


@pytest.fixture(scope="module")
def on_examples(server: TestServer, driver: neo4j.Driver) -> Iterator[Lineage]:
    """Questions on the examples, which a module of tests shares and does not change."""
    wipe(driver)
    db = RelationalLineaDB(server.url)
    import_lineapy(str(EXAMPLE_DATABASE), db)
    with Lineage(db) as lineage:
        yield lineage
    db.close()
