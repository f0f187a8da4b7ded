// The calls and artifacts of sessions that came after them.
//
// Parameters:
//   ids: LIST<STRING>    ids of sessions
// Returns:
//   calls: LIST<STRING>    ids of their calls
//   artifacts: LIST<INTEGER>    ids of their artifacts
CYPHER replan = skip
UNWIND $ids AS id
MATCH (session:Session {id: id})
OPTIONAL MATCH (session)<-[:IN_SESSION]-(node:Node)
OPTIONAL MATCH (node)<-[:OF_NODE]-(artifact:Artifact)
RETURN
  collect(DISTINCT
    CASE
      WHEN node:CallNode THEN node.id
    END) AS calls,
  collect(DISTINCT artifact.id) AS artifacts
