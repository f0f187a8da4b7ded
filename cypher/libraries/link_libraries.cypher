// Connects import nodes to the libraries that they import, each library being shared by all sessions.
// A module without a version, which LineaPy records as "None", is of no library.
//
// Parameters:
//   rows: LIST<MAP>    package_name, version, name, node_ids; ordered by package name and version
// Returns: nothing
UNWIND $rows AS row
WITH row
WHERE row.package_name <> "None" AND row.version <> "None"
MERGE (library:Library {package_name: row.package_name, version: row.version})
  ON CREATE SET library.name = row.name
WITH row, library
UNWIND row.node_ids AS node_id
MATCH (node:Node {id: node_id})
CREATE (node)-[:OF_LIBRARY]->(library)
