// The calls that get an artifact which these calls of the same session save.
//
// Parameters:
//   rows: LIST<MAP>    calls that save
//     id: STRING    the call's id
//     name: STRING    the artifact's name
// Returns:
//   id: STRING    the id of a call that gets it
UNWIND $rows AS row
MATCH
  (:Node&CallNode {id: row.id})-[:POSITIONAL_ARG {index: 0}]->
  (node:Node)<-[:OF_NODE]-
  (:Artifact {name: row.name})
MATCH (call:CallNode {artifact_name: row.name})
WHERE call.session_id = node.session_id
RETURN DISTINCT call.id AS id
