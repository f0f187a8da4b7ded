"""The command line: ``lineage-graph``. One module for each group of commands; `console` prints everything."""

from lineage_graph.cli.app import main

__all__ = ["main"]
