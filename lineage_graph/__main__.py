"""``python -m lineage_graph``: the command line."""

from lineage_graph.cli import main

main()
