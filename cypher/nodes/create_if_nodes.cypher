// Creates if nodes, each with its session and its source code; what they refer to follows in references/.
//
// Parameters:
//   groups: LIST<MAP>    nodes of one session and one source code: session_id, source_code_id (or null), rows
// Returns:
//   missing: INTEGER    how many nodes are referred to and not there (from the count store: no scan)
UNWIND $groups AS group
OPTIONAL MATCH (session:Session {id: group.session_id})
OPTIONAL MATCH (source:SourceCode {id: group.source_code_id})
UNWIND group.rows AS row
CREATE
  (node:Node&IfNode
    {
      id: row.id,
      session_id: group.session_id,
      written_at: row.written_at,
      name: row.name,
      lineno: row.lineno,
      col_offset: row.col_offset,
      end_lineno: row.end_lineno,
      end_col_offset: row.end_col_offset
    })
FOREACH (known IN [known IN [session] WHERE known IS NOT NULL] |
  CREATE (node)-[:IN_SESSION]->(known)
)
FOREACH (known IN [known IN [source] WHERE known IS NOT NULL] |
  CREATE (node)-[:FROM_SOURCE]->(known)
)
WITH count(*) AS created
RETURN
  COUNT {
    MATCH (missing:MissingNode)
  } AS missing
