"""Whether lookups slow down as the store grows: the same ones at several sizes, in turns, in one run.

Run it as ``make bench``. Each size has a server of its own; sessions are of 1,000 nodes, so that what belongs to
one session is of the same size in all of them.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from benchmarks.report import duration, machine, write_section
from benchmarks.store import DATA, WORK, Worker, start_server

SESSION = 1_000
LOOKUPS = {
    **{work: WORK[work] for work in ("node, cold", "node, cached", "latest", "version", "variables", "libraries")},
    "session": "one session",
    "source": "the source code of a session",
    "value": "where the value of a node is",
    "session artifacts": "artifacts of a session",
    "latest version": "the latest version of an artifact's name",
    **{work: WORK[work] for work in ("implicit", "transitive", "read")},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--write", action="store_true", help="write the table into docs/explanation/performance.md")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    taken: dict[tuple[int, str], list[float]] = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        workers: dict[int, Worker] = {}
        for size in arguments.sizes:
            server, url = start_server(stack, folder / str(size))
            workers[size] = Worker(Path(sys.executable), "ours", url, folder / str(size) / DATA, server)
            stack.callback(workers[size].close)
            seconds = sum(workers[size].ask("write", number, SESSION)["seconds"] for number in range(size // SESSION))
            print(f"{size:,} nodes written in {duration(seconds)}: {size / seconds:,.0f} nodes/s", flush=True)
        rng = random.Random(5)  # noqa: S311
        for round_ in range(arguments.rounds + 5):
            for work in LOOKUPS:
                for size, worker in workers.items():
                    seconds = worker.ask(work, rng.randrange(size // SESSION), SESSION)["seconds"]
                    # The first rounds warm up.
                    if round_ >= 5:
                        taken[size, work].append(seconds)
        stored = {size: worker.bytes_per_node() for size, worker in workers.items()}
    text = table(arguments.sizes, taken, stored)
    print(text)
    if arguments.write:
        write_section("growth", f"{machine()}; medians of {arguments.rounds} rounds.\n\n{text}")


def table(sizes: list[int], taken: dict[tuple[int, str], list[float]], stored: dict[int, float]) -> str:
    """Markdown: the median of each lookup at each size, and how many times that of the smallest."""
    lines = [
        f"| nodes in the store | {' | '.join(f'{size:,}' for size in sizes)} |",
        f"| --- |{' ---: |' * len(sizes)}",
    ]
    for work, description in LOOKUPS.items():
        first = statistics.median(taken[sizes[0], work])
        medians = [statistics.median(taken[size, work]) for size in sizes]
        cells = [duration(first), *(f"{duration(median)} ({median / first:.2f}x)" for median in medians[1:])]
        lines.append(f"| {description} | {' | '.join(cells)} |")
    lines.append(f"| bytes on disk for each node | {' | '.join(f'{stored[size]:,.0f}' for size in sizes)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
