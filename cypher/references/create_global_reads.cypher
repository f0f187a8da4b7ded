// Creates references from a call to a global variable that it read.
//
// Parameters:
//   rows: LIST<MAP>    references
//     start_id: STRING    the node that refers
//     end_id: STRING    the node that it refers to
//     index: INTEGER    place among the references of this type, from 0
//     name: STRING    the variable's name
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:READS_GLOBAL {index: row.index, name: row.name}]->(end)
