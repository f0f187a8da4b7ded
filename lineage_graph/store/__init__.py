"""A connected graph store: connections, migrations, the unit of work, the outbox and reading."""
