// Captions mutations that have no source text of their own by the calls that did them.
//
// Either may have been written first.
//
// Parameters:
//   rows: LIST<MAP>    mutate nodes whose calls may be there
//     id: STRING    its id
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (mutation:MutateNode&Node {id: row.id})
USING INDEX SEEK mutation:Node(id)
WHERE mutation.lineno IS NULL
MATCH (mutation)-[:MUTATED_BY]->(call:CallNode)
WHERE call.lineno IS NOT NULL
SET mutation.name = call.name
