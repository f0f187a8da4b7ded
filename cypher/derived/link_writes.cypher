// Records that calls write files, tables or URLs, which all sessions share; the same again changes nothing.
//
// Parameters:
//   rows: LIST<MAP>    accesses, ordered by uri
//     id: STRING    the call's id
//     uri: STRING    the dataset's URI
//     name: STRING    what a person calls it
// Returns: nothing
UNWIND $rows AS row
MATCH (call:Node&CallNode {id: row.id})
MERGE (dataset:Dataset {uri: row.uri})
  ON CREATE SET dataset.name = row.name
MERGE (call)-[:WRITES]->(dataset)
