// The names of the variables that were assigned at a node, in the order of writing.
//
// Parameters:
//   node_id: STRING    the node's id
// Returns:
//   name: STRING    a variable's name
MATCH (variable:Variable {node_id: $node_id})
WHERE variable.name IS NOT NULL
RETURN variable.name AS name
ORDER BY variable.written_at
