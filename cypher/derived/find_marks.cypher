// The nodes of these nodes' sessions that were saved as artifacts, or read or wrote something.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   id: STRING    a node's id
//   is_output: BOOLEAN    whether an artifact points to it, or it wrote a dataset
//   read_from: LIST<STRING>    ids of calls of its session that wrote what it read
CYPHER replan = skip
UNWIND $ids AS id
MATCH (given:Node {id: id})
USING INDEX SEEK given:Node(id)
WITH DISTINCT given.session_id AS session_id
MATCH (node:Node {session_id: session_id})
USING INDEX SEEK node:Node(session_id)
WHERE
  EXISTS {
    MATCH (node)<-[:OF_NODE]-()
  } OR
  EXISTS {
    MATCH (node)-[:READS]->()
  } OR
  EXISTS {
    MATCH (node)-[:WRITES]->()
  } OR
  EXISTS {
    MATCH (node)-[:READS_ARTIFACT]->()
  }
RETURN
  node.id AS id,
  EXISTS {
    MATCH (node)<-[:OF_NODE]-()
  } OR
  EXISTS {
    MATCH (node)-[:WRITES]->()
  } AS is_output,
  [
    (node)-[:READ_FROM]->(writer:CallNode)
    WHERE writer.session_id = session_id
    | writer.id
  ] AS read_from
