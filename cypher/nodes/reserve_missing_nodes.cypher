// Makes nodes of these ids, where there are none, so that references can be written to them.
//
// The lock on the key makes a writer of the real node wait until this transaction ends.
//
// Parameters:
//   ids: LIST<STRING>    ids that references name
// Returns: nothing
CYPHER replan = skip
UNWIND $ids AS id
MERGE (node:Node {id: id})
  ON CREATE SET node.reserved = true
