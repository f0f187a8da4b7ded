"""``lineage-graph import``: import lineage from other stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lineage_graph.cli.console import Column, err, out
from lineage_graph.cli.options import AsJson, Url, database_url, group
from lineage_graph.errors import LineageGraphError

if TYPE_CHECKING:
    from lineage_graph.importers.lineapy import ImportReport

app = group("Import lineage from other stores.")


@app.command("lineapy")
def import_lineapy_database(
    source: Annotated[
        str, typer.Argument(metavar="URL", help="sqlite:///path, a path, or postgresql://user:password@host/name.")
    ],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Import a LineaPy database. A repeated import writes only what is missing."""
    from lineage_graph.db import RelationalLineaDB
    from lineage_graph.importers.lineapy import import_lineapy

    db = RelationalLineaDB(database_url(url))
    try:
        with err.progress("Importing") as on_records:
            report = import_lineapy(source, db, on_records)
    finally:
        db.close()
    if as_json:
        out.json(
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
        show_report(report)
        if report.dangling:
            out.line(f"{report.dangling:,} dangling references, to missing nodes; they are kept")
        for line in report.skipped:
            err.line(f"skipped {line}")
    if not report.is_complete:
        raise LineageGraphError("records of the source are missing in the graph: run the import again")


def show_report(report: ImportReport) -> None:
    """Print the counts of an import by kind; those that differ are red."""
    written = f"{report.written:,} records written" if report.written else "all of it was there already"
    columns = [Column("kind", identifies=True), Column("source", is_number=True)]
    if report.skips:
        columns.append(Column("skipped", is_number=True))
    columns.append(Column("graph", is_number=True))
    kinds = sorted(report.source | report.graph)
    rows = []
    for kind in kinds:
        counts = [report.source[kind], *([report.skips[kind]] if report.skips else []), report.graph[kind]]
        rows.append([kind, *(f"{count:,}" for count in counts)])
    out.table(
        f"Imported: {written}",
        columns,
        rows,
        striking=lambda index: report.source[kinds[index]] - report.skips[kinds[index]] != report.graph[kinds[index]],
    )
