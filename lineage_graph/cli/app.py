"""The whole command line: its groups of commands, its exit status, its errors."""

from __future__ import annotations

import io
import os
import sys
import traceback
from dataclasses import dataclass
from typing import Annotated

import typer

import lineage_graph
from lineage_graph.cli import imports, lineage, outbox, server, values
from lineage_graph.cli.artifacts import artifacts
from lineage_graph.cli.console import err, out
from lineage_graph.cli.demo import demo
from lineage_graph.cli.trace import trace
from lineage_graph.errors import LineageGraphError

app = typer.Typer(
    name="lineage-graph",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(server.app, name="server")
app.add_typer(imports.app, name="import")
app.add_typer(values.app, name="values")
app.add_typer(lineage.app, name="lineage")
app.add_typer(outbox.app, name="outbox")
app.command()(artifacts)
app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(trace)
app.command()(demo)


@dataclass
class Run:
    """Options of the whole run of a command."""

    debug: bool = False


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. [default: $LINEAGE_GRAPH_DEBUG]")] = False,
) -> None:
    """Python lineage, stored and queried in Neo4j."""
    context.obj.debug = debug
    if version:
        out.line(lineage_graph.__version__)
        raise typer.Exit


def main(arguments: list[str] | None = None) -> None:
    """Run the command line, and exit with its status: 0, 1 for an error, 2 for a wrong call, 130 for Ctrl-C."""
    run = Run()
    try:
        status = app(
            args=sys.argv[1:] if arguments is None else arguments,
            prog_name="lineage-graph",
            standalone_mode=False,
            obj=run,
        )
        out.flush()
    except typer.TyperException as error:
        err.lines(_wrong_call(error))
        status = error.exit_code
    except typer.Abort:
        status = 130
    except BrokenPipeError:
        # The reader has closed the pipe (`| head`); the interpreter must not fail when it flushes the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 1
    except Exception as error:
        _show(error, run.debug)
        status = 1
    sys.exit(status or 0)


def _show(error: Exception, debug: bool) -> None:
    # Imported here, since commands load the settings, and `--help` does not.
    from lineage_graph.settings import CommandLineSettings

    try:
        debug = debug or CommandLineSettings().debug
    except LineageGraphError as wrong:
        err.line(f"error: {wrong}")
    if debug:
        err.lines("".join(traceback.format_exception(error)))
    else:
        err.line(f"error: {_described(error)}")


def _described(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, LineageGraphError):
        return text
    return f"{type(error).__name__}: {text} (this should not happen; --debug shows where)"


def _wrong_call(error: typer.TyperException) -> str:
    """The parser's message about a wrong call."""
    shown = io.StringIO()
    error.show(file=shown)  # type: ignore[attr-defined]
    return shown.getvalue()
