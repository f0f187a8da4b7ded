// Makes the key of the migrations' own history, which is also the lock that they are applied under.
//
// Parameters: none
// Returns: nothing
CREATE CONSTRAINT schema_migration_version IF NOT EXISTS
FOR (migration:SchemaMigration)
REQUIRE migration.version IS UNIQUE
