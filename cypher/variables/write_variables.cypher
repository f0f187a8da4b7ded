// Records that variables were assigned at nodes; the same pair again changes nothing.
//
// Parameters:
//   rows: LIST<MAP>    assignments
//     node_id: STRING    the node's id
//     name: STRING    the variable's name
//     written_at: INTEGER | NULL    when it was written: nanoseconds since 1970; null for one that waited on a missing node
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (node:Node {id: row.node_id})
MERGE (variable:Variable {node_id: row.node_id, name: row.name})
  ON CREATE SET variable.written_at = row.written_at
MERGE (variable)-[:ASSIGNED_AT]->(node)
