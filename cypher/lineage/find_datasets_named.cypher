// The files, tables and URLs of a name.
//
// Parameters:
//   name: STRING    the last part of a path, or a table's name
//   limit: INTEGER    the largest number of rows
// Returns:
//   uri: STRING    a URI
MATCH (dataset:Dataset {name: $name})
RETURN dataset.uri AS uri
ORDER BY uri
LIMIT $limit
