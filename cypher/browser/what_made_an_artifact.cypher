// One artifact and every node that it was computed from.
//
// To paste into Neo4j Browser. Change name and version.
//
// Parameters: none
// Returns:
//   artifact: NODE    the artifact
//   nodes: LIST<NODE>    its node and all nodes upstream
MATCH
  (artifact:Artifact {name: "classifier", version: 2})-[:OF_NODE]->(result:Node)
MATCH
  (result)-
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
WITH DISTINCT artifact, node
WHERE node:Node
RETURN artifact, collect(node) AS nodes
