"""What a person reads on mutations and sessions is right, in whatever order and commits their parts are written."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.types import Execution, MutateNode, Node, SessionContext, SessionType, SourceCode
from tests.support.records import (
    NOW,
    call,
    literal,
    location,
    lookup,
    new_id,
    write_session,
    write_source,
)

pytestmark = pytest.mark.every_version

CODE = "xs.append(1)\n"


def caption(driver: neo4j.Driver, id_: str) -> str:
    """The caption of a node or a session."""
    rows = driver.execute_query("MATCH (n:Node|Session {id: $id}) RETURN n.name AS name", id=id_).records
    name: str = rows[0]["name"]
    return name


def nothing(_: RelationalLineaDB) -> None:
    pass


def read(db: RelationalLineaDB) -> None:
    """Sends what is pending to the open transaction."""
    db.get_all_artifacts()


STEPS = {"together": nothing, "read": read, "commit": RelationalLineaDB.commit}


def orders(*parts: str) -> list[Any]:
    """Every order of the parts with every step between them, but no node that is committed before its source code."""
    return [
        pytest.param(order, step, id=f"{' '.join(order)} {name}")
        for order in itertools.permutations(parts)
        for name, step in STEPS.items()
        if not (name == "commit" and "source" in order and order.index("node") < order.index("source"))
    ]


@pytest.mark.parametrize(("order", "between"), orders("call", "mutation", "second mutation"))
def test_a_mutation_is_captioned_by_its_call_whichever_comes_first(
    db: RelationalLineaDB, driver: neo4j.Driver, order: tuple[str, ...], between: Callable[[RelationalLineaDB], None]
) -> None:
    session = write_session(db)
    source = write_source(db, CODE)
    function, xs = lookup(session, "append"), literal(session)
    append = call(session, function.id, source_location=location(source, end=12))
    nodes: dict[str, Node] = {
        "call": append,
        "mutation": MutateNode(id=new_id(), session_id=session.id, source_id=xs.id, call_id=append.id),
        "second mutation": MutateNode(id=new_id(), session_id=session.id, source_id=function.id, call_id=append.id),
    }
    for name in order:
        db.write_node(nodes[name])
        between(db)
    db.write_node(function)
    db.write_node(xs)
    db.commit()
    assert [caption(driver, node.id) for node in nodes.values()] == ["xs.append(1)"] * 3
    assert db.get_nodes_for_session(session.id) == [*(nodes[name] for name in order), function, xs]


def test_a_mutation_with_a_source_text_of_its_own_keeps_it(db: RelationalLineaDB, driver: neo4j.Driver) -> None:
    session = write_session(db)
    source = write_source(db, "sort(xs)\n")
    append = call(session, "sort", source_location=location(source, end=8))
    mutation = MutateNode(
        id=new_id(),
        session_id=session.id,
        source_id="xs",
        call_id=append.id,
        source_location=location(source, start=5, end=7),
    )
    db.write_node(mutation)
    db.write_node(append)
    db.commit()
    assert caption(driver, mutation.id) == "xs"


def test_a_mutation_by_a_call_without_a_source_text_shows_its_kind(db: RelationalLineaDB, driver: neo4j.Driver) -> None:
    session = write_session(db)
    implicit = call(session, "sort")
    mutation = MutateNode(id=new_id(), session_id=session.id, source_id="xs", call_id=implicit.id)
    db.write_node(mutation)
    db.write_node(implicit)
    db.commit()
    assert caption(driver, mutation.id) == "mutate"


@pytest.mark.parametrize(("order", "between"), orders("session", "source", "node"))
def test_a_session_is_captioned_by_its_file_in_whatever_order(
    db: RelationalLineaDB, driver: neo4j.Driver, order: tuple[str, ...], between: Callable[[RelationalLineaDB], None]
) -> None:
    execution = Execution(id=new_id(), timestamp=NOW)
    context = SessionContext(
        id=new_id(),
        environment_type=SessionType.SCRIPT,
        python_version="3.10",
        creation_time=NOW,
        working_directory="/home/ada",
        execution_id=execution.id,
    )
    source = SourceCode(id=new_id(), code=CODE, location=Path("src/train.py"))
    db.write_execution(execution)
    node = literal(context, source_location=location(source))
    writes = {
        "session": lambda: db.write_context(context),
        "source": lambda: db.write_source_code(source),
        "node": lambda: db.write_node(node),
    }
    for name in order:
        writes[name]()
        between(db)
    db.commit()
    assert caption(driver, context.id) == "train.py of 2026-11-23 12:30"
    assert db.get_session_context(context.id) == context


def test_a_session_keeps_the_name_that_it_was_given_and_its_first_file(
    db: RelationalLineaDB, driver: neo4j.Driver
) -> None:
    named, unnamed = write_session(db, session_name="nightly"), write_session(db)
    first, second = write_source(db), write_source(db)
    second = second.model_copy(update={"id": new_id(), "location": second.location.with_name("later.py")})  # type: ignore[union-attr]
    db.write_source_code(second)
    for source in (first, second):
        for session in (named, unnamed):
            db.write_node(literal(session, source_location=location(source)))
        db.commit()
    assert caption(driver, named.id) == "nightly"
    assert caption(driver, unnamed.id) == "train.py of 2026-11-23 12:30"
