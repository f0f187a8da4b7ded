// The calls and artifacts of sessions that came after them.
//
// Parameters:
//   ids: LIST<STRING>    ids of sessions
// Returns:
//   calls: LIST<STRING>    ids of the calls of one
//   artifacts: LIST<INTEGER>    ids of the artifacts of one
UNWIND $ids AS id
MATCH (session:Session {id: id})
RETURN
  COLLECT {
    MATCH (session)<-[:IN_SESSION]-(call:CallNode)
    RETURN call.id
  } AS calls,
  COLLECT {
    MATCH (session)<-[:IN_SESSION]-(:Node)<-[:OF_NODE]-(artifact:Artifact)
    RETURN artifact.id
  } AS artifacts
