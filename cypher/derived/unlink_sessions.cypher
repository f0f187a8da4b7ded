// Deletes what sessions are recorded to have got from others and did not.
//
// Parameters:
//   ids: LIST<STRING>    ids of sessions
// Returns: nothing
CYPHER replan = skip
UNWIND $ids AS id
MATCH (session:Session {id: id})
USING INDEX SEEK session:Session(id)
CALL (session) {
  MATCH (session)<-[:IN_SESSION]-(call:CallNode)
  // Collected, so that the search begins at these and not at all that reads.
  WITH session, collect(call) AS calls
  UNWIND calls AS call
  MATCH (call)-[:READS_ARTIFACT|READS|READ_FROM]->(what)
  WHERE NOT what:CallNode OR what.session_id <> session.id
  RETURN collect(DISTINCT what) AS used
}
CALL (session, used) {
  MATCH (session)-[old:USED|USED_DATA]->(what)
  WHERE NOT what IN used
  DELETE old
}
CALL (used) {
  UNWIND used AS what
  OPTIONAL MATCH (what)-[:OF_NODE]->(node:Node)
  RETURN collect(coalesce(node.session_id, what.session_id)) AS others
}
CALL (session, others) {
  MATCH (session)-[old:INFORMED_BY]->(other:Session)
  WHERE NOT other.id IN others
  DELETE old
}
