// Records that a migration was applied.
//
// Parameters:
//   version: INTEGER    its number, from 1
//   name: STRING    its name
//   checksum: STRING    SHA-256 of its statements, without comments and layout
// Returns: nothing
CREATE
  (:SchemaMigration
    {
      version: $version,
      name: $name,
      checksum: $checksum,
      applied_at: localdatetime()
    })
