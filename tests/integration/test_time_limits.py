"""How long a transaction may last: nobody waits without end for somebody else, and what was written is kept."""

from __future__ import annotations

import time

import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import CommitUnsettled, DatabaseError
from lineage_graph.graph.statements import Query
from tests.support.records import artifact, literal, write_session

pytestmark = pytest.mark.every_version


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_TRANSACTION_TIMEOUT", "1")
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "30")


def write_version(db: RelationalLineaDB, version: int) -> None:
    session = write_session(db)
    node = literal(session)
    db.write_node(node)
    db.write_artifact(artifact(session, node.id, "model", version))


def test_who_idles_with_an_open_transaction_holds_nobody_up_and_loses_nothing(url: str) -> None:
    idle, busy = RelationalLineaDB(url), RelationalLineaDB(url)
    write_version(idle, 0)
    # Reading sends what is pending to a transaction that stays open, with the artifact's name locked.
    assert idle.get_latest_artifact_version("model") == 0
    write_version(busy, 1)
    started = time.monotonic()
    busy.commit()
    assert time.monotonic() - started < 25
    assert [a.version for a in busy.get_all_artifacts()] == [1]
    idle.commit()
    assert sorted(a.version for a in busy.get_all_artifacts()) == [0, 1]
    idle.close()
    busy.close()


def test_who_waits_too_long_is_told_and_commits_later(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = RelationalLineaDB(url)
    patient.store.settings.transaction_timeout = 300
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "1")
    hasty = RelationalLineaDB(url)
    write_version(patient, 0)
    assert patient.get_latest_artifact_version("model") == 0
    write_version(hasty, 1)
    started = time.monotonic()
    with pytest.raises(CommitUnsettled, match="commit again"):
        hasty.commit()
    assert time.monotonic() - started < 25
    patient.commit()
    hasty.commit()
    assert sorted(a.version for a in patient.get_all_artifacts()) == [0, 1]
    patient.close()
    hasty.close()


def test_a_transaction_that_cannot_be_sent_again_has_no_limit(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_PENDING_LIMIT", "10")
    db = RelationalLineaDB(url)
    session = write_session(db)
    nodes = [literal(session, number) for number in range(30)]
    for node in nodes[:5]:
        db.write_node(node)
    # One with a limit is open already.
    assert len(db.get_nodes_for_session(session.id)) == 5
    for node in nodes[5:25]:
        db.write_node(node)
    time.sleep(4)
    for node in nodes[25:]:
        db.write_node(node)
    db.commit()
    assert db.get_nodes_for_session(session.id) == nodes
    db.close()


def test_a_read_that_takes_too_long_is_ended(db: RelationalLineaDB) -> None:
    endless = Query(
        "endless", "Takes for ever.", "", {}, {}, {}, "UNWIND range(1, 10000000000) AS i RETURN max(sin(i)) AS most"
    )
    started = time.monotonic()
    with pytest.raises(DatabaseError, match="terminated"):
        db.store.read(endless)
    assert time.monotonic() - started < 20
