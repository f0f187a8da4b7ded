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
def on_ladder(lineage: Lineage, driver: neo4j.Driver) -> Lineage:
    """Questions on a ladder of 5,000 diamonds."""
    ladder(5_000).write(driver)
    return lineage
