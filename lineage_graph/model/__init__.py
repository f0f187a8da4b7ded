"""Checks of records, captions, literals, versions and references. Knows no database, clock or file."""
