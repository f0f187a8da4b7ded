// The operation that a question begins at.
//
// Parameters:
//   id: STRING    the node's id
//   until: LOCAL DATETIME | NULL    leave out sessions that began later
// Returns:
//   id: STRING    its id
//   name: STRING    its source text
//   labels: LIST<STRING>    Node and the label of its kind
//   session_id: STRING    the id of its session
//   session: STRING | NULL    the session's name
//   source: STRING | NULL    the file or cell that holds it
//   lineno: INTEGER | NULL    its first line there
//   end_lineno: INTEGER | NULL    its last line
MATCH (node:Node {id: $id})
OPTIONAL MATCH (node)-[:IN_SESSION]->(session:Session)
WITH node, session
WHERE $until IS NULL OR session IS NULL OR session.creation_time <= $until
OPTIONAL MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  node.id AS id,
  node.name AS name,
  labels(node) AS labels,
  node.session_id AS session_id,
  session.name AS session,
  source.name AS source,
  node.lineno AS lineno,
  node.end_lineno AS end_lineno
