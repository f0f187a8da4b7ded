// Takes the lock that migrations are applied under; it is held until the transaction ends.
//
// Parameters: none
// Returns: nothing
MERGE (migration:SchemaMigration {version: 0})
SET migration.name = "lock", migration.locked_at = localdatetime()
