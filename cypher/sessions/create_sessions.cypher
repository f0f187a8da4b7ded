// Creates sessions with their executions, and connects nodes that were there before their session.
//
// The first file among the source codes of those nodes captions the session. A session whose execution is not there
// is not created.
//
// Parameters:
//   rows: LIST<MAP>    sessions
//     position: INTEGER    the row's place in the caller's list
//     execution_id: STRING    the execution's id
//     id: STRING    its id
//     name: STRING    its caption
//     environment_type: STRING    SCRIPT, JUPYTER or another of SessionType's
//     python_version: STRING    Python's version
//     creation_time: LOCAL DATETIME    when it began
//     working_directory: STRING    the folder that it ran in
//     session_name: STRING | NULL    the name that it was given
//     user_name: STRING | NULL    who ran it
//     hardware_spec: STRING | NULL    what it ran on
// Returns:
//   position: INTEGER    the position of a row that was created
//   id: STRING    the session's id
//   nodes: INTEGER    how many nodes were there before it
CYPHER replan = skip
UNWIND $rows AS row
MATCH (execution:Execution {id: row.execution_id})
CREATE
  (session:Session
    {
      id: row.id,
      name: row.name,
      environment_type: row.environment_type,
      python_version: row.python_version,
      creation_time: row.creation_time,
      working_directory: row.working_directory,
      session_name: row.session_name,
      user_name: row.user_name,
      hardware_spec: row.hardware_spec
    })-
    [:RAN_AS]->
  (execution)
WITH row, session
CALL (row, session) {
  MATCH (node:Node {session_id: row.id})
  CREATE (node)-[:IN_SESSION]->(session)
  WITH node
  MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
  WHERE source.path IS NOT NULL AND coalesce(session.session_name, "") = ""
  WITH source, min(node.written_at) AS first
  ORDER BY first
  LIMIT 1
  SET
    session.name =
      source.name +
      " of " +
      replace(left(toString(session.creation_time), 16), "T", " ")
}
RETURN
  row.position AS position,
  row.id AS id,
  COUNT {
    MATCH (session)<-[:IN_SESSION]-(:Node)
  } AS nodes
