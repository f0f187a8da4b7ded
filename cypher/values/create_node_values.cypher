// Creates node values. One whose node or execution is not there is not created.
//
// Parameters:
//   rows: LIST<MAP>    position, name, and the node value's fields
// Returns:
//   position: INTEGER    the position of a row that was created
UNWIND $rows AS row
MATCH (node:Node {id: row.node_id})
MATCH (execution:Execution {id: row.execution_id})
CREATE
  (value:NodeValue
    {
      node_id: row.node_id,
      execution_id: row.execution_id,
      name: row.name,
      value: row.value,
      value_type: row.value_type,
      start_time: row.start_time,
      end_time: row.end_time
    })
CREATE (value)-[:VALUE_OF]->(node)
CREATE (value)-[:IN_EXECUTION]->(execution)
RETURN row.position AS position
