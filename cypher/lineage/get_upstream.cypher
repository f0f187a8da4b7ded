// Every node that a node was computed from, directly or through others, in the order of writing.
//
// Parameters:
//   id: STRING    the node's id
// Returns:
//   node: NODE    a node upstream of it
MATCH
  (:Node {id: $id})-
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
      |NOT_EXECUTED*1..]->
  (node:Node)
WITH DISTINCT node
RETURN node
ORDER BY node.written_at
