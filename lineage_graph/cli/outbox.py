"""``lineage-graph outbox``: commits that wait on disk for the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineage_graph.cli.console import out
from lineage_graph.cli.options import AsJson, Url, database_url, group
from lineage_graph.errors import ConfigurationError

if TYPE_CHECKING:
    from lineage_graph.settings import ClientSettings

app = group("Commits that wait on disk for the server.")

# Text, since a Path takes "" for the current folder.
OutboxFolder = Annotated[
    str | None,
    typer.Option("--outbox", help="The outbox's folder. [default: $LINEAGE_GRAPH_OUTBOX]", show_default=False),
]


@app.command("list")
def list_outbox(outbox: OutboxFolder = None, as_json: AsJson = False) -> None:
    """List the commits that wait, and the dead letters: commits that can never be stored."""
    from lineage_graph.store.outbox import DEAD_LETTERS, SUFFIX

    folder = _settings(outbox).outbox
    assert folder is not None
    waiting = sorted(str(path) for path in folder.glob(f"*/*{SUFFIX}"))
    dead_letters = {str(path): _reason(path) for path in sorted(folder.glob(f"*/{DEAD_LETTERS}/*{SUFFIX}"))}
    if as_json:
        out.json({"waiting": waiting, "dead_letters": dead_letters})
        return
    for path in waiting:
        out.line(f"waits        {path}")
    for letter, reason in dead_letters.items():
        out.line(f"dead letter  {letter}: {reason}")
    out.line(f"{len(waiting):,} wait, {len(dead_letters):,} dead letters")


@app.command("replay")
def replay_outbox(
    outbox: OutboxFolder = None,
    url: Url = None,
    dead_letters: Annotated[bool, typer.Option("--dead-letters", help="Try the dead letters again too.")] = False,
) -> None:
    """Send the commits that wait for this database, in their order. Exits with 1 if one became a dead letter."""
    from lineage_graph.store.connection import Store
    from lineage_graph.store.unit_of_work import replay

    store = Store(database_url(url), _settings(outbox))
    try:
        assert store.outbox is not None
        if dead_letters:
            store.outbox.revive()
        before = len(store.outbox.dead())
        stored = replay(store)
        dead = len(store.outbox.dead()) - before
    finally:
        store.close()
    out.line(f"{stored:,} stored, {dead:,} dead letters")
    if dead:
        raise typer.Exit(1)


def _reason(path: Path) -> str:
    """The reason why a commit became a dead letter, from the file next to it."""
    try:
        return path.with_suffix(".txt").read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return "the reason is missing"


def _settings(folder: str | None) -> ClientSettings:
    from lineage_graph.settings import ClientSettings

    settings = ClientSettings() if folder is None else ClientSettings(outbox=folder)
    if settings.outbox is None:
        raise ConfigurationError("no outbox is named: give --outbox, or set LINEAGE_GRAPH_OUTBOX")
    return settings
