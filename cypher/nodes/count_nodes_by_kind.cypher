// How many of these nodes are there, by kind.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   kind: STRING    the label of the kind
//   count: INTEGER    how many of it
UNWIND $ids AS id
MATCH (node:Node {id: id})
RETURN
  [label IN labels(node) WHERE label <> "Node"][0] AS kind,
  count(*) AS count
