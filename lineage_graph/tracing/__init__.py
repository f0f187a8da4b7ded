"""Runs a block of code and records what it does: each operation once, in order of completion.

This package knows no store: `Block.run` gives records to a sink. It works on the syntax tree, so it is the same on
every Python.
"""

from lineage_graph.tracing.blocks import Block, Recording
from lineage_graph.tracing.calls import Call

__all__ = ["Block", "Call", "Recording"]
