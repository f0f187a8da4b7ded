"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        help="The database: bolt://, neo4j://, local: or local:///folder. [default: $NEO4J_URI, or local:]",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def database_url(url: str | None) -> str:
    """The URL of ``--url``, or else that of the environment."""
    from lineage_graph.store.url import environment_url

    return environment_url() if url is None else url


def group(help_: str) -> typer.Typer:
    """A group of commands. Help is plain text, so that brackets in it are kept."""
    return typer.Typer(help=help_, no_args_is_help=True, rich_markup_mode=None)
