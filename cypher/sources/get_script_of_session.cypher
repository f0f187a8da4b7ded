// The code of a session's script: that of its first node with a source.
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   code: STRING    the text of the file
MATCH (node:Node {session_id: $session_id})-[:FROM_SOURCE]->(source:SourceCode)
USING INDEX node:Node(session_id)
RETURN source.code AS code
ORDER BY node.written_at
LIMIT 1
