// Records that variables were assigned at nodes; the same pair again changes nothing.
//
// Parameters:
//   rows: LIST<MAP>    node_id, name, written_at
// Returns: nothing
UNWIND $rows AS row
MATCH (node:Node {id: row.node_id})
MERGE (variable:Variable {node_id: row.node_id, name: row.name})
  ON CREATE SET variable.written_at = row.written_at
MERGE (variable)-[:ASSIGNED_AT]->(node)
