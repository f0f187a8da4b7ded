"""A server of the tests' own: killed with -9 in the middle of commits, restarted, out of disk, read-only."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import (
    ArtifactSaveException,
    CommitUnsettled,
    LineageGraphError,
    ServerNotRunning,
)
from tests.support.known_sessions import is_there, write_known
from tests.support.own_server import Configured, kill, url_of
from tests.support.records import literal, write_session

pytestmark = pytest.mark.usefixtures("quick_java")


def test_killed_in_the_middle_of_commits(
    own: Configured,
    rounds: Callable[[int, int], int],
    chance: random.Random,
    say: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "120")
    url = url_of(own.info())
    stop = threading.Event()
    acknowledged: list[str] = []
    raised: list[Exception] = []

    def write(worker: int) -> None:
        db = RelationalLineaDB(url)
        try:
            number = 0
            while not stop.is_set():
                name = f"{worker} {number}"
                write_known(db, name, shared_name="model")
                db.commit()
                acknowledged.append(name)
                number += 1
            db.close()
        except Exception as error:
            raised.append(error)

    writers = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for writer in writers:
        writer.start()
    kills = rounds(2, 25)
    for _ in range(kills):
        before = len(acknowledged)
        deadline = time.monotonic() + 120
        while len(acknowledged) < before + 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.5))
        kill(own.info())
        own.start()
    stop.set()
    for writer in writers:
        writer.join()
    assert raised == []
    db = RelationalLineaDB(url)
    assert all(is_there(db, name) for name in acknowledged)
    artifacts = db.get_all_artifacts()
    assert len(artifacts) == 2 * len(acknowledged)
    assert sorted(a.version for a in artifacts if a.name == "model") == list(range(len(acknowledged)))
    db.close()
    say(f"the server killed {kills} times under 4 writers: {len(acknowledged):,} acknowledged commits, each there once")


def test_killed_under_clients_that_have_no_time(own: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be settled says so, and a later commit settles it, whichever way it went."""
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "0")
    info = own.info()
    db = RelationalLineaDB(url_of(info))
    write_known(db, "first")
    db.commit()
    write_known(db, "second")
    kill(info)
    with pytest.raises(CommitUnsettled, match="commit again"):
        db.commit()
    own.start()
    db.commit()
    db.close()
    reader = RelationalLineaDB(url_of(info))
    assert is_there(reader, "first")
    assert is_there(reader, "second")
    reader.close()


def test_restarted_while_clients_are_idle_then_read_only(own: Configured) -> None:
    url = url_of(own.info())
    db = RelationalLineaDB(url)
    write_known(db, "before")
    db.commit()
    assert is_there(db, "before")
    own.stop()
    settings = own.settings
    own.settings += "server.databases.default_to_read_only=true\n"
    own.start()
    assert is_there(db, "before")
    write_known(db, "refused")
    started = time.monotonic()
    with pytest.raises(ArtifactSaveException, match=r"nothing was stored.*(read-only|read only)"):
        db.commit()
    assert time.monotonic() - started < 30

    own.stop()
    own.settings = settings
    own.start()
    write_known(db, "after")
    db.commit()
    db.close()
    reader = RelationalLineaDB(url)
    assert [is_there(reader, name) for name in ("before", "refused", "after")] == [True, False, True]
    reader.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1,200 MB in memory; where one may not be mounted, the test is skipped."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", "size=1200m", "tmpfs", disk], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no disk may be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Neo4j is set up by default: with its transaction log's space taken in advance, so that it can recover."""
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "5")
    server = Configured(small_disk / "own")
    try:
        url = url_of(server.start())
        db = RelationalLineaDB(url)
        write_known(db, "before")
        db.commit()
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(1 << 20))
        committed: list[str] = []
        session = write_session(db)
        written = 0
        started = time.monotonic()
        with pytest.raises(LineageGraphError) as caught:
            while True:
                write_known(db, f"filling {len(committed)}")
                for _ in range(500):
                    db.write_node(literal(session, "x" * 2_000))
                db.commit()
                committed.append(f"filling {len(committed)}")
                written += 500
        assert time.monotonic() - started < 120
        # Neo4j carries out what is in its log when it starts again, so nothing is said to be refused.
        assert isinstance(caught.value, CommitUnsettled)
        filler.unlink()
        # It may be there still, and need to be restarted.
        with suppress(ServerNotRunning):
            server.stop()
        server.start()
        # A commit that was unsettled is settled, one that was refused is gone.
        db.commit()
        assert is_there(db, "before")
        reader = RelationalLineaDB(url)
        assert len(reader.get_nodes_for_session(session.id)) == written + 500
        assert all(is_there(reader, f"filling {number}") for number in range(len(committed) + 1))
        write_known(db, "after")
        db.commit()
        assert is_there(reader, "after")
        reader.close()
        db.close()
    finally:
        with suppress(ServerNotRunning):
            server.stop(timeout=0)
