"""Values and the graph that refers to them: kept as long as it does, and no longer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import InvalidRecord, ValueCorrupted
from lineage_graph.store.connection import Store
from lineage_graph.types import LiteralNode, NodeValue, SessionContext
from lineage_graph.values import ValueStore, check_values, collect_garbage
from tests.support.records import NOW, literal, write_session

pytestmark = pytest.mark.every_version

NO_GRACE = timedelta(0)


@pytest.fixture
def values(tmp_path: Path, db: RelationalLineaDB) -> ValueStore:
    values = ValueStore(str(tmp_path / "values"))
    db.values = values
    return values


def write_nodes(db: RelationalLineaDB, count: int) -> tuple[SessionContext, list[LiteralNode]]:
    session = write_session(db)
    nodes = [literal(session, number) for number in range(count)]
    for node in nodes:
        db.write_node(node)
    return session, nodes


def run(*words: str, values: ValueStore, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lineage_graph", "values", *words, "--values", values.url, "--url", url],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )


def test_a_node_s_value_is_kept_and_given_back(
    db: RelationalLineaDB, other: RelationalLineaDB, values: ValueStore
) -> None:
    session, (node, plain) = write_nodes(db, 2)
    location = db.write_value(node.id, session.execution_id, {"accuracy": 0.9})
    assert db.read_value(node.id, session.execution_id) == {"accuracy": 0.9}
    db.commit()
    other.values = values
    assert other.get_node_value_path(node.id, session.execution_id) == location
    assert other.read_value(node.id, session.execution_id) == {"accuracy": 0.9}
    with pytest.raises(ValueError, match="No value saved"):
        other.read_value(plain.id, session.execution_id)


def test_a_shared_value_goes_with_the_last_that_refers_to_it(
    db: RelationalLineaDB, store: Store, values: ValueStore
) -> None:
    session, nodes = write_nodes(db, 2)
    locations = {db.write_value(node.id, session.execution_id, "the same") for node in nodes}
    assert len(locations) == 1
    db.commit()
    for node in nodes:
        assert collect_garbage(store, values, delete=True, grace=NO_GRACE) == []
        assert db.read_value(nodes[-1].id, session.execution_id) == "the same"
        db.delete_node_value_from_db(node.id, session.execution_id)
        db.commit()
    assert [v.location for v in collect_garbage(store, values, grace=NO_GRACE)] == list(locations)
    assert len(list(values)) == 1
    collect_garbage(store, values, delete=True, grace=NO_GRACE)
    assert list(values) == []


def test_a_value_that_is_about_to_be_recorded_survives(db: RelationalLineaDB, store: Store, values: ValueStore) -> None:
    session, (node, _) = write_nodes(db, 2)
    old = values.put("there before")
    (file,) = (path for path in Path(values.url).rglob("*.txt"))
    os.utime(file, (0, 0))
    assert [v.location for v in collect_garbage(store, values)] == [old.location]
    # Another writer puts the same value, and has not committed yet.
    db.write_value(node.id, session.execution_id, "there before")
    assert collect_garbage(store, values, delete=True) == []
    db.commit()
    os.utime(file, (0, 0))
    assert collect_garbage(store, values, delete=True) == []
    assert db.read_value(node.id, session.execution_id) == "there before"


def test_what_killed_writers_left_goes_too(store: Store, values: ValueStore, url: str) -> None:
    values.put("x")
    partial = Path(values.url) / "partial"
    (partial / "old").write_bytes(b"half")
    (partial / "new").write_bytes(b"half")
    os.utime(partial / "old", (0, 0))
    collect_garbage(store, values, delete=True)
    assert [path.name for path in partial.iterdir()] == ["new"]
    assert len(list(values)) == 1


def test_a_check_finds_what_is_wrong(
    db: RelationalLineaDB, store: Store, values: ValueStore, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("lineage_graph.values.audit.BATCH", 2)
    session, nodes = write_nodes(db, 8)
    locations = [db.write_value(node.id, session.execution_id, f"value {i}") for i, node in enumerate(nodes[:6])]
    for node, location in ((nodes[6], "runs:/1/model"), (nodes[7], str(tmp_path / "pre-1-post.pkl"))):
        value = NodeValue(
            node_id=node.id, execution_id=session.execution_id, value=location, start_time=NOW, end_time=NOW
        )
        db.write_node_value(value)
    db.commit()
    unreferenced = values.put("nobody's")
    (tmp_path / "pre-1-post.pkl").write_bytes(b"LineaPy's")
    sound = check_values(store, values)
    assert (sound.checked, sound.elsewhere, sound.missing, sound.corrupted) == (8, 1, [], [])
    assert sound.unreferenced == [unreferenced.location]
    shown = run("check", values=values, url=url)
    assert (shown.returncode, "8 checked" in shown.stdout) == (0, True)

    values.delete(locations[0])
    file = next(Path(values.url).rglob(f"{locations[1].removeprefix('sha256:')}"))
    file.write_bytes(b"value ?")
    (tmp_path / "pre-1-post.pkl").unlink()
    shown = run("check", "--json", values=values, url=url)
    report = json.loads(shown.stdout)
    assert shown.returncode == 1
    assert sorted(report["missing"]) == sorted([locations[0], str(tmp_path / "pre-1-post.pkl")])
    assert report["corrupted"] == [locations[1]]
    with pytest.raises(ValueCorrupted):
        db.read_value(nodes[1].id, session.execution_id)


def test_garbage_is_listed_first_and_deleted_on_request(values: ValueStore, url: str) -> None:
    stored = values.put("nobody's")
    assert "0 values" in run("gc", values=values, url=url).stdout
    listed = run("gc", "--grace-hours", "0", values=values, url=url)
    assert stored.location in listed.stdout
    assert "--delete deletes them" in listed.stdout
    values.check(stored.location)
    deleted = json.loads(run("gc", "--grace-hours", "0", "--delete", "--json", values=values, url=url).stdout)
    assert (deleted["deleted"], deleted["values"][0]["location"]) == (True, stored.location)
    assert list(values) == []


def test_a_location_that_cannot_be_looked_up_is_refused(db: RelationalLineaDB) -> None:
    session, (node, _) = write_nodes(db, 2)
    for location, problem in (("x" * 3000, "3000 characters"), ("", "is empty")):
        value = NodeValue(
            node_id=node.id, execution_id=session.execution_id, value=location, start_time=NOW, end_time=NOW
        )
        with pytest.raises(InvalidRecord, match=problem):
            db.write_node_value(value)


def test_a_relative_folder_means_the_one_in_which_the_store_was_opened(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINEAGE_GRAPH_VALUES_URL", "values")
    db = RelationalLineaDB(url)
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert db.values.url == str(tmp_path / "values")
    db.close()
