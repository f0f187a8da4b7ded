"""Other projects, running on the graph."""
