// The code of a notebook's cells, in the order of their execution.
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   code: STRING    the text of a cell
MATCH (source:SourceCode {session_id: $session_id})
RETURN source.code AS code
ORDER BY source.execution_count
