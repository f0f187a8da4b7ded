// Creates executions.
//
// Parameters:
//   rows: LIST<MAP>    id, timestamp, name
// Returns: nothing
UNWIND $rows AS row
CREATE (:Execution {id: row.id, timestamp: row.timestamp, name: row.name})
