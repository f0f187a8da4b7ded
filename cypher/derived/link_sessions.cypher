// Connects sessions to what their calls got from others: artifacts, datasets, and the sessions that made these.
//
// Parameters:
//   ids: LIST<STRING>    ids of calls that read
// Returns: nothing
CYPHER replan = skip
UNWIND $ids AS id
MATCH (call:Node&CallNode {id: id})-[:IN_SESSION]->(session:Session)
USING INDEX SEEK call:Node(id)
CALL (call, session) {
  MATCH (call)-[:READS_ARTIFACT]->(artifact:Artifact)
  MERGE (session)-[:USED]->(artifact)
}
CALL (call, session) {
  MATCH (call)-[:READS]->(dataset:Dataset)
  MERGE (session)-[:USED_DATA]->(dataset)
}
CALL (call, session) {
  MATCH (call)-[:READ_FROM]->(writer:CallNode)
  WHERE writer.session_id <> session.id
  MERGE (session)-[:USED_DATA]->(writer)
}
CALL (call, session) {
  MATCH (call)-[:READ_FROM]->(writer:CallNode)-[:IN_SESSION]->(other:Session)
  RETURN other
    UNION
  MATCH
    (call)-[:READS_ARTIFACT]->
    (:Artifact)-[:OF_NODE]->
    (:Node)-[:IN_SESSION]->
    (other:Session)
  RETURN other
}
WITH DISTINCT session, other
WHERE session <> other
MERGE (session)-[:INFORMED_BY]->(other)
