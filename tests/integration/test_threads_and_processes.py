"""Threads and processes that share a store: none loses what another wrote, none waits for ever."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

import neo4j
import pytest

from lineage_graph import RelationalLineaDB
from lineage_graph.errors import CommitUnsettled, ConfigurationError, InvalidRecord, PendingElsewhereWarning
from lineage_graph.store import client, connection, unit_of_work
from lineage_graph.store.connection import Store
from lineage_graph.store.gc_pause import paused_collector
from tests.support.records import artifact, literal, write_session


def in_threads(count: int, work: Callable[[int], object]) -> list[BaseException]:
    """Run some work in so many threads at once, and give what they raised."""
    errors: list[BaseException] = []
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_more_threads_than_connections_commit_artifacts_at_once(
    url: str, other: RelationalLineaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each needs ids of a sequence: one that took them while it held a connection would wait for another for ever."""
    connections, threads = 5, 60
    monkeypatch.setattr(connection, "ID_BLOCK", 1)
    connect = neo4j.GraphDatabase.driver
    monkeypatch.setattr(neo4j.GraphDatabase, "driver", partial(connect, max_connection_pool_size=connections))
    db = RelationalLineaDB(url)
    session = write_session(db)
    db.commit()

    def save(number: int) -> None:
        node = literal(session, number)
        db.write_node(node)
        # Now its transaction is open, and an artifact follows.
        if number % 2 == 0:
            assert db.get_node_by_id(node.id) == node
        db.write_artifact(artifact(session, node.id, f"model {number % 7}", number))
        db.commit()

    assert in_threads(threads, save) == []
    assert sorted(a.version for a in other.get_all_artifacts()) == list(range(threads))
    assert len({a.id for a in other.get_all_artifacts()}) == threads
    db.close()


def test_a_pool_without_a_free_connection_is_waited_for_not_taken_for_a_refusal(
    url: str, driver: neo4j.Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEAGE_GRAPH_RETRY_TIMEOUT", "0")
    db = RelationalLineaDB(url)
    session = write_session(db)

    def no_connection(*_: object, **__: object) -> None:
        raise neo4j.exceptions.ConnectionAcquisitionTimeoutError("none in time")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "session", no_connection)
        with pytest.raises(CommitUnsettled, match=r"in use for too long.*commit again"):
            db.commit()
    db.commit()
    assert db.get_session_context(session.id) == session
    db.close()


