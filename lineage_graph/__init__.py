"""The lineage of Python work, kept and questioned in Neo4j."""

__version__ = "0.1.0"
