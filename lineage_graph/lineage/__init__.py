"""Questions about lineage: what something was made from, what was made from it, why, and by which code."""

from lineage_graph.lineage.ancestors import Ancestor, Ancestors
from lineage_graph.lineage.comparing import Change, Diff, Value
from lineage_graph.lineage.explaining import Explanation, Step, Why
from lineage_graph.lineage.impact import Impact, Rerun
from lineage_graph.lineage.questions import Lineage
from lineage_graph.lineage.reporting import Finding, Report, Section
from lineage_graph.lineage.results import Answer, Edge, EdgeKind, Item
from lineage_graph.lineage.searching import Hit, Hits
from lineage_graph.lineage.slicing import AddedLine, Code
from lineage_graph.lineage.starts import Start

__all__ = [
    "AddedLine",
    "Ancestor",
    "Ancestors",
    "Answer",
    "Change",
    "Code",
    "Diff",
    "Edge",
    "EdgeKind",
    "Explanation",
    "Finding",
    "Hit",
    "Hits",
    "Impact",
    "Item",
    "Lineage",
    "Report",
    "Rerun",
    "Section",
    "Start",
    "Step",
    "Value",
    "Why",
]
