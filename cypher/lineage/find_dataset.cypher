// The file, table or URL that a question begins at.
//
// Parameters:
//   uri: STRING    its URI
//   until: LOCAL DATETIME | NULL    leave out what only later sessions read or write
// Returns:
//   uri: STRING    its URI
//   name: STRING    what a person reads
MATCH (dataset:Dataset {uri: $uri})
WHERE
  $until IS NULL OR
  EXISTS {
    MATCH (dataset)<-[:READS|WRITES]-(:CallNode)-[:IN_SESSION]->(ran:Session)
    WHERE ran.creation_time <= $until
  }
RETURN dataset.uri AS uri, dataset.name AS name
