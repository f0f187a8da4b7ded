"""Edges across sessions: what calls read and wrote, what follows from it, and that a rebuild changes nothing."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import Any

import neo4j
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_graph import RelationalLineaDB
from lineage_graph.graph.derivation import derive
from lineage_graph.importers.lineapy import import_lineapy
from lineage_graph.lineage import Lineage
from lineage_graph.store import writer
from lineage_graph.store.connection import Store
from lineage_graph.store.rebuild import rebuild
from lineage_graph.types import Artifact, CallNode, Execution, LookupNode, PositionalArgument
from tests.conftest import EXAMPLE_DATABASE
from tests.lineage.recorded import Program, derived, expected_from, forget, record, write_session
from tests.lineage.worlds import ladder
from tests.support.known_sessions import whole_graph, wipe
from tests.support.records import NOW

# Edges that follow from those of calls.
BETWEEN = ("DERIVED_FROM", "USED", "USED_DATA", "INFORMED_BY", "OF_LIBRARY")


# How many random sets of sessions are recorded.
EXAMPLES = 500 if os.environ.get("LINEAGE_GRAPH_PARITY") == "long" else 8


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_commits_in_any_order_derive_what_a_rebuild_derives(
    seed: int, db: RelationalLineaDB, store: Store, driver: neo4j.Driver
) -> None:
    db.unit_of_work.rollback()
    wipe(driver)
    has_deleted = record(db, Random(seed))
    kept = derived(driver)
    assert {edge[:3] for edge in kept if edge[0] in BETWEEN} == expected_from(driver)
    assert set(rebuild(store).values()) <= {0}
    assert derived(driver) == kept
    forget(driver, with_reads=not has_deleted)
    rebuild(store)
    assert derived(driver) == kept


@pytest.fixture
def examples(db: RelationalLineaDB) -> None:
    import_lineapy(str(EXAMPLE_DATABASE), db)


@pytest.mark.usefixtures("examples")
def test_the_examples_are_connected(driver: neo4j.Driver) -> None:
    def pairs(statement: str) -> list[tuple[Any, ...]]:
        rows, _, _ = driver.execute_query(statement)
        return sorted(tuple(row.values()) for row in rows)

    assert pairs(
        "MATCH (call)-[r:READS_ARTIFACT]->(a) "
        "RETURN call.name AS call, a.name AS name, a.version AS version, r.certainty AS c"
    ) == [
        ('lineapy.get("classifier", 0)', "classifier", 0, "exact"),
        ('lineapy.get("classifier_in_use")', "classifier_in_use", 0, "inferred"),
        ('lineapy.get("measurements")', "measurements", 1, "inferred"),
        ('lineapy.get("measurements")', "measurements", 1, "inferred"),
        ('lineapy.get("measurements")', "measurements", 1, "inferred"),
    ]
    assert pairs("MATCH (call)-[r:READS|WRITES]->(d:Dataset) RETURN d.uri AS uri, type(r) AS type") == [
        ("file:///home/ada/wine/confusion.png", "WRITES"),
        ("file:///home/ada/wine/digits.png", "READS"),
        ("file:///home/ada/wine/digits.png", "WRITES"),
        ("file:///home/ada/wine/measurements.csv", "READS"),
        ("file:///home/ada/wine/measurements.csv", "WRITES"),
    ]
    assert pairs("MATCH (a)-[r:READ_FROM]->(b) RETURN r.certainty AS c, r.uri AS uri") == [
        ("exact", "file:///home/ada/wine/digits.png"),
        ("exact", "file:///home/ada/wine/measurements.csv"),
    ]
    assert len(pairs("MATCH (a:Session)-[:INFORMED_BY]->(b:Session) RETURN a.id AS a, b.id AS b")) == 4


@pytest.mark.usefixtures("examples")
def test_a_rebuild_changes_nothing_after_an_import(store: Store, driver: neo4j.Driver) -> None:
    before = whole_graph(driver)
    assert set(rebuild(store).values()) == {0}
    assert whole_graph(driver) == before
    forget(driver, with_reads=True)
    assert rebuild(store)["DERIVED_FROM"] > 20
    assert whole_graph(driver) == before


@pytest.mark.usefixtures("examples")
def test_a_rebuild_deletes_what_does_not_follow(store: Store, driver: neo4j.Driver) -> None:
    before = whole_graph(driver)
    driver.execute_query(
        "MATCH (a:Artifact {name: 'measurements', version: 0}), (b:Artifact {name: 'classifier', version: 0}) "
        "MATCH (c:CallNode)-[:WRITES]->(:Dataset) WITH a, b, c LIMIT 1 MATCH (s:Session)-[:INFORMED_BY]->(t:Session) "
        "WITH a, b, c, s, t LIMIT 1 "
        "CREATE (a)-[:DERIVED_FROM]->(b), (t)-[:INFORMED_BY]->(s), (t)-[:USED]->(b), "
        "(c)-[:READS]->(d:Dataset {uri: 'file:///nothing', name: 'nothing'}), (t)-[:USED_DATA]->(d)"
    )
    assert rebuild(store)["deleted"] == 5
    assert whole_graph(driver) == before


@pytest.mark.usefixtures("examples")
def test_what_made_the_classifier_across_sessions(db: RelationalLineaDB) -> None:
    with Lineage(db) as lineage:
        upstream = lineage.upstream("classifier_in_use", level="artifact")
        names = {(item.name, item.version) for item in upstream if item.kind == "artifact"}
        assert names == {("measurements", 0), ("measurements", 1), ("classifier", 0), ("classifier", 1)}
        why = lineage.why("classifier_in_use", "artifact:measurements@0")
        assert why
        steps = why.explanations[0].steps
        assert {step.item.file for step in steps if step.item.file} == {"train.py", "prepare.py"}
        assert all(step.item.code and step.item.line for step in steps if step.item.kind == "node")


@pytest.mark.usefixtures("examples")
def test_a_deleted_version_is_not_replaced_by_a_guess(
    db: RelationalLineaDB, store: Store, driver: neo4j.Driver
) -> None:
    db.delete_artifact_by_name("measurements", 1)
    db.commit()
    assert set(rebuild(store).values()) == {0}
    rows, _, _ = driver.execute_query("MATCH (:CallNode)-[:READS_ARTIFACT]->(a) RETURN DISTINCT a.name AS name")
    assert {row["name"] for row in rows} == {"classifier", "classifier_in_use"}


def test_a_ladder_of_5000_diamonds_is_committed(db: RelationalLineaDB, store: Store, driver: neo4j.Driver) -> None:
    """What its first node needs comes last: a call that reads a file."""
    ladder(5_000).write(driver)
    driver.execute_query(
        "MATCH (n:Node {id: '0'}) "
        "CREATE (n)-[:POSITIONAL_ARG {index: 0, starred: false}]->(:MissingNode {id: 'reader'})"
    )
    program = Program("s0")
    file = program.literal("x")
    for node in program.nodes:
        db.write_node(node)
    db.write_node(LookupNode(id="open", session_id="s0", name="open"))
    db.write_node(
        CallNode(id="reader", session_id="s0", function_id="open", positional_args=[PositionalArgument(id=file)])
    )
    db.commit()
    db.write_execution(Execution(id="any", timestamp=NOW))
    db.write_artifact(Artifact(node_id="15000", execution_id="any", date_created=NOW, name="again", version=0))
    db.commit()
    rows, _, _ = driver.execute_query(
        "MATCH (a:Artifact)-[:DERIVED_FROM]->(d:Dataset) RETURN a.name AS name, d.uri AS uri ORDER BY name"
    )
    assert [row.values() for row in rows] == [["a0", "file:///w/x"], ["again", "file:///w/x"]]
    assert set(rebuild(store).values()) == {0}


def test_what_needs_a_node_that_is_saved_later_gets_one_input_more(
    db: RelationalLineaDB, store: Store, driver: neo4j.Driver
) -> None:
    """It keeps those that it has: an artifact, and a file."""
    program = Program("s")
    early = program.named("open", program.literal("x"))
    middle = program.named("f", early)
    late = program.named("g", middle)
    db.write_execution(Execution(id="any", timestamp=NOW))
    write_session(db, "s", 0)
    for node in program.nodes:
        db.write_node(node)
    db.commit()
    for name, saved in (("late", late), ("middle", middle), ("early", early)):
        db.write_artifact(Artifact(node_id=saved, execution_id="any", date_created=NOW, name=name, version=0))
        db.commit()
    rows, _, _ = driver.execute_query(
        "MATCH (a:Artifact)-[:DERIVED_FROM]->(b) RETURN a.name AS name, collect(coalesce(b.name, b.uri)) AS inputs"
    )
    assert {row["name"]: sorted(row["inputs"]) for row in rows} == {
        "late": ["early", "middle", "x"],
        "middle": ["early", "x"],
        "early": ["x"],
    }
    assert set(rebuild(store).values()) == {0}


def test_two_that_commit_at_once_see_each_other(
    db: RelationalLineaDB,
    other: RelationalLineaDB,
    store: Store,
    driver: neo4j.Driver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each has derived all of its own before either commits, unless the later one waits for the earlier."""
    first, second = Program("early"), Program("late")
    made = first.named("f")
    second.call(second.attribute(second.module("lineapy"), "get"), second.literal("a"))
    db.write_execution(Execution(id="any", timestamp=NOW))
    for number, program in enumerate((first, second)):
        write_session(db, program.session, number)
    db.commit()
    barrier = threading.Barrier(2)

    def derive_both(*arguments: Any) -> None:
        derive(*arguments)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(0.5)

    monkeypatch.setattr(writer, "derive", derive_both)
    for node in first.nodes:
        db.write_node(node)
    db.write_artifact(Artifact(node_id=made, execution_id="any", date_created=NOW, name="a", version=0))
    for node in second.nodes:
        other.write_node(node)
    with ThreadPoolExecutor() as pool:
        for committed in [pool.submit(db.unit_of_work.commit), pool.submit(other.unit_of_work.commit)]:
            committed.result()
    assert "READS_ARTIFACT" in {row[0] for row in derived(driver)}
    assert set(rebuild(store).values()) == {0}


