// Which of these node values are there.
//
// Parameters:
//   keys: LIST<MAP>    nodes and executions
//     node_id: STRING    the node's id
//     execution_id: STRING    the execution's id
// Returns:
//   node_id: STRING    the node of one that is there
//   execution_id: STRING    its execution
UNWIND $keys AS key
MATCH (value:NodeValue {node_id: key.node_id, execution_id: key.execution_id})
RETURN value.node_id AS node_id, value.execution_id AS execution_id
