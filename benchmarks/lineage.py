"""Questions about lineage, compared with hand-written Cypher, recursive SQL, networkx and LineaPy, in one run.

Run it as ``make bench``. Each size has servers of its own in a temporary folder, with 1,000 sessions that each read
what the one before saved. All take turns at each question, and must find the same number of things.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.chains import Chain, write
from benchmarks.report import REPOSITORY, duration, machine, write_section
from benchmarks.rivals import MANY, Cypher, Networkx, Ours, Sql, postgres_tables, sqlite
from benchmarks.store import LINEAPY_PYTHON, start_server
from lineage_graph.store.connection import Store
from tests.support.lineapy_sources import postgres, postgres_folder

OURS = "ours"
SESSIONS = 1_000
DEPTHS = (1, 10, 100, 999)
HOPS = (1, 2, 3, 5)
COUNTED = "operations upstream, all, counted"
# Java compiles what it runs often: each is asked so often before it is measured, or for so many seconds.
WARM_UP, WARM_UP_BUDGET = 100, 3.0
# A question to which one of them has spent so many seconds is not asked of it again.
BUDGET = 10.0

# By question: who answers it, and how. Each gives how many things it found.
Works = dict[str, dict[str, Callable[[], int]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="nodes in the store")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--code", type=int, default=10_000, help="nodes of LineaPy's session; 0 leaves LineaPy out")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/explanation/performance.md")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    texts = []
    for size in arguments.sizes:
        texts.append(compare(Chain(SESSIONS, size // SESSIONS), arguments.rounds))
        print(texts[-1], flush=True)
    if arguments.code:
        texts.append(compare_code(arguments.code, arguments.rounds))
        print(texts[-1], flush=True)
    if arguments.write:
        text = "\n\n".join(texts)
        write_section("lineage", f"{machine()}; {arguments.rounds} rounds, medians.\n\n{text}")


def compare(chain: Chain, rounds: int) -> str:
    """Ask everything of everyone about a chain: the table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        _, url = start_server(stack, folder / "neo4j")
        store = Store(url)
        stack.callback(store.close)
        before = time.perf_counter()
        write(store.driver, chain)
        print(f"{chain.nodes:,} nodes written in {duration(time.perf_counter() - before)}", flush=True)
        ours = Ours(url)
        stack.callback(ours.close)
        programs = postgres_folder()
        sql: dict[str, Sql] = {}
        if programs is not None:
            (folder / "postgres").mkdir()
            sql["PostgreSQL"] = postgres_tables(stack.enter_context(postgres(folder / "postgres", programs)), chain)
        sql["SQLite"] = sqlite(folder / "edges.sqlite", chain)
        networkx = Networkx(chain)
        works = questions(chain, ours, Cypher(store), sql, networkx)
        names = [OURS, "Cypher", *sql, "networkx"]
        results = {name: measure(name, work, rounds) for name, work in works.items()}
        return table(chain, networkx.edges_upstream(chain.last), names, results)


def questions(chain: Chain, ours: Ours, cypher: Cypher, sql: dict[str, Sql], networkx: Networkx) -> Works:
    """All questions about a chain."""
    others: dict[str, Cypher | Sql | Networkx] = {"Cypher": cypher, **sql, "networkx": networkx}
    every: dict[str, Ours | Cypher | Sql | Networkx] = {OURS: ours, **others}
    works: Works = {}
    for depth in DEPTHS:
        for upstream in (True, False):
            start = depth if upstream else chain.sessions - 1 - depth
            name = f"artifacts {'upstream' if upstream else 'downstream'}, {depth:,} back"
            works[name] = {who: partial(each.artifacts, start, upstream) for who, each in every.items()}
    for hops in HOPS:
        name = f"operations upstream, {hops} hops"
        works[name] = {who: partial(each.hops, chain.last, hops) for who, each in every.items()}
    for limit, name in ((1_000, "the nearest 1,000"), (MANY, f"all hops, {MANY:,} at most")):
        name = f"operations upstream, {name}"
        works[name] = {who: partial(each.nearest, chain.last, limit) for who, each in every.items()}
    works[COUNTED] = {who: partial(each.counted, chain.last) for who, each in others.items()}
    # Plain SQL would keep each operation with each of its distances: it does not end.
    searching: dict[str, Ours | Cypher | Networkx] = {OURS: ours, "Cypher": cypher, "networkx": networkx}
    for sessions in (10, chain.sessions):
        end = f"{chain.sessions - sessions}/0"
        name = f"why: a shortest path through {sessions:,} sessions"
        works[name] = {who: partial(each.why, chain.last, end) for who, each in searching.items()}
    works["impact of the first artifact, with the plan"] = {OURS: partial(ours.impact, 0)}
    return works


