// All nodes of a session with everything that they refer to, in the order of writing.
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   labels: LIST<STRING>    Node and the label of its kind
//   properties: MAP    its own fields
//   references: LIST<LIST<ANY>>    type, id of the end, index, name, starred; FROM_SOURCE among them
MATCH (node:Node {session_id: $session_id})
USING INDEX node:Node(session_id)
WITH node
ORDER BY node.written_at
RETURN
  labels(node) AS labels,
  properties(node) AS properties,
  [
    (node)-
    [reference:CALLS
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
      |NOT_EXECUTED
      |FROM_SOURCE]->
    (target)
    | [
      type(reference),
      target.id,
      reference.index,
      reference.name,
      reference.starred
    ]
  ] AS references
