// Forgets writers whose commits are all settled.
//
// Parameters:
//   ids: LIST<STRING>    ids of units of work
// Returns: nothing
CYPHER replan = skip
UNWIND $ids AS id
MATCH (writer:Writer {id: id})
DELETE writer
