"""``lineage-graph demo``: lineage that LineaPy recorded, before and live, in a real Neo4j and queried."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_graph.cli import answers
from lineage_graph.cli.artifacts import show_artifacts
from lineage_graph.cli.console import Column, err, out
from lineage_graph.cli.imports import show_report
from lineage_graph.cli.options import Url, database_url
from lineage_graph.errors import ConfigurationError

if TYPE_CHECKING:
    from lineage_graph.db import RelationalLineaDB
    from lineage_graph.server import ServerInfo

TO_PASTE = (
    "browser/what_made_an_artifact",
    "browser/artifacts_and_their_sessions",
    "browser/libraries_and_their_sessions",
)

# The artifact that the demo explains: one script chose it among those it trained, on data that another one prepared.
SHOWN, VERSION = "classifier_in_use", 0
# The example that is traced again, on the Python at hand.
LIVE = "prepare.py"
ROWS = 12


def demo(url: Url = None) -> None:
    """Import recorded lineage into a real Neo4j, trace an example live, and print answers from the graph."""
    from lineage_graph.db import RelationalLineaDB
    from lineage_graph.graph import statements
    from lineage_graph.importers.lineapy import import_lineapy
    from lineage_graph.integrations.example import trace_example

    where = database_url(url)
    local = _started(where)
    db = RelationalLineaDB(where)
    try:
        with err.progress("Importing") as on_records:
            report = import_lineapy(str(example_database()), db, on_records)
        show_report(report)
        err.line(trace_example(example_database().with_name(LIVE), where)[1])
        _show_sessions(db)
        show_artifacts(db.store.read(statements.load("artifacts/list_artifacts"), name=None))
        _show_nodes(db)
        _show_implicit_dependencies(db)
        _show_story(db, _option(where, local))
    finally:
        db.close()
    _show_browser(local, where)


def example_database() -> Path:
    """The recorded lineage: inside the installed package, or in a checkout's ``examples/``.

    Raises
    ------
    ConfigurationError
        If it is in neither place.
    """
    here = Path(__file__).resolve().parent.parent
    for path in (here / "examples" / "lineage.sqlite", here.parent / "examples" / "lineage.sqlite"):
        if path.is_file():
            return path
    raise ConfigurationError("the example database is missing: install the package again, or clone it")


def _started(url: str) -> ServerInfo | None:
    """The managed local server, started if the URL means it; None for another URL."""
    from lineage_graph.server import LocalServer, folder_from_url
    from lineage_graph.store.url import scheme_of

    if scheme_of(url) != "local":
        return None

    server = LocalServer(folder_from_url(url))
    if not server.status().running:
        err.line("Starting Neo4j; the first time, it is fetched (some 170 MB)")
    local = server.start()
    err.line(f"Neo4j {local.version} runs at {local.bolt_url}, its data in {local.folder}")
    return local


def _show_sessions(db: RelationalLineaDB) -> None:
    from lineage_graph.graph import statements

    rows = []
    for row in db.store.read(statements.load("sessions/list_sessions"), limit=ROWS):
        sources = sorted(row["sources"])
        ran = sources[0] if len(sources) == 1 else f"{len(sources)} cells"
        rows.append([row["name"], row["environment_type"].lower(), ran, f"{row['nodes']:,}", f"{row['artifacts']:,}"])
    out.table(
        "Sessions: one for each script or notebook that ran",
        [
            Column("session", identifies=True),
            Column("kind"),
            Column("ran"),
            Column("nodes", is_number=True),
            Column("artifacts", is_number=True),
        ],
        rows,
    )


def _show_nodes(db: RelationalLineaDB) -> None:
    from lineage_graph.model.captions import Captions

    artifact = db.get_artifactorm_by_name(SHOWN, VERSION)
    assert artifact.node is not None
    assert artifact.node.session_id is not None
    nodes = db.get_nodes_for_session(artifact.node.session_id)
    captions = Captions()
    rows = []
    for node in nodes[:ROWS]:
        line = str(node.source_location.lineno) if node.source_location else ""
        kind = node.node_type.name.removesuffix("Node").lower()
        rows.append([line, kind, captions.of(node), str(len(list(node.parents())))])
    out.table(
        f"The operations of the session that made {SHOWN!r} version {artifact.version}: "
        f"{min(ROWS, len(nodes))} of {len(nodes)}, in the order in which they ran",
        [
            Column("line", identifies=True, is_number=True),
            Column("kind"),
            Column("source"),
            Column("parents", is_number=True),
        ],
        rows,
    )


def _show_implicit_dependencies(db: RelationalLineaDB) -> None:
    from lineage_graph.graph import statements

    rows = []
    for row in db.store.read(statements.load("lineage/get_calls_with_implicit_dependencies"), limit=ROWS):
        direct = db.get_implicit_dependencies(row["id"])
        transitive = db.get_implicit_dependencies(row["id"], transitive=True)
        rows.append([row["name"], str(len(direct)), str(len(transitive))])
    out.table(
        "Implicit dependencies: operations that a call depends on without naming them",
        [Column("call"), Column("direct", is_number=True), Column("transitive", is_number=True)],
        rows,
    )


def _show_story(db: RelationalLineaDB, option: str) -> None:
    """Ask what made an artifact, why, by which code, what changed between two versions, and what to run again."""
    from lineage_graph.lineage import Lineage

    used = f"{SHOWN}@{VERSION}"

    def asked(*words: str) -> None:
        out.line()
        out.line(f"$ {_command()} lineage {shlex.join(words)}{option}")

    with Lineage(db) as lineage:
        asked("upstream", used, "--level", "artifact")
        answers.show_answer(lineage.upstream(used, level="artifact"), f"What made {SHOWN}, in three sessions")
        asked("why", used, "measurements@0")
        answers.show_why(lineage.why(used, "measurements@0"))
        asked("code", used)
        answers.show_code(lineage.code(used))
        asked("diff", "classifier@1", "classifier@2")
        answers.show_diff(lineage.diff("classifier@1", "classifier@2"))
        asked("impact", "measurements@1")
        answers.show_impact(lineage.impact("measurements@1"))


def _command() -> str:
    return "lineage-graph" if shutil.which("lineage-graph") else os.path.relpath(sys.argv[0])


def _option(url: str, local: ServerInfo | None) -> str:
    """What names the database in a command; the URL of a server that is not the local one may hold a password."""
    if url == "local:":
        return ""
    return f" --url {shlex.quote(url)}" if local is not None else " --url …"


def _show_browser(local: ServerInfo | None, url: str) -> None:
    from lineage_graph.graph import statements

    out.heading("Look at it in Neo4j Browser")
    command = _command()
    option = _option(url, local)
    if local is not None:
        out.line(f"  open      {local.browser_url}")
        out.line(f"  connect   {local.bolt_url}")
        out.line(f"  log in    {local.username}, with the password that this shows:")
        out.line(f"            {command} server status --show-password{option}")
    out.line("  paste     one of these:")
    out.line()
    for name in TO_PASTE:
        statement = statements.load(name)
        out.line(f"  // {statement.title}")
        for line in statement.text.splitlines():
            if not line.startswith("//"):
                out.line(f"  {line}")
        out.line()
    if local is not None:
        out.line(f"Neo4j keeps running; stop it with  {command} server stop{option}")
