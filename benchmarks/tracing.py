"""What it costs that a block is recorded: time and memory against the same block as it is, and LineaPy's own tracer.

Run it as ``make bench``. Each measurement is a process of its own, and they take turns. LineaPy's tracer runs where
there is a Python 3.10.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from typing import Any

from benchmarks.report import REPOSITORY, duration, machine, write_section
from lineage_graph.tracing import Block

LINEAPY_PYTHON = REPOSITORY / ".venv-lineapy" / "bin" / "python"

SETTING = "import numpy as np, pandas as pd\ntable = pd.DataFrame({'a': range(2000), 'b': np.arange(2000) / 7})\n"
NUMERIC = """
total = 0
for i in range(300_000):
    if i % 3:
        total += i * 2 - 1
"""
PANDAS = """
sums = {}
for name, group in table.groupby(table['a'] % 50):
    part = group[group['b'] > 3]
    sums[name] = part['b'].sum() + len(part)
for index, row in table.iterrows():
    sums[index] = row['a'] * row['b']
"""
FUNCTION = """
def step(x, y):
    z = [x, y]
    z.sort()
    return z[0] * 2 + abs(z[1])

values = {}
for i in range(100_000):
    values[i % 100] = step(i, -i)
"""
CELL = """
for name in ['x', 'y']:
    with open(os.devnull) as file:
        parts{0} = [len(name) + value for value in range(20) if value % 2]
        lookup[name, {0}] = sorted(parts{0}, key=lambda value: -value)
if lookup['x', {0}]:
    try:
        first{0}, *rest{0} = lookup['x', {0}]
    except ValueError:
        first{0} = None
"""
WORK = {
    "a numeric loop of 300,000 rounds": [NUMERIC],
    "loops over groups and rows of a table": [PANDAS],
    "a function of the block, called 100,000 times": [FUNCTION],
    "a notebook of 200 short cells": ["import os\nlookup = {}\n", *(CELL.format(number) for number in range(200))],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--measure", nargs=2, metavar=("WORK", "HOW"), help="measure one, and print it as JSON")
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure)))
        return
    print(machine(), flush=True)
    pythons = {sys.executable: ["as it is", "recorded"]}
    if LINEAPY_PYTHON.exists():
        pythons[str(LINEAPY_PYTHON)] = ["as it is", "recorded", "by LineaPy's tracer"]
    taken: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for _ in range(arguments.rounds):
        for work in WORK:
            for python, ways in pythons.items():
                for how in ways:
                    command = [python, "-m", "benchmarks.tracing", "--measure", work, how]
                    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
                    taken[python, work, how].append(json.loads(ended.stdout))
    text = table(pythons, taken)
    print(text)
    if arguments.write:
        write_section("tracing", text)


def measure(work: str, how: str) -> dict[str, Any]:
    """Run the blocks of some work in one way: the seconds of CPU that they took, and the peak of memory in bytes."""
    globals_: dict[str, Any] = {"__name__": "__main__"}
    exec(SETTING, globals_)  # noqa: S102
    trace: Any = None
    if how == "by LineaPy's tracer":
        # LineaPy's modules as they are, but for pydantic.
        from lineage_graph.integrations.lineapy import prepare

        prepare()
        from lineapy.system_tracing._trace_func import TraceFunc

        trace = TraceFunc
    before = time.process_time()
    calls = 0
    for block in WORK[work]:
        if how == "as it is":
            exec(compile(block, "<block>", "exec", dont_inherit=True), globals_)  # noqa: S102
        elif how == "recorded":
            recorded: list[object] = []
            Block(block, "<block>").run(globals_, recorded.append)
            calls += len(recorded)
        else:
            code = compile(block, "<block>", "exec", dont_inherit=True)
            tracer = trace(code)
            sys.settrace(tracer)
            exec(code, globals_)  # noqa: S102
            sys.settrace(None)
            calls += len(tracer.function_calls)
    seconds = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "peak": peak, "calls": calls, "python": sys.version.split()[0]}


def table(pythons: dict[str, list[str]], taken: dict[tuple[str, str, str], list[dict[str, Any]]]) -> str:
    lines = [machine(), ""]
    lines += [
        "| work | Python | way | median of CPU time | | fastest and slowest | peak of memory |",
        "| --- " * 3 + "| ---: | ---: | --- | ---: |",
    ]
    for work in WORK:
        for python, ways in pythons.items():
            plain = statistics.median(found["seconds"] for found in taken[python, work, "as it is"])
            for how in ways:
                found = taken[python, work, how]
                seconds = [one["seconds"] for one in found]
                median = statistics.median(seconds)
                peak = statistics.median(one["peak"] for one in found)
                lines.append(
                    f"| {work} | {found[0]['python']} | {how} | {duration(median)} | {median / plain:.2f}x | "
                    f"{duration(min(seconds))} to {duration(max(seconds))} | {peak / 1e6:.0f} MB |"
                )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
