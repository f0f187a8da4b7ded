// The variables that were assigned in a session, in the order of writing.
//
// In one list, since a driver takes long for a row.
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   variables: LIST<LIST<STRING>>    of each: the id of the node where it was assigned, and its name
MATCH (node:Node {session_id: $session_id})<-[:ASSIGNED_AT]-(variable:Variable)
USING INDEX node:Node(session_id)
WITH node, variable
ORDER BY variable.written_at
RETURN collect([node.id, variable.name]) AS variables
