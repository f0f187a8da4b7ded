"""Compares the store with LineaPy's on SQLite and PostgreSQL, ml-metadata, and the driver alone, in one run.

Run it as ``make bench``. Every backend runs in a process of its own, on a server or file of its own in a
temporary folder; they take turns at each piece of work, so that a busy machine slows all of them alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.report import REPOSITORY, duration, machine, write_section
from lineage_graph import RelationalLineaDB
from lineage_graph.importers.lineapy import import_lineapy
from lineage_graph.server import LocalServer
from tests.support.lineapy_sources import postgres, postgres_folder

LINEAPY_PYTHON = REPOSITORY / ".venv-lineapy" / "bin" / "python"
MLMD_PYTHON = REPOSITORY / ".venv-mlmd" / "bin" / "python"

OURS, BASELINE, SQLITE, POSTGRES, MLMD = "ours", "baseline", "LineaPy on SQLite", "LineaPy on PostgreSQL", "ml-metadata"

# What each piece of work is called in the table.
WORK = {
    "write": "write a session call by call, and commit",
    "pause": "one `write_node`: median wait of the caller",
    "pause p99": "one `write_node`: 99th percentile",
    "read": "read a session back, complete and typed",
    "node, cold": "node by id, cold",
    "node, cached": "node by id, read before",
    "latest": "artifact by name, latest",
    "version": "artifact by name and version",
    "artifacts": "all artifacts",
    "variables": "variables of a session",
    "libraries": "libraries of a session",
    "implicit": "direct implicit dependencies of a call",
    "transitive": "transitive implicit dependencies of a call",
    "save": "save an artifact, and commit",
    "delete": "delete an artifact, and commit",
}
# The most sessions that are written before the clock starts.
WARM_UP = 18

# Where a server keeps its store, without its transaction logs.
DATA = Path("data", "databases", "neo4j")

MISSING = {MLMD: {"variables", "libraries", "implicit", "transitive", "save", "delete", "latest"}}


class Worker:
    """A backend in a process of its own.

    Parameters
    ----------
    python : Path
        What runs it.
    name, url : str
        As `benchmarks.backends.connect` takes them.
    files : Path
        Where it keeps its data.
    server : LocalServer, optional
        The server that it talks to.
    """

    def __init__(self, python: Path, name: str, url: str, files: Path, server: LocalServer | None = None) -> None:
        self.files = files
        self.nodes = 0
        self._server = server
        command = [str(python), "-m", "benchmarks.backends", name, url]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        self.connected = self._answer()["bytes"]
        self._size_at_first = size(self.files)

    def bytes_per_node(self) -> float:
        """Bytes on disk for each node written. It is closed, and its server: then all is in the store's files."""
        self.close()
        stop(self._server)
        return (size(self.files) - self._size_at_first) / self.nodes

    def ask(self, work: str, number: int = 0, nodes: int = 0) -> dict[str, float]:
        """Have it do one piece of work."""
        assert self._process.stdin
        if work in ("write", "warm up"):
            self.nodes += nodes
        print(json.dumps({"work": work, "number": number, "size": nodes}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a backend failed: {self._process.args!r}")
        answer: dict[str, float] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)


def size(files: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in (files, *files.rglob("*")) if file.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--only", nargs="+", choices=[OURS, BASELINE, "sqlite", "postgres", "mlmd"])
    parser.add_argument("--write", action="store_true", help="write the tables into docs/explanation/performance.md")
    arguments = parser.parse_args()
    print(f"{machine()}", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        workers, missing = start_workers(stack, folder, arguments.only)
        for reason in missing:
            print(reason)
        tables = [
            measure(workers, size, arguments.rounds, first=1 + 1_000 * i) for i, size in enumerate(arguments.sizes)
        ]
        tables.append(sizes_table(workers))
        if SQLITE in workers:
            tables.append(import_table(folder, workers[SQLITE]))
    text = "\n\n".join([*tables, *missing])
    print(text)
    if arguments.write:
        write_section("store", f"{machine()}; {arguments.rounds} rounds, medians.\n\n{text}")


def start_workers(stack: ExitStack, folder: Path, only: list[str] | None) -> tuple[dict[str, Worker], list[str]]:
    """The backends that can run here, and what is missing for the others."""
    python = LINEAPY_PYTHON if LINEAPY_PYTHON.exists() else Path(sys.executable)
    workers: dict[str, Worker] = {}
    missing: list[str] = []

    def start(name: str, backend: str, url: str, files: Path, **more: Any) -> None:
        workers[name] = Worker(**{"python": python, "name": backend, "url": url, "files": files, **more})
        stack.callback(workers[name].close)

    def wanted(name: str) -> bool:
        return only is None or name in only

    for name in filter(wanted, (OURS, BASELINE)):
        server, url = start_server(stack, folder / name)
        start(name, name, url, folder / name / DATA, server=server)
    if not LINEAPY_PYTHON.exists():
        missing.append("LineaPy was not measured: `make .venv-lineapy/installed` needs a Python 3.10.")
    else:
        if wanted("sqlite"):
            file = folder / "lineapy.sqlite"
            start(SQLITE, "lineapy", f"sqlite:///{file}", file)
        programs = postgres_folder()
        if programs is None:
            missing.append("LineaPy on PostgreSQL was not measured: PostgreSQL is not installed.")
        elif wanted("postgres"):
            files = folder / "postgres"
            files.mkdir()
            url = stack.enter_context(postgres(files, programs, durable=True))
            start(POSTGRES, "lineapy", url, files / "data" / "base")
    if not MLMD_PYTHON.exists():
        missing.append("ml-metadata was not measured: `make .venv-mlmd/installed` needs a Python 3.10.")
    elif wanted("mlmd"):
        file = folder / "mlmd.sqlite"
        start(MLMD, "ml-metadata", str(file), file, python=MLMD_PYTHON)
    return workers, missing


def stop(server: LocalServer | None) -> None:
    """Stop a server that there may be, and that may have stopped."""
    if server and server.status().running:
        server.stop()


def start_server(stack: ExitStack, folder: Path) -> tuple[LocalServer, str]:
    """A server of its own until the stack is closed, and its URL."""
    server = LocalServer(folder)
    stack.callback(stop, server)
    info = server.start()
    login = f"{info.username}:{quote(info.password.get_secret_value())}"
    return server, f"bolt://{login}@{info.bolt_url.removeprefix('bolt://')}"


def measure(workers: dict[str, Worker], size: int, rounds: int, first: int) -> str:
    """All work at a size: the table."""
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    for name, worker in workers.items():
        warm_up(worker, name, size, first)
    for number in range(first + WARM_UP, first + WARM_UP + rounds):
        for work in WORK:
            if work.startswith("pause"):
                continue
            counts: dict[str, float] = {}
            for name, worker in workers.items():
                if work in MISSING.get(name, ()):
                    continue
                answer = worker.ask(work, number, size)
                if "count" in answer:
                    counts[name] = answer["count"]
                taken[name, work].append(answer["seconds"])
                for pause in ("pause", "pause p99"):
                    if pause in answer:
                        taken[name, pause].append(answer[pause])
                print(f"{size} {number} {work} {name}: {duration(answer['seconds'])}", file=sys.stderr, flush=True)
            if len(set(counts.values())) > 1:
                raise SystemExit(f"the backends did not do the same work: {work} {counts}")
    return table(f"{size:,} nodes a session", workers, taken)


def warm_up(worker: Worker, name: str, size: int, first: int) -> None:
    """Do each piece of work once, so that its code is compiled and cached before the clock starts."""
    for work in WORK:
        if not work.startswith("pause") and work not in MISSING.get(name, ()):
            worker.ask(work, first, min(size, 1_000))
    if name in (OURS, BASELINE):
        # The JVM compiles what it runs often: a session takes half as long from the tenth on. And a store that has
        # grown fourfold has its statements planned again, ten seconds after they were at the earliest
        # (Neo4j Operations Manual, dbms.cypher.min_replan_interval).
        for number in range(first + 1, first + WARM_UP):
            if number in (first + 10, first + 14):
                time.sleep(11)
            worker.ask("warm up", number, size)


def table(title: str, workers: dict[str, Worker], taken: dict[tuple[str, str], list[float]]) -> str:
    """Markdown: seconds of ours, and of each other backend the seconds and how many times as long it takes."""
    others = [name for name in workers if name != OURS]
    lines = [
        f"| {title} | {OURS} | {' | '.join(others)} |",
        f"| --- | ---: |{' ---: |' * len(others)}",
    ]
    for work, description in WORK.items():
        if not taken[OURS, work]:
            continue
        ours = statistics.median(taken[OURS, work])
        cells = []
        for name in others:
            if values := taken[name, work]:
                median = statistics.median(values)
                cells.append(f"{duration(median)} ({ratio(median / ours)})")
            else:
                cells.append("")
        lines.append(f"| {description} | {duration(ours)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def ratio(value: float) -> str:
    """How many times as long as ours."""
    return f"{value:.2f}x" if value < 10 else f"{value:.0f}x"


def sizes_table(workers: dict[str, Worker]) -> str:
    """Markdown: memory of each backend's process, and bytes that its store has grown by for each node."""
    lines = [
        "| | process, connected | at its largest | on disk, for each node |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, worker in workers.items():
        memory = [f"{value / 1e6:.0f} MB" for value in (worker.connected, worker.ask("memory")["bytes"])]
        lines.append(f"| {name} | {' | '.join(memory)} | {worker.bytes_per_node():,.0f} bytes |")
    return "\n".join(lines)


def import_table(folder: Path, sqlite: Worker) -> str:
    """Markdown: nodes a second of an import of what LineaPy wrote to SQLite, into a server that was just started."""
    with ExitStack() as stack:
        db = RelationalLineaDB(start_server(stack, folder / "import")[1])
        before = time.perf_counter()
        report = import_lineapy(f"sqlite:///{sqlite.files}", db)
        seconds = time.perf_counter() - before
        db.close()
    if not report.is_complete:
        raise SystemExit(f"the import is not complete: {report}")
    return (
        "| import of that SQLite database | |\n| --- | ---: |\n"
        f"| {sqlite.nodes:,} nodes, verified | {duration(seconds)}: {sqlite.nodes / seconds:,.0f} nodes/s |"
    )


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s in all", file=sys.stderr)
