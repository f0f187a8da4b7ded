// Where nodes stand: their sessions and their source codes.
//
// Parameters:
//   ids: LIST<STRING>    the nodes' ids
// Returns:
//   id: STRING    a node's id
//   session_id: STRING    the id of its session
//   session: STRING | NULL    the session's name
//   source_id: STRING | NULL    the id of its source code
//   source: STRING | NULL    the file or cell
UNWIND $ids AS id
MATCH (node:Node {id: id})
OPTIONAL MATCH (node)-[:IN_SESSION]->(session:Session)
OPTIONAL MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  node.id AS id,
  node.session_id AS session_id,
  session.name AS session,
  source.id AS source_id,
  source.name AS source
