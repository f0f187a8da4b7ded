// The artifacts and written datasets of a session that depend on nodes of it.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   id: STRING    the id of a node that an artifact points to, or that wrote a dataset
UNWIND $ids AS id
MATCH
  path =
    (node:Node {id: id})<-
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
    (found:Node)
WHERE
  all(
    edge IN relationships(path)
    WHERE startNode(edge).session_id = endNode(edge).session_id
  )
WITH DISTINCT found
WHERE
  EXISTS {
    MATCH (found)<-[:OF_NODE]-(:Artifact)
  } OR
  EXISTS {
    MATCH (found)-[:WRITES]->(:Dataset)
  }
RETURN found.id AS id
