// The calls of all sessions that depend on something they do not name, with how much that is.
//
// Parameters:
//   limit: INTEGER    the largest number of rows
// Returns:
//   id: STRING    the call's id
//   name: STRING    its source text
//   session: STRING    the session that it belongs to
//   direct: INTEGER    how many dependencies it has itself
MATCH (call:CallNode)-[:IMPLICIT_DEPENDENCY]->(:Node)
WITH call, count(*) AS direct
MATCH (call)-[:IN_SESSION]->(session:Session)
RETURN call.id AS id, call.name AS name, session.name AS session, direct
ORDER BY call.written_at
LIMIT $limit
