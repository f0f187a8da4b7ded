"""The mapping of records to the graph: statements, the rows that they take and return, labels. Opens no connection."""
