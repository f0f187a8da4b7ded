// The call that wrote a file, table or URL last, by a time.
//
// Parameters:
//   uri: STRING    the dataset's URI
//   until: LOCAL DATETIME | NULL    leave out sessions that began later
// Returns:
//   id: STRING    the call's id
MATCH (:Dataset {uri: $uri})<-[:WRITES]-(writer:CallNode)
WHERE
  $until IS NULL OR
  NOT EXISTS {
    MATCH (writer)-[:IN_SESSION]->(ran:Session)
    WHERE ran.creation_time > $until
  }
RETURN writer.id AS id
ORDER BY writer.written_at DESC, id
LIMIT 1
