// Creates references from a call to a keyword argument.
//
// Parameters:
//   rows: LIST<MAP>    references
//     start_id: STRING    the node that refers
//     end_id: STRING    the node that it refers to
//     index: INTEGER    place among the references of this type, from 0
//     name: STRING    the argument's name
//     starred: BOOLEAN    whether it was given with stars
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE
  (start)-
    [:KEYWORD_ARG {index: row.index, name: row.name, starred: row.starred}]->
  (end)
