// How many artifacts point to a node in one execution.
//
// Parameters:
//   node_id: STRING    the node's id
//   execution_id: STRING    the execution's id
// Returns:
//   count: INTEGER    0 when there is none, or no such node
MATCH
  (:Node {id: $node_id})<-[:OF_NODE]-
  (artifact:Artifact)-[:IN_EXECUTION]->
  (execution:Execution)
WHERE execution.id = $execution_id
RETURN count(artifact) AS count
