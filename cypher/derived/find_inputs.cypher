// The artifacts and written datasets of a session that depend on nodes of it, and what they need in turn.
//
// References stay in a session, and so do reads from its own files, which are exact.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   id: STRING    the id of a node that an artifact points to, or that wrote a dataset
//   inputs: LIST<STRING>    ids of nodes that it needs, and that were saved, or read or wrote something
//   is_whole: BOOLEAN    true: these are all of them
CYPHER replan = skip
UNWIND $ids AS id
MATCH
  path =
    (changed:Node {id: id})<-
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
        |NOT_EXECUTED
        |READ_FROM*0..]-
    (node)
USING INDEX SEEK changed:Node(id)
WHERE
  all(
    edge IN relationships(path)
    WHERE edge.uri IS NULL OR edge.certainty = 'exact'
  )
WITH DISTINCT node
WHERE
  node:Node AND
  (EXISTS {
      MATCH (node)<-[:OF_NODE]-()
    } OR
    EXISTS {
      MATCH (node)-[:WRITES]->()
    })
CALL (node) {
  MATCH
    path =
      (node)-
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
          |NOT_EXECUTED
          |READ_FROM*0..]->
      (found)
  WHERE
    all(
      edge IN relationships(path)
      WHERE edge.uri IS NULL OR edge.certainty = 'exact'
    )
  WITH DISTINCT node, found
  WHERE
    found:Node AND
    (EXISTS {
        MATCH (found)-[:READS|WRITES|READS_ARTIFACT]->()
      } OR
      (found <> node AND
        EXISTS {
          MATCH (found)<-[:OF_NODE]-()
        }))
  RETURN collect(DISTINCT found.id) AS inputs
}
WITH node, inputs
WHERE
  size(inputs) > 0 OR
  EXISTS {
    MATCH (node)-[:DERIVED_FROM]->()
  } OR
  EXISTS {
    MATCH (node)<-[:OF_NODE]-(:Artifact)-[:DERIVED_FROM]->()
  }
RETURN node.id AS id, inputs, true AS is_whole
