// Creates references from a call to a positional argument.
//
// Parameters:
//   rows: LIST<MAP>    references
//     start_id: STRING    the node that refers
//     end_id: STRING    the node that it refers to
//     index: INTEGER    place among the references of this type, from 0
//     starred: BOOLEAN    whether it was given with stars
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE (start)-[:POSITIONAL_ARG {index: row.index, starred: row.starred}]->(end)
