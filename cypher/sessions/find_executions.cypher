// Which of these executions are there.
//
// Parameters:
//   ids: LIST<STRING>    ids of executions
// Returns:
//   id: STRING    the id of one that is there
UNWIND $ids AS id
MATCH (found:Execution {id: id})
RETURN found.id AS id
