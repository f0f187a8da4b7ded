// The call that wrote a file, table or URL last.
//
// Parameters:
//   uri: STRING    the dataset's URI
// Returns:
//   id: STRING    the call's id
MATCH (:Dataset {uri: $uri})<-[:WRITES]-(writer:CallNode)
RETURN writer.id AS id
ORDER BY writer.written_at DESC, id
LIMIT 1
