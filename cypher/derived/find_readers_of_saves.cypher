// The calls that get an artifact which these calls of the same session save.
//
// Parameters:
//   ids: LIST<STRING>    ids of calls that save
// Returns:
//   id: STRING    the id of a call that gets it
CYPHER replan = skip
UNWIND $ids AS id
MATCH
  (save:Node&CallNode {id: id})-[:POSITIONAL_ARG {index: 0}]->
  (:Node)<-[:OF_NODE]-
  (artifact:Artifact)
USING INDEX SEEK save:Node(id)
MATCH (save)-[:POSITIONAL_ARG {index: 1}]->(:LiteralNode {value: artifact.name})
MATCH (call:CallNode {artifact_name: artifact.name})
USING INDEX SEEK call:CallNode(artifact_name)
WHERE call.session_id = save.session_id
RETURN DISTINCT call.id AS id
