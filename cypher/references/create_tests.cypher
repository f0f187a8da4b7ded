// Creates references from an if node to its test.
//
// Parameters:
//   rows: LIST<MAP>    start_id, end_id
// Returns: nothing
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:TESTS]->(end)
