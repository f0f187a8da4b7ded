"""``lineage-graph server``: the managed local Neo4j."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lineage_graph.cli.console import out
from lineage_graph.cli.options import AsJson, group

if TYPE_CHECKING:
    from lineage_graph.server import LocalServer, ServerInfo

app = group("The managed local Neo4j.")

LocalUrl = Annotated[str, typer.Option("--url", help="Which local server: local: or local:///folder.")]


@app.command()
def start(
    url: LocalUrl = "local:",
    neo4j_version: Annotated[str | None, typer.Option("--neo4j-version", help="The version of Neo4j to run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Start Neo4j on this machine unless it is running. The first start fetches it."""
    info = _server(url, neo4j_version).start()
    if as_json:
        out.json(_described(info))
    else:
        out.line(f"Neo4j {info.version} runs at {info.bolt_url}; Browser is at {info.browser_url}")


@app.command()
def stop(url: LocalUrl = "local:") -> None:
    """Stop the local Neo4j. Its data stays."""
    _server(url).stop()
    out.line("stopped")


@app.command()
def status(
    url: LocalUrl = "local:",
    show_password: Annotated[bool, typer.Option("--show-password", help="Print the password too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print whether the local Neo4j runs, and how to reach it. Exits with 1 if it does not run."""
    state = _server(url).status()
    secret = {"password": state.info.password.get_secret_value()} if state.info is not None and show_password else {}
    if as_json:
        details: dict[str, Any] = {} if state.pid is None else {"pid": state.pid}
        if state.info is not None:
            details = _described(state.info)
        out.json({"running": state.running, "folder": str(state.folder)} | details | secret)
    elif state.info is None:
        out.line(state.problem)
    else:
        for name, value in (_described(state.info) | secret).items():
            out.line(f"{name:12} {value}")
    if not state.running:
        raise typer.Exit(1)


@app.command()
def logs(
    url: LocalUrl = "local:",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines.")] = 50,
) -> None:
    """Print the end of the local Neo4j's log."""
    if text := _server(url).logs(lines):
        out.lines(text)


def _server(url: str, version: str | None = None) -> LocalServer:
    from lineage_graph.server import LocalServer, folder_from_url

    return LocalServer(folder_from_url(url), version=version)


def _described(info: ServerInfo) -> dict[str, Any]:
    return {
        "bolt_url": info.bolt_url,
        "browser_url": info.browser_url,
        "username": info.username,
        "version": info.version,
        "pid": info.pid,
        "folder": str(info.folder),
    }
