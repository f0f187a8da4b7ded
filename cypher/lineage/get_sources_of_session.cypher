// The source codes of a session that nodes name, with the places of all its nodes.
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   id: STRING    the id of a source code
//   code: STRING    its text
//   path: STRING | NULL    the script's path
//   execution_count: INTEGER | NULL    of a notebook's cell
MATCH (node:Node {session_id: $session_id})-[:FROM_SOURCE]->(source:SourceCode)
USING INDEX node:Node(session_id)
WITH DISTINCT source
RETURN
  source.id AS id,
  source.code AS code,
  source.path AS path,
  source.execution_count AS execution_count
