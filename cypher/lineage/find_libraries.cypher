// The versions of a library that sessions import.
//
// Parameters:
//   package_name: STRING    the library's name
//   version: STRING | NULL    the version; null means any
//   until: LOCAL DATETIME | NULL    leave out what only later sessions import
//   limit: INTEGER    the largest number of rows
// Returns:
//   package_name: STRING    its name
//   version: STRING    a version
MATCH (library:Library {package_name: $package_name})
WHERE
  library.version IS NOT NULL AND
  ($version IS NULL OR library.version = $version) AND
  ($until IS NULL OR
    EXISTS {
      MATCH (library)<-[:OF_LIBRARY]-(:Node)-[:IN_SESSION]->(ran:Session)
      WHERE ran.creation_time <= $until
    })
RETURN library.package_name AS package_name, library.version AS version
ORDER BY version
LIMIT $limit
