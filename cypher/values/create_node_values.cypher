// Creates node values.
//
// One whose node or execution is not there is not created.
//
// Parameters:
//   rows: LIST<MAP>    node values
//     position: INTEGER    the row's place in the caller's list
//     node_id: STRING    the node's id
//     execution_id: STRING    the execution's id
//     name: STRING    its caption
//     value: STRING    where it is stored
//     value_type: STRING | NULL    its kind, one of ValueType's
//     start_time: LOCAL DATETIME    when its computation began
//     end_time: LOCAL DATETIME    when it ended
// Returns:
//   position: INTEGER    the position of a row that was created
CYPHER replan = skip
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
