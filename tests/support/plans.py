"""Plans of statements, as Neo4j explains them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import neo4j

Plans = dict[tuple[str, str], dict[str, Any]]
"""By name of the statement, and of the graph that it was planned on."""

# Plans of these are kept, whatever the graph becomes: planning a commit anew takes longer than the commit.
KEPT = "CYPHER replan = skip"


def operators(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("children", ()):
        yield from operators(child)


def type_of(plan: dict[str, Any]) -> str:
    return str(plan["operatorType"]).partition("@")[0]


def explained(driver: neo4j.Driver, dialect: str, text: str, parameters: Iterable[str]) -> neo4j.ResultSummary:
    text = (
        text.replace(KEPT, KEPT.replace("CYPHER", f"CYPHER {dialect}")) if KEPT in text else f"CYPHER {dialect} {text}"
    )
    with driver.session() as session:
        return session.run(f"EXPLAIN {text}", dict.fromkeys(parameters)).consume()
