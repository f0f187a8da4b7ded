"""Questions about lineage: what something was made from, what was made from it, why, and by which code."""

from lineage_graph.lineage.questions import Lineage
from lineage_graph.lineage.results import Answer, Edge, EdgeKind, Item
from lineage_graph.lineage.starts import Start

__all__ = ["Answer", "Edge", "EdgeKind", "Item", "Lineage", "Start"]
