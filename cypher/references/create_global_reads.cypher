// Creates references from a call to a global variable that it read.
//
// Parameters:
//   rows: LIST<MAP>    start_id, end_id, index, name
// Returns: nothing
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:READS_GLOBAL {index: row.index, name: row.name}]->(end)
