"""``lineage-graph trace``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lineage_graph.cli.console import err
from lineage_graph.cli.options import Url, database_url
from lineage_graph.errors import LineageGraphError


def trace(
    script: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The Python script to run.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="The script's own arguments.")] = None,
    url: Url = None,
) -> None:
    """Run a script under LineaPy, with all its lineage in Neo4j. Needs the extra lineapy."""
    from lineage_graph.integrations.lineapy import trace_script

    try:
        traced = trace_script(script, arguments or [], database_url(url))
    except LineageGraphError:
        raise
    except Exception as error:
        if type(error).__name__ != "UserException" or error.__cause__ is None:
            raise
        # The script's own failure: shown as Python shows it, or as the script wants it.
        cause = error.__cause__
        sys.excepthook(type(cause), cause, cause.__traceback__)
        raise typer.Exit(1) from None
    saved = ", ".join(f"{name} version {version}" for name, version in traced.artifacts)
    err.line(f"traced {traced.nodes:,} nodes in session {traced.id}" + (f"; saved {saved}" if saved else ""))
    if traced.exit_code is not None:
        sys.exit(traced.exit_code)
