// All sessions, the newest first.
//
// Parameters: none
// Returns:
//   id: STRING    the session's id
//   creation_time: LOCAL DATETIME    when it began
MATCH (session:Session)
RETURN session.id AS id, session.creation_time AS creation_time
ORDER BY creation_time DESC
