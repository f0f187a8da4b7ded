// Creates sessions with their executions, and connects nodes that were there before their session: the first file
// among their source codes captions it then.
// A session whose execution is not there is not created.
//
// Parameters:
//   rows: LIST<MAP>    position, execution_id, and the session's fields
// Returns:
//   position: INTEGER    the position of a row that was created
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
RETURN row.position AS position
