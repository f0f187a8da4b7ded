"""``lineage-graph values``: the values that the graph refers to."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from lineage_graph.cli.console import out
from lineage_graph.cli.options import AsJson, Url, database_url, group

app = group("The values that the graph refers to.")

Values = Annotated[
    str | None,
    typer.Option(
        "--values",
        help="The store of values: a folder or an fsspec URL. [default: $LINEAGE_GRAPH_VALUES_URL]",
        show_default=False,
    ),
]

# A century, so that the date to compare with exists.
MAX_GRACE_HOURS = 876_600


@app.command()
def check(values: Values = None, url: Url = None, as_json: AsJson = False) -> None:
    """Check every value that the graph refers to. Exits with 1 if one is missing or corrupted."""
    from lineage_graph.store.connection import Store
    from lineage_graph.values import ValueStore, check_values

    kept = ValueStore(values)
    store = Store(database_url(url))
    try:
        report = check_values(store, kept)
    finally:
        store.close()
    if as_json:
        out.json(vars(report))
    else:
        for problem in ("missing", "corrupted", "unreferenced"):
            for location in getattr(report, problem):
                out.line(f"{problem:12} {location}")
        out.line(
            f"{report.checked:,} checked ({report.elsewhere:,} of them in MLflow, not checked): "
            f"{len(report.missing):,} missing, {len(report.corrupted):,} corrupted; "
            f"{len(report.unreferenced):,} unreferenced"
        )
    if not report.is_sound:
        raise typer.Exit(1)


@app.command()
def gc(
    values: Values = None,
    url: Url = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete them instead of listing them only.")] = False,
    grace_hours: Annotated[
        float | None,
        typer.Option(
            "--grace-hours",
            min=0,
            max=MAX_GRACE_HOURS,
            help="Keep values that were put more recently. [default: $LINEAGE_GRAPH_VALUES_GRACE_HOURS, or 1]",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the unreferenced values, or delete them."""
    from lineage_graph.store.connection import Store
    from lineage_graph.values import ValueStore, collect_garbage

    kept = ValueStore(values)
    store = Store(database_url(url))
    try:
        grace = None if grace_hours is None else timedelta(hours=grace_hours)
        garbage = collect_garbage(store, kept, delete=delete, grace=grace)
    finally:
        store.close()
    if as_json:
        out.json({"deleted": delete, "values": [vars(value) for value in garbage]})
        return
    for value in garbage:
        out.line(f"{value.size:>14,} {value.location}")
    done = "deleted" if delete else "unreferenced; --delete deletes them"
    out.line(f"{len(garbage):,} values, {sum(value.size for value in garbage):,} bytes: {done}")
