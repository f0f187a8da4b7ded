"""The command line: ``lineage-graph``. A module for each group of commands; all of it printed by `console`."""

from lineage_graph.cli.app import main

__all__ = ["main"]
