// Creates references from a call to a positional argument.
//
// Parameters:
//   rows: LIST<MAP>    start_id, end_id, index, starred
// Returns: nothing
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:POSITIONAL_ARG {index: row.index, starred: row.starred}]->(end)
