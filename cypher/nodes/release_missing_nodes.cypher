// Turns reserved nodes into missing nodes.
//
// They are kept for the references to them, and shown to no reader of nodes.
//
// Parameters:
//   ids: LIST<STRING>    ids that were reserved
// Returns: nothing
CYPHER replan = skip
UNWIND $ids AS id
MATCH (node:Node {id: id})
WHERE node.reserved
REMOVE node :Node, node.reserved
SET node :MissingNode, node.name = "missing node"
