// The sessions that began after a time.
//
// Parameters:
//   until: LOCAL DATETIME    the time
// Returns:
//   id: STRING    a session's id
MATCH (session:Session)
WHERE session.creation_time > $until
RETURN session.id AS id
