// Creates references from a call to its function.
//
// Parameters:
//   rows: LIST<MAP>    references
//     start_id: STRING    the node that refers
//     end_id: STRING    the node that it refers to
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:CALLS]->(end)
