"""What the command line shows a person: tables and progress bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from lineage_graph.db import RelationalLineaDB
from lineage_graph.graph.mapping import native

if TYPE_CHECKING:
    from lineage_graph.importers.lineapy import ImportReport


def import_with_progress(source: str, db: RelationalLineaDB, err: Console) -> ImportReport:
    """Import a LineaPy database under a progress bar."""
    # Here, since everything else in this module works without the extra that the import needs.
    from lineage_graph.importers.lineapy import import_lineapy

    with Progress(
        TextColumn("Importing"),
        BarColumn(),
        MofNCompleteColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as progress:
        task = progress.add_task("", total=None)
        return import_lineapy(source, db, lambda done, total: progress.update(task, completed=done, total=total))


def report_table(report: ImportReport) -> Table:
    """The counts of an import, kind by kind."""
    written = f"{report.written:,} records written" if report.written else "all of it was there already"
    table = titled_table(f"Imported: {written}")
    table.add_column("kind")
    table.add_column("source", justify="right")
    if report.skips:
        table.add_column("skipped", justify="right")
    table.add_column("graph", justify="right")
    for kind in sorted(report.source | report.graph):
        source, graph = report.source[kind], report.graph[kind]
        skips = report.skips[kind]
        counts = [f"{source:,}", f"{skips:,}", f"{graph:,}"] if report.skips else [f"{source:,}", f"{graph:,}"]
        table.add_row(kind, *counts, style=None if source - skips == graph else "bold red")
    return table


def artifacts_table(rows: Sequence[Any]) -> Table:
    """Artifacts with what made them, from the rows of ``artifacts/list_artifacts``."""
    table = titled_table("Artifacts")
    table.add_column("artifact", style="bold", no_wrap=True)
    table.add_column("version", justify="right")
    table.add_column("made by", max_width=40, no_wrap=True)
    table.add_column("in")
    table.add_column("saved")
    for row in rows:
        table.add_row(
            row["name"],
            str(row["version"]),
            row["made_by"],
            row["source"] or "",
            f"{native(row['date_created']):%Y-%m-%d %H:%M}",
        )
    return table


def titled_table(title: str) -> Table:
    """An empty table in the house's look."""
    return Table(title=title, box=box.SIMPLE, title_justify="left", title_style="bold cyan")
