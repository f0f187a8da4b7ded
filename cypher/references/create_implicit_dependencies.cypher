// Creates references from a call to what it depends on without naming it.
//
// Parameters:
//   rows: LIST<MAP>    references
//     start_id: STRING    the node that refers
//     end_id: STRING    the node that it refers to
//     index: INTEGER    place among the references of this type, from 0
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:IMPLICIT_DEPENDENCY {index: row.index}]->(end)
