// The ids of sessions, a page at a time.
//
// Parameters:
//   after: STRING    the id after which to begin
//   limit: INTEGER    the largest number of rows
// Returns:
//   id: STRING    a session's id
MATCH (session:Session)
WHERE session.id > $after
RETURN session.id AS id
ORDER BY id
LIMIT $limit
