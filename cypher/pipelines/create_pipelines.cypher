// Creates pipelines, without their artifacts.
//
// Parameters:
//   rows: LIST<MAP>    pipelines
//     id: INTEGER    its id
//     name: STRING    its name
//     parameters: LIST<STRING>    the variables that it takes
//     written_at: INTEGER    when it was written: nanoseconds since 1970
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
CREATE
  (:Pipeline
    {
      id: row.id,
      name: row.name,
      parameters: row.parameters,
      written_at: row.written_at
    })
