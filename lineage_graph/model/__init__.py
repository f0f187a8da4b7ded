"""What a record may hold, how a person reads it, and what it refers to. Knows no database, clock or file."""
