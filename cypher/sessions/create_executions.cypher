// Creates executions.
//
// Parameters:
//   rows: LIST<MAP>    executions
//     id: STRING    its id
//     timestamp: LOCAL DATETIME | NULL    when it ran
//     name: STRING    its caption
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
CREATE (:Execution {id: row.id, timestamp: row.timestamp, name: row.name})
