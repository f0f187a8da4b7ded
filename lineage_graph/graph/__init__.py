"""How records become a graph: the statements, the rows they take and give, the labels. Opens no connection."""
