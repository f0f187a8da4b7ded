"""Files that are whole or missing."""
