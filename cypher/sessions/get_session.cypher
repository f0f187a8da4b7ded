// One session.
//
// Parameters:
//   id: STRING    the session's id
// Returns:
//   properties: MAP    its own fields
//   execution_id: STRING    the execution that it ran as
MATCH (session:Session {id: $id})-[:RAN_AS]->(execution:Execution)
RETURN properties(session) AS properties, execution.id AS execution_id
