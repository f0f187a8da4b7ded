// Creates import nodes, each with its session and its source code.
//
// What they refer to follows in references/.
//
// Parameters:
//   groups: LIST<MAP>    nodes of one session and one source code
//     session_id: STRING    the session's id
//     source_code_id: STRING | NULL    the source code's id, if they have one
//     rows: LIST<MAP>    the nodes
//       id: STRING    its id
//       written_at: INTEGER    when it was written: nanoseconds since 1970
//       name: STRING    its caption
//       lineno: INTEGER | NULL    first line, from 1; none without a source code
//       col_offset: INTEGER | NULL    first column, from 0
//       end_lineno: INTEGER | NULL    last line
//       end_col_offset: INTEGER | NULL    column past the last character
//       version: STRING | NULL    its version
//       package_name: STRING | NULL    its package
//       path: STRING | NULL    where it was found
// Returns:
//   missing: INTEGER    how many nodes are referred to and not there (from the count store: no scan)
CYPHER replan = skip
UNWIND $groups AS group
OPTIONAL MATCH (session:Session {id: group.session_id})
OPTIONAL MATCH (source:SourceCode {id: group.source_code_id})
UNWIND group.rows AS row
CREATE
  (node:Node&ImportNode
    {
      id: row.id,
      session_id: group.session_id,
      written_at: row.written_at,
      name: row.name,
      lineno: row.lineno,
      col_offset: row.col_offset,
      end_lineno: row.end_lineno,
      end_col_offset: row.end_col_offset,
      version: row.version,
      package_name: row.package_name,
      path: row.path
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
