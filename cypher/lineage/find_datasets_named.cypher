// The files, tables and URLs of a name.
//
// Parameters:
//   name: STRING    the last part of a path, or a table's name
//   until: LOCAL DATETIME | NULL    leave out what only later sessions read or write
//   limit: INTEGER    the largest number of rows
// Returns:
//   uri: STRING    a URI
MATCH (dataset:Dataset {name: $name})
WHERE
  $until IS NULL OR
  EXISTS {
    MATCH (dataset)<-[:READS|WRITES]-(:CallNode)-[:IN_SESSION]->(ran:Session)
    WHERE ran.creation_time <= $until
  }
RETURN dataset.uri AS uri
ORDER BY uri
LIMIT $limit
