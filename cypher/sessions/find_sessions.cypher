// Which of these sessions are there.
//
// Parameters:
//   ids: LIST<STRING>    ids of sessions
// Returns:
//   id: STRING    the id of one that is there
UNWIND $ids AS id
MATCH (found:Session {id: id})
RETURN found.id AS id
