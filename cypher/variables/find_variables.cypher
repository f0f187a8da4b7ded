// Which of these assigned variables are there.
//
// Parameters:
//   keys: LIST<MAP>    nodes and names
//     node_id: STRING    the node's id
//     name: STRING    the variable's name
// Returns:
//   node_id: STRING    the node of one that is there
//   name: STRING    its name
UNWIND $keys AS key
MATCH (variable:Variable {node_id: key.node_id, name: key.name})
RETURN variable.node_id AS node_id, variable.name AS name
