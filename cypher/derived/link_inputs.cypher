// Connects artifacts and writing calls to what they were made from in their session.
//
// That is artifacts that it read or saved before, and datasets. What does not hold any more goes.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes; what depends on them in their session is connected
// Returns: nothing
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
    (node:Node)
WHERE
  all(
    edge IN relationships(path)
    WHERE startNode(edge).session_id = endNode(edge).session_id
  )
WITH DISTINCT node
WHERE
  EXISTS {
    MATCH (node)<-[:OF_NODE]-(:Artifact)
  } OR
  EXISTS {
    MATCH (node)-[:WRITES]->(:Dataset)
  }
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
          |READ_FROM
          |READS_ARTIFACT
          |READS*0..]->
      (found)
  WHERE
    all(
      edge IN relationships(path)
      WHERE startNode(edge).session_id = node.session_id
    )
  WITH DISTINCT node, found
  WHERE
    found:Artifact OR
    found:Dataset OR
    EXISTS {
      MATCH (found)<-[:OF_NODE]-(:Artifact)
    } OR
    EXISTS {
      MATCH (found)-[:WRITES]->(:Dataset)
    }
  CALL (node, found) {
    MATCH (found)-[:OF_NODE]->(:Node)<-[:OF_NODE]-(input:Artifact)
    WHERE found <> node
    RETURN input
      UNION
    MATCH (found)<-[:OF_NODE]-(input:Artifact)
    WHERE found <> node
    RETURN input
      UNION
    WITH found
    WHERE
      found:Artifact OR
      found:Dataset OR
      EXISTS {
        MATCH (found)-[:WRITES]->(:Dataset)
      }
    RETURN found AS input
  }
  RETURN collect(DISTINCT input) AS inputs
}
CALL (node) {
  MATCH (output:Artifact)-[:OF_NODE]->(node)
  RETURN output
    UNION
  WITH node
  WHERE
    EXISTS {
      MATCH (node)-[:WRITES]->(:Dataset)
    }
  RETURN node AS output
}
CALL (output, inputs) {
  MATCH (output)-[old:DERIVED_FROM]->(input)
  WHERE NOT input IN inputs OR input = output
  DELETE old
}
UNWIND inputs AS input
WITH node, output, input
WHERE input <> output
MERGE (output)-[derived:DERIVED_FROM]->(input)
  ON CREATE SET derived.node_id = node.id
