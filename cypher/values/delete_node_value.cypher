// Deletes the record of a node's value in one execution; the stored value itself is not touched.
//
// Parameters:
//   node_id: STRING    the node's id
//   execution_id: STRING    the execution's id
// Returns:
//   deleted: INTEGER    1, or 0 when there was none
MATCH (value:NodeValue {node_id: $node_id, execution_id: $execution_id})
DETACH DELETE value
RETURN count(*) AS deleted
