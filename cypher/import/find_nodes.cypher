// Which of these nodes are there.
//
// Parameters:
//   keys: LIST<MAP>    id
// Returns:
//   id: STRING    the id of one that is there
UNWIND $keys AS key
MATCH (node:Node {id: key.id})
RETURN node.id AS id
