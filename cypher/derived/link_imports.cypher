// Connects calls that import a package to its library, and no others.
//
// The package is what LineaPy's l_import is given, where it is not given a package that the module is inside of. Import
// nodes of the same session know the library of this package, or of modules inside it.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns: nothing
CYPHER replan = skip
UNWIND $ids AS id
MATCH (call:Node {id: id})
USING INDEX SEEK call:Node(id)
WHERE call:CallNode
OPTIONAL MATCH (call)-[:POSITIONAL_ARG {index: 0}]->(package:LiteralNode)
WHERE
  EXISTS { (call)-[:CALLS]->(:LookupNode {name: "l_import"}) } AND
  NOT EXISTS {
  (call)-[:POSITIONAL_ARG {index: 1}]->()
  }
CALL (call, package) {
  MATCH
    (import:ImportNode {session_id: call.session_id})-[:OF_LIBRARY]->
    (library:Library)
  USING INDEX SEEK import:ImportNode(session_id)
  WHERE split(import.name, ".")[0] = package.value
  RETURN collect(DISTINCT library) AS libraries
}
CALL (call, libraries) {
  MATCH (call)-[link:OF_LIBRARY]->(library:Library)
  WHERE NOT library IN libraries
  DELETE link
}
CALL (call, libraries) {
  UNWIND libraries AS library
  MERGE (call)-[:OF_LIBRARY]->(library)
}
