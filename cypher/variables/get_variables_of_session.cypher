// The variables that were assigned in a session, in the order of writing.
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   node_id: STRING    where it was assigned
//   name: STRING    the variable's name
MATCH (node:Node {session_id: $session_id})<-[:ASSIGNED_AT]-(variable:Variable)
USING INDEX node:Node(session_id)
RETURN node.id AS node_id, variable.name AS name
ORDER BY variable.written_at
