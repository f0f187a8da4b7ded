// Calls that read a file, table or URL after these calls wrote it.
//
// Parameters:
//   ids: LIST<STRING>    ids of calls that wrote
// Returns:
//   id: STRING    the id of a call that read
CYPHER replan = skip
UNWIND $ids AS id
MATCH
  (writer:Node&CallNode {id: id})-[:WRITES]->
  (:Dataset)<-[:READS]-
  (reader:CallNode)
USING INDEX SEEK writer:Node(id)
WHERE reader.written_at > writer.written_at
RETURN DISTINCT reader.id AS id
