"""Readers of other lineage stores (the extra ``import``)."""
