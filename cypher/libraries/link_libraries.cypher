// Connects import nodes to the libraries that they import, each library being shared by all sessions.
//
// A module without a version, which LineaPy records as "None", is of no library.
//
// Parameters:
//   rows: LIST<MAP>    libraries, ordered by package name and version
//     package_name: STRING    its package
//     version: STRING    its version
//     name: STRING    its caption
//     node_ids: LIST<STRING>    the import nodes
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
WITH row
WHERE row.package_name <> "None" AND row.version <> "None"
MERGE (library:Library {package_name: row.package_name, version: row.version})
  ON CREATE SET library.name = row.name
WITH row, library
UNWIND row.node_ids AS node_id
MATCH (node:Node {id: node_id})
CREATE (node)-[:OF_LIBRARY]->(library)
