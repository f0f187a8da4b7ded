"""Clients killed with -9 at random moments: while they write, import, and send what waited on disk."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from tests.conftest import EXAMPLE_DATABASE
from tests.support.known_sessions import is_there, whole_graph, wipe, write_known
from tests.support.proxy import Proxy


def test_killed_while_it_writes(
    url: str,
    db: RelationalLineaDB,
    rounds: Callable[[int, int], int],
    chance: random.Random,
    say: Callable[[str], None],
) -> None:
    count, acknowledged, unknown = rounds(4, 100), 0, 0
    for number in range(count):
        client = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.client", "commit", url, f"{number}"], stdout=subprocess.PIPE, text=True
        )
        assert client.stdout is not None
        names = [client.stdout.readline().strip()]
        time.sleep(chance.uniform(0, 0.4))
        client.kill()
        names += client.stdout.read().split("\n")[:-1]
        client.wait()
        client.stdout.close()
        for name in names:
            assert is_there(db, name)
        acknowledged += len(names)
        # It may have happened, but the client did not live to say so. The server ends what it left open first.
        unknown += is_there(db, f"{number} {len(names)}")
        assert not is_there(db, f"{number} {len(names) + 1}")
    versions = sorted(a.version for a in db.get_all_artifacts() if a.name == "model")
    assert versions == list(range(acknowledged + unknown))
    say(
        f"{count} clients killed while writing: {acknowledged:,} acknowledged commits there, {unknown} not acknowledged"
    )


def test_killed_while_it_imports(
    url: str, driver: neo4j.Driver, rounds: Callable[[int, int], int], chance: random.Random, say: Callable[[str], None]
) -> None:
    command = [sys.executable, "-m", "lineage_graph", "import", "lineapy", str(EXAMPLE_DATABASE), "--url", url]
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    needed = time.monotonic() - started
    undisturbed = whole_graph(driver)
    count = rounds(1, 30)
    for _ in range(count):
        wipe(driver)
        for _ in range(3):
            client = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.4, 0.9) * needed)
            client.kill()
            client.wait()
        subprocess.run(command, check=True, capture_output=True)
        assert whole_graph(driver) == undisturbed
    say(f"{3 * count} imports killed and {count} finished: {len(undisturbed):,} nodes and relationships each time")


def test_killed_while_it_sends_what_waited(
    proxied: str,
    proxy: Proxy,
    url: str,
    db: RelationalLineaDB,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rounds: Callable[[int, int], int],
    chance: random.Random,
    say: Callable[[str], None],
) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_OUTBOX", str(tmp_path))
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "0")
    away = RelationalLineaDB(proxied)
    names: list[str] = []
    sent = kills = 0
    for round_ in range(rounds(1, 10)):
        proxy.go_away()
        for number in range(30):
            names.append(f"{round_} {number}")
            write_known(away, names[-1], shared_name="model")
            away.commit()
        while list(tmp_path.glob("*/*.commit")):
            client = subprocess.Popen(
                [sys.executable, "-m", "lineage_graph", "outbox", "replay", "--url", url],
                env=os.environ | {"LINEAGE_GRAPH_OUTBOX": str(tmp_path)},
                stdout=subprocess.DEVNULL,
            )
            before = len(list(tmp_path.glob("*/*.commit")))
            deadline = time.monotonic() + 60
            # From its first commit on, at any moment.
            while len(list(tmp_path.glob("*/*.commit"))) == before and client.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.25))
            client.kill()
            client.wait()
            kills += 1
        sent += 30
        proxy.come_back()
    away.close()
    assert list(tmp_path.glob("*/refused/*")) == []
    assert all(is_there(db, name) for name in names)
    assert sorted(a.version for a in db.get_all_artifacts() if a.name == "model") == list(range(sent))
    say(f"{sent} commits that waited, sent by {kills} processes that were killed: each there once")


def test_killed_while_it_keeps_on_disk(
    proxied: str,
    proxy: Proxy,
    url: str,
    db: RelationalLineaDB,
    tmp_path: Path,
    rounds: Callable[[int, int], int],
    chance: random.Random,
    say: Callable[[str], None],
) -> None:
    """Every commit that returned waits on disk or is stored, though its process was killed."""
    environment = os.environ | {"LINEAGE_GRAPH_OUTBOX": str(tmp_path), "LINEAGE_GRAPH_RETRY_TIMEOUT": "0"}
    kept: list[str] = []
    count = rounds(2, 30)
    for number in range(count):
        client = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.client", "commit", proxied, f"{number}"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert client.stdout is not None
        kept.append(client.stdout.readline().strip())
        time.sleep(chance.uniform(0, 0.1))
        proxy.go_away()
        time.sleep(chance.uniform(0.05, 0.3))
        client.kill()
        kept += client.stdout.read().split("\n")[:-1]
        client.wait()
        client.stdout.close()
        proxy.come_back()
    waited = len(list(tmp_path.glob("*/*.commit")))
    subprocess.run(
        [sys.executable, "-m", "lineage_graph", "outbox", "replay", "--url", url],
        env=environment | {"LINEAGE_GRAPH_RETRY_TIMEOUT": "30"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert all(is_there(db, name) for name in kept)
    versions = sorted(a.version for a in db.get_all_artifacts() if a.name == "model")
    assert versions == list(range(len(versions)))
    assert len(kept) <= len(versions) <= len(kept) + count
    say(f"{count} clients killed without their server: {len(kept):,} commits that returned, {waited:,} from the disk")
