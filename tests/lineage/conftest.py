from __future__ import annotations

from collections.abc import Iterator

import neo4j
import pytest

from lineage_graph.lineage import Lineage
from tests.lineage.worlds import ladder


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
