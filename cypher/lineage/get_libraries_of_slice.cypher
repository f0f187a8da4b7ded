// The libraries that a node was computed with in its session.
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
  (node)
USING INDEX SEEK result:Node(id)
WITH DISTINCT node
MATCH (node)-[:OF_LIBRARY]->(library:Library)
RETURN DISTINCT library.package_name AS name, library.version AS version
ORDER BY name, version
