// Where nodes stand: their sessions, source codes and lines.
//
// A mutation stands where the call does that made it, and so does the value that a call gave a global variable.
//
// Parameters:
//   ids: LIST<STRING>    the nodes' ids
// Returns:
//   id: STRING    a node's id
//   session_id: STRING    the id of its session
//   session: STRING | NULL    the session's name
//   source_id: STRING | NULL    the id of its source code
//   source: STRING | NULL    the file or cell
//   lineno: INTEGER | NULL    the first line there
//   end_lineno: INTEGER | NULL    the last line
UNWIND $ids AS id
MATCH (node:Node {id: id})
OPTIONAL MATCH (node)-[:IN_SESSION]->(session:Session)
OPTIONAL MATCH (node)-[:MUTATED_BY|SET_BY]->(call:CallNode)
WITH node, session, coalesce(call, node) AS placed
OPTIONAL MATCH (placed)-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  node.id AS id,
  node.session_id AS session_id,
  session.name AS session,
  source.id AS source_id,
  source.name AS source,
  placed.lineno AS lineno,
  placed.end_lineno AS end_lineno
