// Where the value of a node in one execution is stored.
//
// Parameters:
//   node_id: STRING    the node's id
//   execution_id: STRING    the execution's id
// Returns:
//   properties: MAP    the node value's fields
MATCH (value:NodeValue {node_id: $node_id, execution_id: $execution_id})
RETURN properties(value) AS properties
