// What nodes of artifacts need, and what of their session needs them in turn.
//
// For what needs a node that was saved, this is one input more: what else it needs is as before.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes that artifacts point to
// Returns:
//   id: STRING    the id of a node that an artifact points to, or that wrote a dataset
//   inputs: LIST<STRING>    ids of nodes that it needs, and that were saved, or read or wrote something
//   is_whole: BOOLEAN    whether these are all of them
CYPHER replan = skip
UNWIND $ids AS id
MATCH (saved:Node {id: id})
USING INDEX SEEK saved:Node(id)
WITH saved
CALL (saved) {
  CALL (saved) {
    MATCH
      path =
        (saved)-
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
    WITH DISTINCT saved, found
    WHERE
      found:Node AND
      (EXISTS {
          MATCH (found)-[:READS|WRITES|READS_ARTIFACT]->()
        } OR
        (found <> saved AND
          EXISTS {
            MATCH (found)<-[:OF_NODE]-()
          }))
    RETURN collect(DISTINCT found.id) AS inputs
  }
  WITH saved, inputs
  WHERE
    size(inputs) > 0 OR
    EXISTS {
      MATCH (saved)-[:DERIVED_FROM]->()
    } OR
    EXISTS {
      MATCH (saved)<-[:OF_NODE]-(:Artifact)-[:DERIVED_FROM]->()
    }
  RETURN saved.id AS id, inputs, true AS is_whole
    UNION ALL
  MATCH
    path =
      (saved)<-
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
  WHERE
    all(
      edge IN relationships(path)
      WHERE edge.uri IS NULL OR edge.certainty = 'exact'
    )
  WITH DISTINCT saved, node
  WHERE
    node:Node AND
    node <> saved AND
    (EXISTS {
        MATCH (node)<-[:OF_NODE]-()
      } OR
      EXISTS {
        MATCH (node)-[:WRITES]->()
      })
  RETURN DISTINCT node.id AS id, [saved.id] AS inputs, false AS is_whole
}
RETURN id, inputs, is_whole
