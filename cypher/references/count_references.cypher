// How many references these nodes have, by type.
//
// Dangling ones are among them, and also counted apart.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes
// Returns:
//   type: STRING    the relationship type
//   count: INTEGER    how many of it
//   dangling: INTEGER    how many of them lead to a missing node
UNWIND $ids AS id
MATCH
  (node:Node {id: id})-
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
      |OF_LIBRARY]->
  (end)
// That of a call follows from an import node's.
WHERE NOT (node:CallNode AND end:Library)
RETURN
  type(reference) AS type,
  count(*) AS count,
  count(
    CASE
      WHEN end:MissingNode THEN 1
    END) AS dangling
