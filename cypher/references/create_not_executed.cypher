// Creates references from a branch to the code that did not run.
//
// Parameters:
//   rows: LIST<MAP>    start_id, end_id
// Returns: nothing
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:NOT_EXECUTED]->(end)
