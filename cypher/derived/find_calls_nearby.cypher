// Calls whose function, arguments or changes these nodes are part of.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes that came after others referred to them
// Returns:
//   id: STRING    a call's id
CYPHER replan = skip
UNWIND $ids AS id
MATCH (node:Node {id: id})
CALL (node) {
  MATCH (node)<-[:CALLS|POSITIONAL_ARG|KEYWORD_ARG*1..4]-(call)
  WITH DISTINCT call
  WHERE call:CallNode
  RETURN call
    UNION
  MATCH (node)<-[:MUTATES*0..]-(change)
  WITH DISTINCT change
  WHERE change:MutateNode
  MATCH (change)-[:MUTATED_BY]->(call:CallNode)
  RETURN call
}
RETURN DISTINCT call.id AS id
