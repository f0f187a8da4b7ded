// Captions sessions without a name by the files that they ran, once; the first file counts.
//
// Parameters:
//   rows: LIST<MAP>    sessions and what they ran: a cell is no file and counts for nothing
//     session_id: STRING    the session's id
//     source_code_id: STRING    the source code's id
// Returns: nothing
CYPHER replan = skip
UNWIND $rows AS row
MATCH (session:Session {id: row.session_id})
USING INDEX SEEK session:Session(id)
WHERE
  coalesce(session.session_name, "") = "" AND
  (session.name STARTS WITH "script " OR session.name STARTS WITH "notebook ")
MATCH (source:SourceCode {id: row.source_code_id})
USING INDEX SEEK source:SourceCode(id)
WHERE source.path IS NOT NULL
SET
  session.name =
    source.name +
    " of " +
    replace(left(toString(session.creation_time), 16), "T", " ")
