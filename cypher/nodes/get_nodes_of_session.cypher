// All nodes of a session with everything that they refer to, in the order of writing.
//
// In pages: a driver takes long for a row, and little for a list of a thousand.
//
// Parameters:
//   session_id: STRING    the session's id
// Returns:
//   page: LIST<LIST<ANY>>    of up to 1,000 nodes, each: labels, own fields, references as in nodes/get_node
MATCH (node:Node {session_id: $session_id})
USING INDEX node:Node(session_id)
WITH node
ORDER BY node.written_at
WITH collect(node) AS nodes
UNWIND range(0, size(nodes) - 1, 1000) AS start
RETURN
  [
    node IN nodes[start..start + 1000]
    | [
      labels(node),
      properties(node),
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
      ]
    ]
  ] AS page
