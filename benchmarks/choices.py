"""Measures each choice in the store, compared with its alternatives, in turns on one server.

Run it as ``make bench``. docs/explanation/performance.md names the choices and what followed from
the figures.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import neo4j

from benchmarks.report import duration, machine, write_section
from benchmarks.store import DATA, Worker, ratio, start_server
from benchmarks.workload import make_session, writes
from lineage_graph import RelationalLineaDB, types
from lineage_graph.graph.statements import Query
from lineage_graph.store import reader
from lineage_graph.store import writer as graph_writer
from lineage_graph.store.connection import Store
from lineage_graph.store.writer import GraphWriter

SIZE = 10_000
CHANCE = random.Random(1)  # noqa: S311

Way = Callable[[RelationalLineaDB], AbstractContextManager[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/explanation/performance.md")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        _, url = start_server(stack, folder / "server")
        database = RelationalLineaDB(url)
        stack.callback(database.close)
        for number in range(12):
            write(database, -1 - number)
        tables = [
            table("write and commit 10,000 nodes", in_turns(database, WRITING, write, arguments.rounds)),
            table("the same, and its plans", in_turns(database, PLANNING, write, arguments.rounds)),
            table("read 10,000 nodes of a session", in_turns(database, READING, read, arguments.rounds)),
            table("one node by id, cold", in_turns(database, LOOKING_UP, look_up, arguments.rounds)),
        ]
        for work, taken in extension(stack, folder, arguments.rounds).items():
            tables.append(table(f"{work} 10,000 nodes", taken))
    text = "\n\n".join(tables)
    print(text)
    if arguments.write:
        write_section("choices", f"{machine()}; medians of {arguments.rounds} rounds.\n\n{text}")


def write(database: RelationalLineaDB, number: int) -> float:
    """Seconds to write and commit a session."""
    calls = writes(make_session(number, SIZE), types, named=False)
    before = time.perf_counter()
    for method, arguments in calls:
        getattr(database, method)(*arguments)
    database.commit()
    return time.perf_counter() - before


def read(database: RelationalLineaDB, _: int) -> float:
    """Seconds to read one, whole."""
    database._client.cache.clear()
    session_id = make_session(-1, SIZE).id
    before = time.perf_counter()
    database.get_nodes_for_session(types.LineaID(session_id))
    return time.perf_counter() - before


def look_up(database: RelationalLineaDB, _: int) -> float:
    """Seconds to look up one node."""
    ids = [types.LineaID(node["id"]) for node in make_session(-1, SIZE).nodes[::200]]
    database._client.cache.clear()
    before = time.perf_counter()
    for id_ in ids:
        database.get_node_by_id(id_)
    return (time.perf_counter() - before) / len(ids)


def in_turns(
    database: RelationalLineaDB, ways: dict[str, Way], work: Callable[[RelationalLineaDB, int], float], rounds: int
) -> dict[str, list[float]]:
    """Seconds of each round, for each way of doing it."""
    taken: dict[str, list[float]] = defaultdict(list)
    number = 0
    # The first two rounds warm up.
    for round_ in range(rounds + 2):
        for name, way in ways.items():
            number += 1
            with way(database):
                seconds = work(database, number + 1_000 * len(ways))
            if round_ > 1:
                taken[name].append(seconds)
            print(f"{name}: {duration(seconds)}", file=sys.stderr, flush=True)
    return taken


def as_it_is(_: RelationalLineaDB) -> AbstractContextManager[None]:
    return nullcontext()


def batches_of(size: int) -> Way:
    """Statements of so many rows."""
    return lambda database: mock.patch.object(database.store.settings, "batch_size", size)


def references_ordered(key: Callable[[Any], Any]) -> Way:
    """The references of a commit by this key, not in the order of writing."""
    write_references = GraphWriter._write_references

    def ordered(self: GraphWriter, references: Any, assigned: Any) -> None:
        write_references(self, sorted(references, key=key), assigned)

    return lambda _: mock.patch.object(GraphWriter, "_write_references", ordered)


@contextmanager
def planned_again(database: RelationalLineaDB) -> Iterator[None]:
    """No plan of a statement is kept from before."""
    database.store.driver.execute_query("CALL db.clearQueryCaches()")
    yield


def changed(query: Query, old: str, new: str) -> Query:
    """A statement with one part of its text replaced."""
    if old not in query.text:
        raise SystemExit(f"{query.name} has no {old!r} any more")
    return dataclasses.replace(query, text=query.text.replace(old, new))


def pages_of(nodes: int) -> Way:
    """A session read in lists of so many nodes."""
    query = changed(reader.GET_NODES_OF_SESSION, "1000", str(nodes))
    return lambda _: mock.patch.object(reader, "GET_NODES_OF_SESSION", query)


def without_conditions(_: RelationalLineaDB) -> AbstractContextManager[Any]:
    """Nodes whose session and source code are taken to be there."""
    statements = {}
    for kind, query in graph_writer.CREATE_NODES.items():
        query = changed(query, "OPTIONAL MATCH", "MATCH")
        for variable, type_ in (("session", "IN_SESSION"), ("source", "FROM_SOURCE")):
            known = f"known IN [known IN [{variable}] WHERE known IS NOT NULL]"
            link = f"CREATE (node)-[:{type_}]->"
            query = changed(query, f"FOREACH ({known} |\n  {link}(known)\n)", f"{link}({variable})")
        statements[kind] = query
    return mock.patch.object(graph_writer, "CREATE_NODES", statements)


def with_the_collector(_: RelationalLineaDB) -> AbstractContextManager[Any]:
    """Python's cyclic collector runs meanwhile."""
    return mock.patch.object(reader, "paused_collector", nullcontext)


