// Puts missing nodes that are known already in the place of reserved ones.
//
// Parameters:
//   ids: LIST<STRING>    ids that were reserved
// Returns: nothing
CYPHER replan = skip
UNWIND $ids AS id
MATCH (missing:MissingNode {id: id})
MATCH (reserved:Node {id: id})
DELETE reserved
REMOVE missing :MissingNode
SET missing :Node, missing.reserved = true
