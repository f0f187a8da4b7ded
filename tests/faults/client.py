"""What the tests start as processes of their own, to kill them or to run many at once.

python -m tests.faults.client commit URL PREFIX         commits sessions for ever; prints each name once it is stored
python -m tests.faults.client share URL COUNT SESSIONS  COUNT processes write SESSIONS sessions each, which share things
python -m tests.faults.client save URL COUNT VERSIONS   COUNT processes save VERSIONS versions each of one name
python -m tests.faults.client once URL NAME             commits one session
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import sys
import traceback
from collections.abc import Callable
from typing import Any

from lineage_graph import RelationalLineaDB
from tests.support.known_sessions import source_of, write_known


def commit(url: str, prefix: str) -> None:
    db = RelationalLineaDB(url)
    for number in itertools.count():
        name = f"{prefix} {number}"
        write_known(db, name, shared_name="model")
        db.commit()
        print(name, flush=True)


def once(url: str, name: str) -> None:
    db = RelationalLineaDB(url)
    write_known(db, name)
    db.commit()
    db.close()


def share(url: str, count: int, sessions: int) -> None:
    source = source_of("shared")

    def work(worker: int, start: Any) -> list[int]:
        db = RelationalLineaDB(url)
        start.wait()
        for number in range(sessions):
            write_known(db, f"{worker} {number}", shared_name=f"model {number % 3}", source=source)
            db.commit()
        db.close()
        return []

    _at_once(count, work)


def save(url: str, count: int, versions: int) -> None:
    def work(_: int, start: Any) -> list[int]:
        db = RelationalLineaDB(url)
        start.wait()
        given = [db.save_as_next_version("base result", "base execution", "model") for _ in range(versions)]
        db.close()
        return given

    _at_once(count, work)


def _at_once(count: int, work: Callable[[int, Any], list[int]]) -> None:
    """Run in so many processes, and print what each gave or raised, as a line of JSON each."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    start = context.Barrier(count)

    def run(worker: int) -> None:
        try:
            results.put({"gave": work(worker, start)})
        except BaseException:
            start.abort()
            results.put({"raised": traceback.format_exc()})

    processes = [context.Process(target=run, args=(worker,)) for worker in range(count)]
    for process in processes:
        process.start()
    for _ in processes:
        print(json.dumps(results.get()), flush=True)
    for process in processes:
        process.join()


if __name__ == "__main__":
    what, url, *rest = sys.argv[1:]
    programs: dict[str, Any] = {"commit": commit, "once": once, "share": share, "save": save}
    programs[what](url, *(int(word) if what in ("share", "save") else word for word in rest))
