// Creates references from a global node to the call that set it.
//
// Parameters:
//   rows: LIST<MAP>    start_id, end_id
// Returns: nothing
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:SET_BY]->(end)