def in_managed_transactions(_: RelationalLineaDB) -> AbstractContextManager[Any]:
    """Reads in transactions that the driver begins and commits."""

    def read_(self: Store, query: Query, **parameters: Any) -> list[neo4j.Record]:
        return self.driver.execute_query(query.text, parameters, routing_=neo4j.RoutingControl.READ).records

    return mock.patch.object(Store, "read", read_)


WRITING: dict[str, Way] = {
    "as it is: batches of 10,000 rows, references in the order of writing": as_it_is,
    "batches of 1,000 rows": batches_of(1_000),
    "batches of 3,000 rows": batches_of(3_000),
    "batches of 50,000 rows": batches_of(50_000),
    "references ordered by their ends": references_ordered(lambda reference: reference.end_id),
    "references in any order": references_ordered(lambda _: CHANCE.random()),
    "nodes without the conditions for a missing session or source code": without_conditions,
}
PLANNING: dict[str, Way] = {
    "as it is: plans are kept": as_it_is,
    "every statement planned again": planned_again,
}
READING: dict[str, Way] = {
    "as it is: lists of 1,000 nodes, the collector paused": as_it_is,
    "a row for a node": pages_of(1),
    "lists of 100": pages_of(100),
    "lists of 10,000": pages_of(10_000),
    "the collector running": with_the_collector,
}
LOOKING_UP: dict[str, Way] = {
    "as it is: in a transaction of the server's own making": as_it_is,
    "in a managed transaction": in_managed_transactions,
}


def extension(stack: ExitStack, folder: Path, rounds: int) -> dict[str, dict[str, list[float]]]:
    """The driver's protocol layer compiled, and in Python: writing and reading."""
    taken: dict[str, dict[str, list[float]]] = {work: defaultdict(list) for work in ("write", "read")}
    workers = {}
    for name, backend in (("as it is: with neo4j-rust-ext", "ours"), ("without it", "ours, pure Python")):
        server, url = start_server(stack, folder / backend)
        workers[name] = Worker(Path(sys.executable), backend, url, folder / backend / DATA, server)
        stack.callback(workers[name].close)
    for number in range(rounds + 8):
        for name, worker in workers.items():
            for work in ("write", "read"):
                seconds = worker.ask(work, number, SIZE)["seconds"]
                if number >= 8:
                    taken[work][name].append(seconds)
    return taken


def table(title: str, taken: dict[str, list[float]]) -> str:
    """Markdown: the median of each way, how many times that of the first, and the spread."""
    first = statistics.median(next(iter(taken.values())))
    lines = [f"| {title} | median | | fastest and slowest |", "| --- | ---: | ---: | ---: |"]
    for name, values in taken.items():
        median = statistics.median(values)
        spread = f"{duration(min(values))} to {duration(max(values))}"
        lines.append(f"| {name} | {duration(median)} | {ratio(median / first)} | {spread} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
