// Creates references from a call to a keyword argument.
//
// Parameters:
//   rows: LIST<MAP>    start_id, end_id, index, name, starred
// Returns: nothing
UNWIND $rows AS row
MATCH (start:Node {id: row.start_id})
MATCH (end:Node {id: row.end_id})
CREATE
  (start)-
    [:KEYWORD_ARG {index: row.index, name: row.name, starred: row.starred}]->
  (end)
