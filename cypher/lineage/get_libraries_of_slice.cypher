// The libraries that a node was computed with in its session.
//
// LineaPy records an import twice: as the call that imports, which others refer to, and as a node that nothing refers
// to and that knows the library. They stand at the same place.
//
// Parameters:
//   id: STRING    the node's id
// Returns:
//   name: STRING    a library's name
//   version: STRING    its version
MATCH
  (result:Node {id: $id})-
    [:CALLS
      |POSITIONAL_ARG
      |KEYWORD_ARG
      |READS_GLOBAL
      |IMPLICIT_DEPENDENCY
      |MUTATES
      |MUTATED_BY
      |SET_BY
      |CONTROLLED_BY
      |TESTS
      |COMPANION
      |NOT_EXECUTED*0..]->
  (node:Node)
WITH DISTINCT result, node
OPTIONAL MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
WITH
  result,
  collect(node.id) AS ids,
  collect(DISTINCT [source.id, node.lineno, node.col_offset]) AS places
MATCH (import:ImportNode {session_id: result.session_id})
USING INDEX import:ImportNode(session_id)
OPTIONAL MATCH (import)-[:FROM_SOURCE]->(own:SourceCode)
WITH ids, places, import, own
WHERE import.id IN ids OR [own.id, import.lineno, import.col_offset] IN places
MATCH (import)-[:OF_LIBRARY]->(library:Library)
RETURN DISTINCT library.package_name AS name, library.version AS version
ORDER BY name, version
