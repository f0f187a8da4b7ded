// Records that calls read and write files, tables or URLs, which all sessions share.
//
// The same again changes nothing.
//
// Parameters:
//   rows: LIST<MAP>    accesses
//     id: STRING    the call's id
//     uri: STRING    the dataset's URI
//     name: STRING    what a person calls it
//     reads: BOOLEAN    whether it reads
//     writes: BOOLEAN    whether it writes
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (call:Node&CallNode {id: row.id})
USING INDEX SEEK call:Node(id)
MERGE (dataset:Dataset {uri: row.uri})
  ON CREATE SET dataset.name = row.name
FOREACH (_ IN
CASE
  WHEN row.reads THEN [1]
  ELSE []
END |
  MERGE (call)-[:READS]->(dataset)
)
FOREACH (_ IN
CASE
  WHEN row.writes THEN [1]
  ELSE []
END |
  MERGE (call)-[:WRITES]->(dataset)
)
