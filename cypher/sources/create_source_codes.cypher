// Creates source codes: a file's has a path, a notebook cell's an execution count and a session id.
//
// Parameters:
//   rows: LIST<MAP>    source codes
//     id: STRING    its id
//     name: STRING    its caption
//     code: STRING    its text
//     path: STRING | NULL    the file's path
//     execution_count: INTEGER | NULL    the cell's execution count, from 1
//     session_id: STRING | NULL    the cell's session
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
CREATE
  (:SourceCode
    {
      id: row.id,
      name: row.name,
      code: row.code,
      path: row.path,
      execution_count: row.execution_count,
      session_id: row.session_id
    })
