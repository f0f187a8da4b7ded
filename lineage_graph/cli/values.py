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
        help="Where the values are: a folder or a URL of fsspec's. [default: $LINEAGE_GRAPH_VALUES_URL]",
        show_default=False,
    ),
]

# A century: beyond it there are no dates to compare with.
MAX_GRACE_HOURS = 876_600


@app.command()
def check(values: Values = None, url: Url = None, as_json: AsJson = False) -> None:
    """Look at every value that the graph refers to. Exits with 1 when one is missing or corrupted."""
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
            f"{report.checked:,} checked ({report.elsewhere:,} of them MLflow's, not looked at): "
            f"{len(report.missing):,} missing, {len(report.corrupted):,} corrupted; "
            f"{len(report.unreferenced):,} that nothing refers to"
        )
    if not report.is_sound:
        raise typer.Exit(1)


@app.command()
def gc(
    values: Values = None,
    url: Url = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete them; without it they are only listed.")] = False,
    grace_hours: Annotated[
        float | None,
        typer.Option(
            "--grace-hours",
            min=0,
            max=MAX_GRACE_HOURS,
            help="Leave what was put more recently. [default: $LINEAGE_GRAPH_VALUES_GRACE_HOURS, or 1]",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the values that nothing refers to any more, or delete them."""
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
    done = "deleted" if delete else "that nothing refers to; --delete deletes them"
    out.line(f"{len(garbage):,} values, {sum(value.size for value in garbage):,} bytes: {done}")