def test_ids_are_taken_before_the_transaction_opens(db: RelationalLineaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    session = write_session(db)
    take, opened = Store.take_ids, unit_of_work._Attempt
    open_now: list[int] = []

    class Counted(opened):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: object) -> None:
            open_now.append(1)
            super().__init__(*arguments)

        def close(self) -> None:
            super().close()
            open_now.clear()

    def take_ids(*arguments: object, **options: object) -> range:
        assert open_now == []
        return take(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(unit_of_work, "_Attempt", Counted)
    monkeypatch.setattr(Store, "take_ids", take_ids)
    for version in range(50):
        node = literal(session, version)
        db.write_node(node)
        assert db.get_node_by_id(node.id) == node
        db.write_artifact(artifact(session, node.id, version=version))
    db.commit()
    assert [a.version for a in db.get_all_artifacts()] == list(range(50))


def test_a_commit_on_another_thread_warns_that_it_commits_nothing(db: RelationalLineaDB) -> None:
    session = write_session(db)
    with ThreadPoolExecutor(1) as pool, pytest.warns(PendingElsewhereWarning, match=r"1 other thread has.*transaction"):
        pool.submit(db.commit).result()
    db.commit()
    assert db.get_session_context(session.id) == session
    with ThreadPoolExecutor(1) as pool, warnings.catch_warnings():
        warnings.simplefilter("error")
        pool.submit(db.commit).result()


def test_a_transaction_moves_between_threads(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    db.commit()
    outside = literal(session, "outside")
    db.write_node(outside)

    async def work() -> list[str]:
        ids = []
        with db.transaction() as transaction:
            for number in range(3):
                node = literal(session, number)
                await asyncio.to_thread(transaction.write_node, node)
                assert await asyncio.to_thread(transaction.get_node_by_id, node.id) == node
                ids.append(node.id)
            assert other.get_nodes_for_session(session.id) == []
            await asyncio.to_thread(transaction.commit)
            last = literal(session, "last")
            transaction.write_node(last)
        return [*ids, last.id]

    written = asyncio.run(work())
    assert [node.id for node in other.get_nodes_for_session(session.id)] == written
    db.commit()
    assert {node.id for node in other.get_nodes_for_session(session.id)} == {*written, outside.id}


def test_threads_share_a_transaction(db: RelationalLineaDB, other: RelationalLineaDB) -> None:
    session = write_session(db)
    db.commit()
    with db.transaction() as transaction:

        def write(number: int) -> None:
            for _ in range(5):
                node = literal(session, number)
                transaction.write_node(node)
                assert transaction.get_node_by_id(node.id) == node

        assert in_threads(8, write) == []
    assert len(other.get_nodes_for_session(session.id)) == 40


def test_an_error_drops_a_transaction_and_leaves_what_is_pending_outside(
    db: RelationalLineaDB, other: RelationalLineaDB
) -> None:
    session = write_session(db)
    with pytest.raises(ZeroDivisionError), db.transaction() as transaction:
        transaction.write_node(literal(session, "dropped"))
        raise ZeroDivisionError
    with pytest.raises(InvalidRecord), db.transaction() as transaction:
        transaction.write_artifact(artifact(session, "missing"))
    kept = literal(session, "kept")
    db.write_node(kept)
    db.commit()
    assert other.get_nodes_for_session(session.id) == [kept]


def test_a_transaction_whose_outcome_is_unknown_is_settled_later(
    db: RelationalLineaDB, other: RelationalLineaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = write_session(db)
    db.commit()
    node = literal(session)
    monkeypatch.setattr(db.store.settings, "retry_timeout", 0)

    def gone(*_: object) -> None:
        raise neo4j.exceptions.ServiceUnavailable("gone")

    with monkeypatch.context() as patched, pytest.raises(CommitUnsettled), db.transaction() as transaction:
        transaction.write_node(node)
        patched.setattr(unit_of_work._Attempt, "commit", gone)
    assert other.get_nodes_for_session(session.id) == []
    db.close()
    assert other.get_nodes_for_session(session.id) == [node]


def write_and_leave(url: str, session_id: str, number: int) -> None:
    db = RelationalLineaDB(url)
    db.write_node(literal(type("S", (), {"id": session_id}), number))  # type: ignore[arg-type]


def fork_and_leave(db: RelationalLineaDB, session_id: str, number: int) -> None:
    db.write_node(literal(type("S", (), {"id": session_id}), number))  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_what_a_child_of_multiprocessing_leaves_pending_is_committed(
    url: str, db: RelationalLineaDB, other: RelationalLineaDB
) -> None:
    session = write_session(db)
    db.commit()
    spawn, fork = multiprocessing.get_context("spawn"), multiprocessing.get_context("fork")
    children: list[multiprocessing.process.BaseProcess] = [
        spawn.Process(target=write_and_leave, args=(url, session.id, 0)),
        *(fork.Process(target=fork_and_leave, args=(db, session.id, number)) for number in (1, 2)),
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0, 0]
    with ProcessPoolExecutor(2, mp_context=fork) as pool:
        futures = [pool.submit(write_and_leave, url, session.id, number) for number in range(3, 9)]
        assert [future.exception() for future in futures] == [None] * 6
    values = {node.value for node in other.get_nodes_for_session(session.id)}  # type: ignore[union-attr]
    assert values == set(range(9))


def test_a_process_that_was_forked_while_others_used_the_store_works(url: str) -> None:
    """A lock that another thread held at the fork would never be released in the child."""
    program = """
import os, sys, threading
from lineage_graph import RelationalLineaDB
from tests.support.records import literal, write_session

db = RelationalLineaDB(sys.argv[1])
session = write_session(db)
db.commit()
ended = threading.Event()

def use() -> None:
    while not ended.is_set():
        db._client.close()
        db.get_nodes_for_session(session.id)

threads = [threading.Thread(target=use) for _ in range(3)]
[thread.start() for thread in threads]
statuses = []
for _ in range(10):
    child = os.fork()
    if not child:
        db.write_node(literal(session))
        db.commit()
        os._exit(0)
    statuses.append(os.waitpid(child, 0)[1])
ended.set()
[thread.join() for thread in threads]
print(statuses, len(db.get_nodes_for_session(session.id)))
"""
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, url], check=True, capture_output=True, text=True, timeout=120
    )
    assert ended.stdout == f"{[0] * 10} 10\n", ended.stderr


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_transaction_is_refused_in_a_forked_process(db: RelationalLineaDB) -> None:
    with db.transaction() as transaction:
        receiver, sender = multiprocessing.Pipe(duplex=False)
        child = os.fork()
        if not child:
            try:
                transaction.get_all_artifacts()
            except ConfigurationError as error:
                sender.send(str(error))
            os._exit(0)
        os.waitpid(child, 0)
        assert "forked" in receiver.recv()


def test_the_garbage_collector_runs_again_whoever_paused_it_last() -> None:
    assert gc.isenabled()
    first, second = paused_collector(), paused_collector()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()
    gc.disable()
    try:
        with paused_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_threads_that_use_a_closed_store_open_one(db: RelationalLineaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Store] = []

    class Counted(Store):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            opened.append(self)

    monkeypatch.setattr(client, "Store", Counted)
    db.close()
    assert in_threads(16, lambda _: db.get_all_artifacts()) == []
    assert len(opened) == 1


def test_threads_that_forget_the_same_ended_threads(db: RelationalLineaDB) -> None:
    session = write_session(db)
    db.commit()
    for _ in range(5):
        # Those of the round before are forgotten by all of these at once.
        assert in_threads(20, lambda number: db.get_session_context(session.id)) == []
        assert in_threads(20, lambda number: db.write_node(literal(session, number))) == []
    db.close()
    assert len(db.get_nodes_for_session(session.id)) == 100
