"""The store beside LineaPy's on SQLite and PostgreSQL, ml-metadata, and the driver alone: one run, side by side.

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
from urllib.parse import quote

from benchmarks.report import REPOSITORY, duration, machine, write_section
from lineage_graph.server import LocalServer
from tests.support.lineapy_sources import postgres, postgres_folder

LINEAPY_PYTHON = REPOSITORY / ".venv-lineapy" / "bin" / "python"
MLMD_PYTHON = REPOSITORY / ".venv-mlmd" / "bin" / "python"

OURS, FLOOR, SQLITE, POSTGRES, MLMD = "ours", "floor", "LineaPy on SQLite", "LineaPy on PostgreSQL", "ml-metadata"

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
    "delete": "delete an artifact, and commit",
}
LACKING = {MLMD: {"variables", "libraries", "implicit", "transitive", "delete", "latest"}}


class Worker:
    """A backend in a process of its own."""

    def __init__(self, python: Path, name: str, url: str) -> None:
        command = [str(python), "-m", "benchmarks.backends", name, url]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        self._answer()

    def ask(self, work: str, number: int = 0, size: int = 0) -> dict[str, float]:
        """Have it do one piece of work."""
        assert self._process.stdin
        print(json.dumps({"work": work, "number": number, "size": size}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a backend failed: {self._process.args}")
        answer: dict[str, float] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--only", nargs="+", choices=[OURS, FLOOR, "sqlite", "postgres", "mlmd"])
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
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
        memory = {name: worker.ask("memory")["bytes"] for name, worker in workers.items()}
    text = "\n\n".join([*tables, memory_table(memory), *missing])
    print(text)
    if arguments.write:
        write_section("store", f"{machine()}; {arguments.rounds} rounds, medians.\n\n{text}")


def start_workers(stack: ExitStack, folder: Path, only: list[str] | None) -> tuple[dict[str, Worker], list[str]]:
    """The backends that can run here, and what is missing for the others."""
    python = LINEAPY_PYTHON if LINEAPY_PYTHON.exists() else Path(sys.executable)
    workers: dict[str, Worker] = {}
    missing: list[str] = []

    def start(name: str, backend: str, url: str, python: Path = python) -> None:
        workers[name] = Worker(python, backend, url)
        stack.callback(workers[name].close)

    def wanted(name: str) -> bool:
        return only is None or name in only

    for name in filter(wanted, (OURS, FLOOR)):
        server = LocalServer(folder / name)
        stack.callback(server.stop)
        info = server.start()
        start(name, name, f"bolt://{info.username}:{quote(info.password.get_secret_value())}@{info.bolt_url[7:]}")
    if not LINEAPY_PYTHON.exists():
        missing.append("LineaPy was not measured: `make .venv-lineapy/installed` needs a Python 3.10.")
    else:
        if wanted("sqlite"):
            start(SQLITE, "lineapy", f"sqlite:///{folder / 'lineapy.sqlite'}")
        programs = postgres_folder()
        if programs is None:
            missing.append("LineaPy on PostgreSQL was not measured: PostgreSQL is not installed.")
        elif wanted("postgres"):
            (folder / "postgres").mkdir()
            start(POSTGRES, "lineapy", stack.enter_context(postgres(folder / "postgres", programs, durable=True)))
    if not MLMD_PYTHON.exists():
        missing.append("ml-metadata was not measured: `make .venv-mlmd/installed` needs a Python 3.10.")
    elif wanted("mlmd"):
        start(MLMD, "ml-metadata", str(folder / "mlmd.sqlite"), MLMD_PYTHON)
    return workers, missing


def measure(workers: dict[str, Worker], size: int, rounds: int, first: int) -> str:
    """All work at a size: the table."""
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    for name, worker in workers.items():
        warm_up(worker, name, size, first)
    for number in range(first + 10, first + 10 + rounds):
        for work in WORK:
            if work.startswith("pause"):
                continue
            for name, worker in workers.items():
                if work in LACKING.get(name, ()):
                    continue
                answer = worker.ask(work, number, size)
                taken[name, work].append(answer["seconds"])
                for pause in ("pause", "pause p99"):
                    if pause in answer:
                        taken[name, pause].append(answer[pause])
                print(f"{size} {number} {work} {name}: {duration(answer['seconds'])}", file=sys.stderr, flush=True)
    return table(f"{size:,} nodes a session", workers, taken)


def warm_up(worker: Worker, name: str, size: int, first: int) -> None:
    """What is compiled or cached on first use is, before the clock starts."""
    small = min(size, 1_000)
    sizes = [small, size, size, size] if name in (OURS, FLOOR) else [small]
    for number, warm_size in enumerate(sizes, first):
        for work in WORK:
            if not work.startswith("pause") and work not in LACKING.get(name, ()) and work != "delete":
                worker.ask(work, number, warm_size)


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


def memory_table(memory: dict[str, float]) -> str:
    """Markdown: the largest that each process was."""
    lines = ["| memory | the process at its largest |", "| --- | ---: |"]
    lines += [f"| {name} | {value / 1e6:.0f} MB |" for name, value in memory.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s in all", file=sys.stderr)
