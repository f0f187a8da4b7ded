"""The asset manager: values of operations as files, named by their checksums."""

from lineage_graph.values.audit import ValueReport, check_values, collect_garbage
from lineage_graph.values.store import StoredValue, ValueDescription, ValueStore

__all__ = ["StoredValue", "ValueDescription", "ValueReport", "ValueStore", "check_values", "collect_garbage"]
