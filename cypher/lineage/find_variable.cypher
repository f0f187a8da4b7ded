// The node where a variable was assigned last, in a session or in any.
//
// Parameters:
//   name: STRING    the variable's name
//   session_id: STRING | NULL    the id of a session; null means any
//   until: LOCAL DATETIME | NULL    leave out sessions that began later
// Returns:
//   node_id: STRING    the id of the node
MATCH (variable:Variable {name: $name})-[:ASSIGNED_AT]->(node:Node)
WHERE
  ($session_id IS NULL OR node.session_id = $session_id) AND
  ($until IS NULL OR
    NOT EXISTS {
      MATCH (node)-[:IN_SESSION]->(begun:Session)
      WHERE begun.creation_time > $until
    })
RETURN node.id AS node_id
ORDER BY variable.written_at DESC, node_id
LIMIT 1
