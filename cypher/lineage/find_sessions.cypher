// The sessions of an id or of a name, the newest first.
//
// Parameters:
//   text: STRING    an id or a name
//   until: LOCAL DATETIME | NULL    leave out sessions that began later
//   limit: INTEGER    the largest number of rows
// Returns:
//   id: STRING    the session's id
//   name: STRING    what a person reads
//   creation_time: LOCAL DATETIME    when it began
CALL () {
  MATCH (session:Session {id: $text})
  RETURN session
    UNION
  MATCH (session:Session {session_name: $text})
  RETURN session
}
WITH session
WHERE $until IS NULL OR session.creation_time <= $until
RETURN
  session.id AS id,
  session.name AS name,
  session.creation_time AS creation_time
ORDER BY creation_time DESC, id
LIMIT $limit
