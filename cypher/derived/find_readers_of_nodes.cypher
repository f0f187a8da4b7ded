// The calls that got an artifact which points to one of these nodes.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   id: STRING    a call's id
UNWIND $ids AS id
MATCH
  (:Node {id: id})<-[:OF_NODE]-(:Artifact)<-[:READS_ARTIFACT]-(call:CallNode)
RETURN DISTINCT call.id AS id
