// Captions mutations that have no source text of their own by the calls that did them, whichever was written first.
//
// Parameters:
//   rows: LIST<MAP>    id of a mutate node whose call may be there
// Returns: nothing
UNWIND $rows AS row
MATCH (mutation:MutateNode&Node {id: row.id})
WHERE mutation.lineno IS NULL
MATCH (mutation)-[:MUTATED_BY]->(call:CallNode)
WHERE call.lineno IS NOT NULL
SET mutation.name = call.name