def test_what_was_handed_out_is_what_was_read(db: RelationalLineaDB, store: Store, driver: neo4j.Driver) -> None:
    program = Program("s")
    made = program.named("f")
    got = program.call(program.attribute(program.module("lineapy"), "get"), program.literal("a"))
    db.write_execution(Execution(id="any", timestamp=NOW))
    write_session(db, "s", 0)
    for node in program.nodes:
        db.write_node(node)
    # The second comes while the call runs, which was handed the first.
    for version in (0, 1):
        db.save_as_next_version(made, "any", "a")
        if version == 0:
            handed_out = db.get_artifactorm_by_name("a")
    assert handed_out.id is not None
    db.write_artifact_read(got, handed_out.id)
    db.commit()
    assert {row for row in derived(driver) if row[0] in ("READS_ARTIFACT", got)} == {
        ("READS_ARTIFACT", got, f"artifact {handed_out.id}", ("certainty", "exact")),
        (got, None, None, "recorded"),
    }
    assert set(rebuild(store).values()) == {0}
    db.delete_artifact_by_name("a", 0)
    db.commit()
    assert not {row for row in derived(driver) if row[0] == "READS_ARTIFACT"}
    assert set(rebuild(store).values()) == {0}


def test_a_version_that_is_given_again_has_no_reader(db: RelationalLineaDB, driver: neo4j.Driver) -> None:
    program = Program("s")
    made = program.named("f")
    program.call(program.attribute(program.module("lineapy"), "get"), program.literal("a"), program.literal(0))
    db.write_execution(Execution(id="any", timestamp=NOW))
    write_session(db, "s", 0)
    for node in program.nodes:
        db.write_node(node)
    db.save_as_next_version(made, "any", "a")
    assert [row[0] for row in derived(driver)].count("READS_ARTIFACT") == 1
    db.delete_artifact_by_name("a", 0)
    assert db.save_as_next_version(made, "any", "a") == 0
    assert [row[0] for row in derived(driver)].count("READS_ARTIFACT") == 0
