"""The demonstration: lineage that LineaPy recorded, before and live, in a real Neo4j and questioned."""

from __future__ import annotations

import os
import shutil
import sys
from collections import defaultdict
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from lineage_graph import queries
from lineage_graph.db import RelationalLineaDB
from lineage_graph.errors import ConfigurationError
from lineage_graph.integrations.example import trace_example
from lineage_graph.mapping import Captions
from lineage_graph.server import LocalServer, ServerInfo, folder_from_url
from lineage_graph.tables import artifacts_table, import_with_progress, report_table, titled_table

LIST_ARTIFACTS = queries.load("artifacts/list_artifacts")
LIST_SESSIONS = queries.load("sessions/list_sessions")
GET_CODE_UPSTREAM = queries.load("lineage/get_code_upstream")
GET_CALLS_WITH_IMPLICIT_DEPENDENCIES = queries.load("lineage/get_calls_with_implicit_dependencies")

TO_PASTE = (
    "browser/what_made_an_artifact",
    "browser/artifacts_and_their_sessions",
    "browser/libraries_and_their_sessions",
)

# The artifact whose making is shown: trained in one script on what another prepared.
SHOWN = "classifier"
# The example that is traced again, on the Python at hand.
LIVE = "prepare.py"
ROWS = 12


def example_database() -> Path:
    """The recorded lineage: inside the installed package, or in a checkout's ``examples/``.

    Raises
    ------
    ConfigurationError
        If it is in neither.
    """
    here = Path(__file__).resolve().parent
    for path in (here / "examples" / "lineage.sqlite", here.parent / "examples" / "lineage.sqlite"):
        if path.is_file():
            return path
    raise ConfigurationError("the example database is not here: install the package again, or clone it")


def run_demo(url: str, out: Console, err: Console) -> None:
    """Import the examples, trace one of them where LineaPy is installed, and show what the graph answers.

    Parameters
    ----------
    url : str
        The database; ``local:`` starts the managed local server, which keeps running.
    out, err : rich.console.Console
        Where the findings and where the progress go.
    """
    local: ServerInfo | None = None
    if url.startswith("local:"):
        server = LocalServer(folder_from_url(url))
        if not server.status().running:
            err.print("Starting Neo4j; the first time, it is fetched (some 170 MB)")
        local = server.start()
        err.print(f"Neo4j {local.version} runs at {local.bolt_url}, its data in {local.folder}", soft_wrap=True)
    db = RelationalLineaDB(url)
    try:
        report = import_with_progress(str(example_database()), db, err)
        out.print(report_table(report))
        err.print(trace_example(example_database().with_name(LIVE), url)[1], soft_wrap=True)
        _show_sessions(db, out)
        out.print(artifacts_table(db.store.read(LIST_ARTIFACTS, name=None)))
        _show_nodes(db, out)
        _show_implicit_dependencies(db, out)
        _show_code(db, out)
    finally:
        db.close()
    _show_browser(local, url, out)


def _show_sessions(db: RelationalLineaDB, out: Console) -> None:
    table = titled_table("Sessions: one for each script or notebook that ran")
    table.add_column("session")
    table.add_column("kind")
    table.add_column("ran")
    table.add_column("nodes", justify="right")
    table.add_column("artifacts", justify="right")
    for row in db.store.read(LIST_SESSIONS, limit=ROWS):
        sources = sorted(row["sources"])
        ran = sources[0] if len(sources) == 1 else f"{len(sources)} cells"
        kind = row["environment_type"].lower()
        table.add_row(row["name"], kind, ran, f"{row['nodes']:,}", f"{row['artifacts']:,}")
    out.print(table)


def _show_nodes(db: RelationalLineaDB, out: Console) -> None:
    artifact = db.get_artifactorm_by_name(SHOWN)
    assert artifact.node is not None
    assert artifact.node.session_id is not None
    nodes = db.get_nodes_for_session(artifact.node.session_id)
    captions = Captions()
    table = titled_table(
        f"The nodes of the session that made {SHOWN!r} version {artifact.version}: "
        f"{min(ROWS, len(nodes))} of {len(nodes)}, in the order in which they ran"
    )
    table.add_column("line", justify="right")
    table.add_column("kind")
    table.add_column("source", max_width=60, no_wrap=True)
    table.add_column("parents", justify="right")
    for node in nodes[:ROWS]:
        line = str(node.source_location.lineno) if node.source_location else ""
        kind = node.node_type.name.removesuffix("Node").lower()
        table.add_row(line, kind, captions.of(node), str(len(list(node.parents()))))
    out.print(table)


def _show_implicit_dependencies(db: RelationalLineaDB, out: Console) -> None:
    table = titled_table("Implicit dependencies: what a call needs without naming it")
    table.add_column("call", max_width=60, no_wrap=True)
    table.add_column("direct", justify="right")
    table.add_column("transitive", justify="right")
    for row in db.store.read(GET_CALLS_WITH_IMPLICIT_DEPENDENCIES, limit=ROWS):
        direct = db.get_implicit_dependencies(row["id"])
        transitive = db.get_implicit_dependencies(row["id"], transitive=True)
        table.add_row(row["name"], str(len(direct)), str(len(transitive)))
    out.print(table)


def _show_code(db: RelationalLineaDB, out: Console) -> None:
    artifact = db.get_artifactorm_by_name(SHOWN)
    lines: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in db.store.read(GET_CODE_UPSTREAM, name=SHOWN, version=artifact.version):
        lines[row["source"], row["code"]].update(range(row["lineno"], row["end_lineno"] + 1))
    for (source, code), wanted in lines.items():
        text = code.split("\n")
        out.print(
            f"[bold cyan]What made {SHOWN!r} version {artifact.version}[/]: "
            f"{len(wanted)} of the {len(text)} lines of {source}"
        )
        for number in sorted(wanted):
            line = Syntax(text[number - 1], "python", background_color="default").highlight(text[number - 1])
            line.rstrip()
            out.print(Text.assemble((f"{number:5}  ", "dim"), line), soft_wrap=True)
    out.print()


def _show_browser(local: ServerInfo | None, url: str, out: Console) -> None:
    out.print("[bold cyan]Look at it in Neo4j Browser[/]")
    command = "lineage-graph" if shutil.which("lineage-graph") else os.path.relpath(sys.argv[0])
    option = "" if url == "local:" else f" --url {url}"
    if local is not None:
        out.print(f"  open      {local.browser_url}", soft_wrap=True)
        out.print(f"  connect   {local.bolt_url}", soft_wrap=True)
        out.print(f"  log in    {local.username}, with the password that this shows:")
        out.print(f"            {command} server status --show-password{option}", soft_wrap=True)
    out.print("  paste     one of these:\n")
    for name in TO_PASTE:
        statement = queries.load(name)
        out.print(f"  // {statement.summary.removeprefix('To paste into Browser: ')}", style="dim", soft_wrap=True)
        for line in statement.text.splitlines():
            if not line.startswith("//"):
                out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
        out.print()
    if local is not None:
        out.print(f"Neo4j keeps running; stop it with  {command} server stop{option}", soft_wrap=True)
