// Connects artifacts and writing calls to what they were made from in their session.
//
// That is artifacts that it read or saved before, datasets, and the calls that wrote these. Where all inputs are given,
// what does not hold any more goes.
//
// Parameters:
//   rows: LIST<MAP>    nodes that artifacts point to, or that wrote datasets
//     id: STRING    the node's id
//     inputs: LIST<STRING>    ids of nodes that it needs, and that were saved, or read or wrote something
//     is_whole: BOOLEAN    whether these are all of them
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (node:Node {id: row.id})
CALL (node, row) {
  UNWIND row.inputs AS id
  MATCH (found:Node {id: id})
  CALL (node, found) {
    WITH found
    WHERE
      EXISTS {
        MATCH (found)-[:WRITES]->(:Dataset)
      }
    RETURN found AS input
      UNION
    MATCH (found)<-[:OF_NODE]-(input:Artifact)
    WHERE found <> node
    RETURN input
      UNION
    MATCH (found)-[:READS]->(input:Dataset)
    RETURN input
      UNION
    MATCH (found)-[:READS_ARTIFACT]->(input:Artifact)
    RETURN input
      UNION
    MATCH
      (found)-[:READS_ARTIFACT]->
      (:Artifact)-[:OF_NODE]->
      (:Node)<-[:OF_NODE]-
      (input:Artifact)
    RETURN input
      UNION
    MATCH (found)-[:READ_FROM]->(input:CallNode)
    WHERE input.session_id <> found.session_id
    RETURN input
      UNION
    MATCH (found)-[:READ_FROM]->(writer:CallNode)<-[:OF_NODE]-(input:Artifact)
    WHERE writer.session_id <> found.session_id
    RETURN input
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
CALL (row, output, inputs) {
  MATCH (output)-[old:DERIVED_FROM]->(input)
  WHERE row.is_whole AND (NOT input IN inputs OR input = output)
  DELETE old
}
UNWIND inputs AS input
WITH node, output, input
WHERE input <> output
MERGE (output)-[derived:DERIVED_FROM]->(input)
  ON CREATE SET derived.node_id = node.id
