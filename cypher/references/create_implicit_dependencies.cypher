// Creates references from a call to what it depends on without naming it.
//
// Parameters:
//   rows: LIST<MAP>    start_id, end_id, index
// Returns: nothing
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:IMPLICIT_DEPENDENCY {index: row.index}]->(end)
