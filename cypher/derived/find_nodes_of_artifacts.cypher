// The nodes that artifacts point to.
//
// Parameters:
//   ids: LIST<INTEGER>    ids of artifacts
// Returns:
//   id: STRING    a node's id
UNWIND $ids AS id
MATCH (:Artifact {id: id})-[:OF_NODE]->(node:Node)
RETURN DISTINCT node.id AS id
