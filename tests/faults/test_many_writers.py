"""Many processes that write at once, and share libraries, source code and the names of artifacts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import neo4j

from lineage_graph import RelationalLineaDB
from tests.support.known_sessions import SIZE, is_there, source_of, write_known


def at_once(*words: str | int) -> list[Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.client", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [each["raised"] for each in said if "raised" in each] == []
    return [each["gave"] for each in said]


def test_writers_that_share_everything_lose_and_double_nothing(
    url: str, db: RelationalLineaDB, driver: neo4j.Driver, rounds: Callable[[int, int], int], say: Callable[[str], None]
) -> None:
    processes, sessions = rounds(8, 32), rounds(5, 20)
    source = source_of("shared")
    db.write_source_code(source)
    db.commit()
    assert len(at_once("share", url, processes, sessions)) == processes
    names = [f"{worker} {number}" for worker in range(processes) for number in range(sessions)]
    assert all(is_there(db, name, source) for name in names)

    def count(query: str) -> int:
        return int(driver.execute_query(query).records[0]["count"])

    assert count("MATCH (n:Node) RETURN count(n) AS count") == SIZE * len(names)
    assert count("MATCH (n:Library) RETURN count(n) AS count") == 2
    assert count("MATCH (:ImportNode)-[r]->(:Library) RETURN count(r) AS count") == 2 * len(names)
    assert count("MATCH (n:MissingNode) RETURN count(n) AS count") == 0
    for number in range(3):
        versions = sorted(a.version for a in db.get_all_artifacts() if a.name == f"model {number}")
        assert versions == list(range(processes * len(range(number, sessions, 3))))
    say(f"{processes} processes, {len(names):,} sessions, {SIZE * len(names):,} nodes: none lost, none doubled")


def test_versions_of_one_name_are_contiguous(
    url: str, db: RelationalLineaDB, rounds: Callable[[int, int], int], say: Callable[[str], None]
) -> None:
    processes, versions = rounds(16, 64), rounds(3, 10)
    write_known(db, "base")
    db.commit()
    gave = at_once("save", url, processes, versions)
    assert sorted(version for each in gave for version in each) == list(range(processes * versions))
    assert all(each == sorted(each) for each in gave)
    assert sorted(a.version for a in db.get_all_artifacts() if a.name == "model") == list(range(processes * versions))
    say(f"{processes} processes saved {processes * versions:,} versions of one name: contiguous")
