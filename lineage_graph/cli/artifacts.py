"""``lineage-graph artifacts``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from lineage_graph.cli.console import Column, out
from lineage_graph.cli.options import AsJson, Url, database_url


def artifacts(
    name: Annotated[str | None, typer.Option("--name", help="Only the versions of this artifact.")] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List artifacts, and the operation that made each."""
    from lineage_graph.graph import statements
    from lineage_graph.graph.mapping import native
    from lineage_graph.store.connection import Store

    store = Store(database_url(url))
    try:
        rows = store.read(statements.load("artifacts/list_artifacts"), name=name)
    finally:
        store.close()
    if as_json:
        out.json([{key: native(value) for key, value in row.data().items()} for row in rows])
    elif rows:
        show_artifacts(rows)
    else:
        out.line("no artifacts" if name is None else f"no artifact {name!r}")


def show_artifacts(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print artifacts from the rows of ``artifacts/list_artifacts``."""
    from lineage_graph.graph.mapping import native

    out.table(
        "Artifacts",
        [
            Column("artifact", identifies=True),
            Column("version", identifies=True, is_number=True),
            Column("saved", identifies=True),
            Column("made by"),
            Column("in"),
        ],
        [
            [
                row["name"],
                str(row["version"]),
                f"{native(row['date_created']):%Y-%m-%d %H:%M}",
                row["made_by"] or "",
                row["source"] or "",
            ]
            for row in rows
        ],
    )
