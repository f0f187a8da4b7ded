// The migrations that were applied to this database, oldest first.
//
// Parameters: none
// Returns:
//   version: INTEGER    from 1; 0 is the lock and not among them
//   checksum: STRING    SHA-256 of the migration's statements, without comments and layout
MATCH (migration:SchemaMigration)
WHERE migration.version > 0
RETURN migration.version AS version, migration.checksum AS checksum
ORDER BY version
