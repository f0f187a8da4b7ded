// Creates source codes: a file's has a path, a notebook cell's an execution count and a session id.
//
// Parameters:
//   rows: LIST<MAP>    id, name, code, path, execution_count, session_id
// Returns: nothing
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
