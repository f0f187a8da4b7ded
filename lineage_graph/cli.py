"""The command line: ``lineage-graph``."""

from __future__ import annotations

import json
import os
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

import lineage_graph
from lineage_graph import queries
from lineage_graph.errors import ConfigurationError, LineageGraphError
from lineage_graph.mapping import native
from lineage_graph.settings import ClientSettings, DatabaseSettings

app = typer.Typer(
    name="lineage-graph",
    help="The lineage of Python work, kept and questioned in Neo4j.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
server_app = typer.Typer(help="The managed local Neo4j.", no_args_is_help=True)
spool_app = typer.Typer(help="Commits that wait on disk for the server.", no_args_is_help=True)
values_app = typer.Typer(help="The values that the graph refers to.", no_args_is_help=True)
import_app = typer.Typer(help="Import lineage from other stores.", no_args_is_help=True)
app.add_typer(server_app, name="server")
app.add_typer(import_app, name="import")
app.add_typer(values_app, name="values")
app.add_typer(spool_app, name="spool")

out = Console()
err = Console(stderr=True)

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        help="The database: bolt://, neo4j://, local: or local:///folder. [default: $NEO4J_URI, or local:]",
        show_default=False,
    ),
]
Values = Annotated[
    str | None,
    typer.Option(
        "--values",
        help="Where the values are: a folder or a URL of fsspec's. [default: $LINEAGE_GRAPH_VALUES_URL]",
        show_default=False,
    ),
]
LocalUrl = Annotated[str, typer.Option("--url", help="Which local server: local: or local:///folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def _database_url(url: str | None) -> str:
    return url or DatabaseSettings().uri


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.", envvar="LINEAGE_GRAPH_DEBUG")] = False,
) -> None:
    """The lineage of Python work, kept and questioned in Neo4j."""
    context.obj = debug
    if version:
        print(lineage_graph.__version__)
        raise typer.Exit


@server_app.command()
def start(
    url: LocalUrl = "local:",
    neo4j_version: Annotated[str | None, typer.Option("--neo4j-version", help="The version of Neo4j to run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start Neo4j on this machine, unless it runs; the first time, fetch it."""
    info = _server(url, neo4j_version).start()
    if as_json:
        _print_json(_info(info))
    else:
        out.print(f"Neo4j {info.version} runs at {info.bolt_url}; Browser is at {info.browser_url}", soft_wrap=True)


@server_app.command()
def stop(url: LocalUrl = "local:") -> None:
    """Stop the local Neo4j. Its data stays."""
    _server(url).stop()
    out.print("stopped")


@server_app.command()
def status(
    url: LocalUrl = "local:",
    show_password: Annotated[bool, typer.Option("--show-password", help="Print the password too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether the local Neo4j runs, and how to reach it. Exits with 1 when it does not run."""
    server = _server(url)
    state = server.status()
    secret = {"password": state.info.password.get_secret_value()} if state.info is not None and show_password else {}
    if as_json:
        details = _info(state.info) if state.info is not None else {}
        _print_json({"running": state.running, "folder": str(state.folder)} | details | secret)
    elif state.info is None:
        out.print(f"no server runs in {state.folder}", soft_wrap=True)
    else:
        for name, value in (_info(state.info) | secret).items():
            out.print(f"{name:12} {value}", markup=False, highlight=False, soft_wrap=True)
    if not state.running:
        raise typer.Exit(1)


@server_app.command()
def logs(
    url: LocalUrl = "local:",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines.")] = 50,
) -> None:
    """Print the end of the local Neo4j's log."""
    print(_server(url).logs(lines), end="")


@import_app.command("lineapy")
def import_lineapy_command(
    source: Annotated[
        str, typer.Argument(metavar="URL", help="sqlite:///path, a path, or postgresql://user:password@host/name.")
    ],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Import a LineaPy database. Again, or after an interruption, it writes only what is lacking."""
    from lineage_graph.db import RelationalLineaDB
    from lineage_graph.tables import import_with_progress, report_table

    db = RelationalLineaDB(_database_url(url))
    try:
        report = import_with_progress(source, db, err)
    finally:
        db.close()
    if as_json:
        _print_json(
            {
                "written": report.written,
                "complete": report.is_complete,
                "source": report.source,
                "graph": report.graph,
                "skips": report.skips,
                "dangling": report.dangling,
                "skipped": report.skipped,
            }
        )
    else:
        out.print(report_table(report))
        if report.dangling:
            out.print(f"{report.dangling:,} references lead to nodes that are nowhere; they are kept")
        for line in report.skipped:
            err.print(f"skipped {line}", markup=False, soft_wrap=True)
    if not report.is_complete:
        raise LineageGraphError("the graph lacks records that the source has: run the import again")


@values_app.command()
def check(values: Values = None, url: Url = None, as_json: AsJson = False) -> None:
    """Look at every value that the graph refers to. Exits with 1 when one is missing or corrupted."""
    from lineage_graph.store import Store
    from lineage_graph.values import ValueStore, check_values

    store = Store(_database_url(url))
    try:
        report = check_values(store, ValueStore(values))
    finally:
        store.close()
    if as_json:
        _print_json(vars(report))
    else:
        for problem in ("missing", "corrupted", "unreferenced"):
            for location in getattr(report, problem):
                out.print(f"{problem:12} {location}", markup=False, highlight=False, soft_wrap=True)
        out.print(
            f"{report.checked:,} checked ({report.elsewhere:,} of them MLflow's, not looked at): "
            f"{len(report.missing):,} missing, {len(report.corrupted):,} corrupted; "
            f"{len(report.unreferenced):,} that nothing refers to",
            highlight=False,
            soft_wrap=True,
        )
    if not report.is_sound:
        raise typer.Exit(1)


@values_app.command()
def gc(
    values: Values = None,
    url: Url = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete them; without it they are only listed.")] = False,
    grace_hours: Annotated[
        float | None,
        typer.Option(
            "--grace-hours",
            min=0,
            help="Leave what was put more recently. [default: $LINEAGE_GRAPH_VALUES_GRACE_HOURS, or 1]",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the values that nothing refers to any more, or delete them."""
    from lineage_graph.store import Store
    from lineage_graph.values import ValueStore, collect_garbage

    store = Store(_database_url(url))
    try:
        grace = None if grace_hours is None else timedelta(hours=grace_hours)
        garbage = collect_garbage(store, ValueStore(values), delete=delete, grace=grace)
    finally:
        store.close()
    if as_json:
        _print_json({"deleted": delete, "values": [vars(value) for value in garbage]})
        return
    for value in garbage:
        out.print(f"{value.size:>14,} {value.location}", markup=False, highlight=False, soft_wrap=True)
    done = "deleted" if delete else "that nothing refers to; --delete deletes them"
    out.print(
        f"{len(garbage):,} values, {sum(value.size for value in garbage):,} bytes: {done}",
        highlight=False,
        soft_wrap=True,
    )


SpoolFolder = Annotated[
    Path | None,
    typer.Option("--spool", help="The spool's folder. [default: $LINEAGE_GRAPH_SPOOL]", show_default=False),
]


@spool_app.command("list")
def list_spool(spool: SpoolFolder = None, as_json: AsJson = False) -> None:
    """List the commits that wait, and those that were put aside because they can never be stored."""
    from lineage_graph.spool import SUFFIX

    folder = _spool_settings(spool).spool
    assert folder is not None
    waiting = sorted(str(path) for path in folder.expanduser().glob(f"*/*{SUFFIX}"))
    refused = {
        str(path): path.with_suffix(".txt").read_text(encoding="utf-8").strip()
        for path in sorted(folder.expanduser().glob(f"*/refused/*{SUFFIX}"))
    }
    if as_json:
        _print_json({"waiting": waiting, "refused": refused})
        return
    for path in waiting:
        out.print(f"waits    {path}", markup=False, highlight=False, soft_wrap=True)
    for path, reason in refused.items():
        out.print(f"refused  {path}: {reason}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"{len(waiting):,} wait, {len(refused):,} were refused", highlight=False)


@spool_app.command("replay")
def replay_spool(spool: SpoolFolder = None, url: Url = None) -> None:
    """Send the commits that wait for this database, in their order. Exits with 1 when one was refused."""
    from lineage_graph.store import Store
    from lineage_graph.unit_of_work import replay

    store = Store(_database_url(url), _spool_settings(spool))
    try:
        assert store.spool is not None
        before = len(list(store.spool.refused.iterdir()))
        stored = replay(store)
        refused = (len(list(store.spool.refused.iterdir())) - before) // 2
    finally:
        store.close()
    out.print(f"{stored:,} stored, {refused:,} refused", highlight=False)
    if refused:
        raise typer.Exit(1)


def _spool_settings(folder: Path | None) -> ClientSettings:
    settings = ClientSettings()
    if folder is not None:
        settings = settings.model_copy(update={"spool": folder})
    if settings.spool is None:
        raise ConfigurationError("no spool is named: give --spool, or set LINEAGE_GRAPH_SPOOL")
    return settings


@app.command()
def artifacts(
    name: Annotated[str | None, typer.Option("--name", help="Only the versions of this artifact.")] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List artifacts, and what made each."""
    from lineage_graph.store import Store
    from lineage_graph.tables import artifacts_table

    store = Store(_database_url(url))
    try:
        rows = store.read(queries.load("artifacts/list_artifacts"), name=name)
    finally:
        store.close()
    if as_json:
        _print_json([{key: native(value) for key, value in row.data().items()} for row in rows])
    elif rows:
        out.print(artifacts_table(rows))
    else:
        out.print("no artifacts" if name is None else f"no artifact {name!r}")


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def trace(
    script: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The Python script to run.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="The script's own arguments.")] = None,
    url: Url = None,
) -> None:
    """Run a script under LineaPy, with all its lineage in Neo4j. Needs the extra lineapy."""
    from lineage_graph.integrations.lineapy import trace_script

    try:
        traced = trace_script(script, arguments or [], _database_url(url))
    except LineageGraphError:
        raise
    except Exception as error:
        if type(error).__name__ != "UserException" or error.__cause__ is None:
            raise
        # The script's own failure: shown as Python shows it.
        traceback.print_exception(error.__cause__)
        raise typer.Exit(1) from None
    saved = ", ".join(f"{name} version {version}" for name, version in traced.artifacts)
    err.print(
        f"traced {traced.nodes:,} nodes in session {traced.id}" + (f"; saved {saved}" if saved else ""),
        highlight=False,
        soft_wrap=True,
        markup=False,
    )


@app.command()
def demo(url: Url = None) -> None:
    """Import recorded lineage into a real Neo4j, trace an example live, and show what the graph answers."""
    from lineage_graph.demo import run_demo

    run_demo(_database_url(url), out, err)


def _server(url: str, version: str | None = None) -> Any:
    from lineage_graph.server import LocalServer, folder_from_url

    return LocalServer(folder_from_url(url), version=version)


def _info(info: Any) -> dict[str, Any]:
    return {
        "bolt_url": info.bolt_url,
        "browser_url": info.browser_url,
        "username": info.username,
        "version": info.version,
        "pid": info.pid,
        "folder": str(info.folder),
    }


def main(arguments: list[str] | None = None) -> None:
    """Run the command line, and exit with its status: 0, 1 for an error, 2 for a wrong call, 130 for Ctrl-C."""
    words = sys.argv[1:] if arguments is None else arguments
    is_debug = "--debug" in words or bool(os.environ.get("LINEAGE_GRAPH_DEBUG"))
    try:
        app(args=words, prog_name="lineage-graph")
    except Exception as error:
        if is_debug:
            raise
        if isinstance(error, LineageGraphError):
            _fail(str(error))
        _fail(f"{type(error).__name__}: {error} (this should not happen; --debug shows where)")


def _fail(message: str) -> None:
    err.print(f"error: {' '.join(message.split())}", markup=False, highlight=False, soft_wrap=True)
    raise SystemExit(1)
