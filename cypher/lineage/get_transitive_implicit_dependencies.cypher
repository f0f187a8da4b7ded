// What a call depends on without naming it, directly or through others, in the order of writing.
//
// Parameters:
//   id: STRING    the call node's id
// Returns:
//   id: STRING    the id of a node that it depends on
MATCH (call:Node {id: $id})-[:IMPLICIT_DEPENDENCY*1..]->(node)
USING INDEX SEEK call:Node(id)
WITH DISTINCT node
WHERE node:Node
RETURN node.id AS id
ORDER BY node.written_at
