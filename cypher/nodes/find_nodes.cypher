// Which of these nodes are there.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   id: STRING    the id of one that is there
CYPHER replan = skip
UNWIND $ids AS id
MATCH (node:Node {id: id})
RETURN node.id AS id