def measure(question: str, work: dict[str, Callable[[], int]], rounds: int) -> tuple[int, dict[str, float]]:
    """Ask one question in turns: how many things there are, and the median seconds of each, warm."""
    found: dict[str, int] = {}
    for who, ask in work.items():
        before = time.perf_counter()
        for _ in range(WARM_UP):
            found[who] = ask()
            if time.perf_counter() - before > WARM_UP_BUDGET:
                break
    if len(set(found.values())) > 1:
        raise SystemExit(f"{question}: the answers differ: {found}")
    taken: dict[str, list[float]] = {who: [] for who in work}
    for _ in range(rounds):
        for who, ask in work.items():
            if sum(taken[who]) < BUDGET:
                before = time.perf_counter()
                ask()
                taken[who].append(time.perf_counter() - before)
    return found.popitem()[1], {who: statistics.median(seconds) for who, seconds in taken.items()}


def table(chain: Chain, edges: int, names: list[str], results: dict[str, tuple[int, dict[str, float]]]) -> str:
    """Markdown: each question, how much it finds, and the time of each with its ratio to ours."""
    lines = [
        f"| {chain.nodes:,} nodes, {len(chain.edges):,} edges | found | {' | '.join(names)} |",
        f"| --- | ---: |{' ---: |' * len(names)}",
    ]
    for question, (found, medians) in results.items():
        cells = []
        for name in names:
            if name not in medians:
                cells.append("")
                continue
            text = duration(medians[name])
            if OURS in medians and name != OURS:
                ratio = medians[name] / medians[OURS]
                text += (
                    f" ({ratio:.0f}x)" if ratio >= 10 else f" ({ratio:.2f}x)" if ratio >= 0.1 else f" ({ratio:.1g}x)"
                )
            cells.append(text)
        lines.append(f"| {question} | {found:,} | {' | '.join(cells)} |")
    medians = results[COUNTED][1]
    rates = ", ".join(f"{name} {edges / medians[name]:,.0f}" for name in names if name in medians)
    return "\n".join([*lines, "", f"Edges a second, of the {edges:,} upstream that are counted: {rates}."])


def compare_code(nodes: int, rounds: int) -> str:
    """Ask LineaPy and us for the code of the same artifacts: the table."""
    if not LINEAPY_PYTHON.exists():
        return "LineaPy was not measured: `make .venv-lineapy/installed` needs a Python 3.10."
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        _, url = start_server(stack, folder / "neo4j")
        command = [str(LINEAPY_PYTHON), "-m", "benchmarks.slices", url, str(folder), str(nodes), str(rounds)]
        answer = json.loads(subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE).stdout)
    medians = answer["medians"]
    lines = [
        f"| a session of {answer['nodes']:,} nodes | lines | ours | LineaPy on SQLite | of each, black and isort |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, count in answer["lines"].items():
        ours, theirs, layout = (medians[f"{name}: {who}"] for who in ("ours", "LineaPy", "layout"))
        lines.append(
            f"| code of an artifact | {count:,} | {duration(ours)} | {duration(theirs)} ({theirs / ours:.2f}x) | "
            f"{duration(2 * layout)} |"
        )
    lines.append(f"| diff of both | | {duration(medians['diff: ours'])} | | |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
