"""The code of an artifact: LineaPy's own ``get_code()`` on SQLite and `Lineage.code` on the same session, in turns.

``python -m benchmarks.slices URL FOLDER NODES ROUNDS`` runs on the Python that LineaPy runs on, and prints JSON.
LineaPy traces a script into a database of the folder, which is imported into the graph; what both give must be equal.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

FAMILIES = 6  # of variables, that never meet but for one
NODES_A_LINE = 15


def program(nodes: int) -> tuple[str, list[str]]:
    """A script of about so many nodes, and the artifacts that it saves: of a sixth of it and of nearly all."""
    rng = random.Random(5)  # noqa: S311
    count = int(nodes / NODES_A_LINE)
    lines = ["import lineapy", "import math", *(f"v{i} = [{i}]" for i in range(FAMILIES))]
    for i in range(FAMILIES, count):
        other = max(i % FAMILIES, i - FAMILIES * rng.randint(1, 9))
        lines.append(f"v{i} = [len(v{i - FAMILIES}) + math.floor({rng.random():.4f} * len(v{other}))]")
    lines.append(f"every = {' + '.join(f'v{count - 1 - i}' for i in range(FAMILIES))}")
    lines += [f"lineapy.save(v{count - 1}, 'part')", "lineapy.save(every, 'whole')"]
    return "\n".join(lines) + "\n", ["part", "whole"]


def trace(folder: Path, nodes: int) -> tuple[str, list[str]]:
    """Have LineaPy trace the script: the URL of its database, and the artifacts."""
    code, names = program(nodes)
    (folder / "program.py").write_text(code)
    url = f"sqlite:///{folder / 'lineapy.sqlite'}"
    environment = {**os.environ, "LINEAPY_DATABASE_URL": url, "LINEAPY_HOME_DIR": str(folder / "lineapy")}
    command = [str(Path(sys.executable).parent / "lineapy"), "python", "program.py"]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return url, names


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    before = time.perf_counter()
    result = work()
    return time.perf_counter() - before, result


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # libraries may print
    url, folder, nodes, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    source, names = trace(folder, nodes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lineapy.api.models.linea_artifact import LineaArtifact
        from lineapy.db.db import RelationalLineaDB as LineaPyDB
    from lineage_graph import RelationalLineaDB
    from lineage_graph.importers.lineapy import import_lineapy
    from lineage_graph.lineage import Lineage
    from lineage_graph.lineage.slicing import prettify

    db = RelationalLineaDB(url)
    report = import_lineapy(source, db)
    db.close()
    theirs, ours = LineaPyDB(source), Lineage(url)
    taken: dict[str, list[float]] = defaultdict(list)

    def of_lineapy(name: str) -> str:
        artifact = LineaArtifact.get_artifact_from_orm(theirs, theirs.get_artifactorm_by_name(name))
        return str(artifact.get_code())

    lines: dict[str, int] = {}
    for _ in range(rounds + 1):
        for name in names:
            seconds, code = timed(partial(ours.code, name))
            taken[f"{name}: ours"].append(seconds)
            seconds, theirs_code = timed(partial(of_lineapy, name))
            taken[f"{name}: LineaPy"].append(seconds)
            if code.text != theirs_code:
                raise SystemExit(f"the code of {name} differs")
            taken[f"{name}: layout"].append(timed(partial(prettify, code.text))[0])
            lines[name] = code.text.count("\n")
        taken["diff: ours"].append(timed(partial(ours.diff, *names))[0])
    ours.close()
    medians = {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}
    count = sum(count for kind, count in report.source.items() if kind.endswith("Node"))
    print(json.dumps({"medians": medians, "lines": lines, "nodes": count, "kinds": report.source}), file=answers)


if __name__ == "__main__":
    main()
