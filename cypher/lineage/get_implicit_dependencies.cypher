// What a call depends on without naming it, in order.
//
// Parameters:
//   id: STRING    the call node's id
// Returns:
//   id: STRING    the id of a node that it depends on
MATCH (:Node {id: $id})-[dependency:IMPLICIT_DEPENDENCY]->(node:Node)
RETURN node.id AS id
ORDER BY dependency.index
