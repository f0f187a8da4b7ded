// Creates pipelines, without their artifacts.
//
// Parameters:
//   rows: LIST<MAP>    id, name, parameters, written_at
// Returns: nothing
UNWIND $rows AS row
CREATE
  (:Pipeline
    {
      id: row.id,
      name: row.name,
      parameters: row.parameters,
      written_at: row.written_at
    })
