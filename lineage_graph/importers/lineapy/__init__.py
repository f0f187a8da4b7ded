"""LineaPy databases, imported through the adapter."""

from lineage_graph.importers.lineapy.importing import ImportReport, import_lineapy

__all__ = ["ImportReport", "import_lineapy"]
