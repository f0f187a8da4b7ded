// Deletes what calls are recorded to read or write and do not, and what follows from it of these calls.
//
// A call whose function has no name says nothing, and stays.
//
// Parameters:
//   rows: LIST<MAP>    calls
//     id: STRING    the call's id
//     reads: STRING | NULL    the URI of what it reads
//     writes: STRING | NULL    the URI of what it writes
// Returns:
//   readers: LIST<STRING>    ids of calls that read from a call which did not write
CYPHER replan = skip
UNWIND $rows AS row
MATCH (call:Node {id: row.id})
WHERE
  EXISTS {
    MATCH (call)-[:CALLS]->(:LookupNode)
  } OR
  EXISTS {
    MATCH (call)-[:CALLS]->(:Node)-[:POSITIONAL_ARG {index: 1}]->(:LiteralNode)
  }
CALL (call, row) {
  MATCH (call)-[old:READS]->(dataset:Dataset)
  WHERE row.reads IS NULL OR dataset.uri <> row.reads
  DELETE old
}
CALL (call, row) {
  MATCH (call)-[old:READ_FROM]->()
  WHERE row.reads IS NULL OR old.uri <> row.reads
  DELETE old
}
CALL (call, row) {
  MATCH (call)-[old:WRITES]->(dataset:Dataset)
  WHERE row.writes IS NULL OR dataset.uri <> row.writes
  DELETE old
}
CALL (call, row) {
  MATCH (call)<-[read:READ_FROM]-(reader:CallNode)
  WHERE row.writes IS NULL OR read.uri <> row.writes
  RETURN collect(reader.id) AS readers
}
CALL (call, row) {
  WITH call, row
  WHERE row.writes IS NULL
  MATCH (call)-[old:DERIVED_FROM]-()
  DELETE old
}
WITH readers
WHERE size(readers) > 0
RETURN readers
