// Creates artifacts.
//
// One whose node or execution is not there is not created. Other writers of versions of these names wait until this
// transaction has ended.
//
// Parameters:
//   names: LIST<STRING>    the artifacts' names, in one order for all writers
//   rows: LIST<MAP>    artifacts
//     position: INTEGER    the row's place in the caller's list
//     id: INTEGER    its id
//     name: STRING    its name
//     version: INTEGER    its version
//     date_created: LOCAL DATETIME    when it was saved
//     node_id: STRING    the node's id
//     execution_id: STRING    the execution's id
//     written_at: INTEGER    when it was written: nanoseconds since 1970
// Returns:
//   position: INTEGER    the position of a row that was created
CYPHER replan = skip
UNWIND $names AS name
MERGE (sequence:Sequence {name: "versions of " + name})
SET sequence.locked_at = localdatetime()
WITH count(*) AS locked
UNWIND $rows AS row
MATCH (node:Node {id: row.node_id})
MATCH (execution:Execution {id: row.execution_id})
CREATE
  (artifact:Artifact
    {
      id: row.id,
      name: row.name,
      version: row.version,
      date_created: row.date_created,
      written_at: row.written_at
    })
CREATE (artifact)-[:OF_NODE]->(node)
CREATE (artifact)-[:IN_EXECUTION]->(execution)
RETURN row.position AS position
