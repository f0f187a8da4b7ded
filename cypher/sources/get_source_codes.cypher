// Source codes by id.
//
// Parameters:
//   ids: LIST<STRING>    ids of source codes
// Returns:
//   id: STRING    its id
//   code: STRING    the text
//   path: STRING | NULL    the file, if it is one
//   execution_count: INTEGER | NULL    the count of the cell, if it is one
//   session_id: STRING | NULL    the session of the cell, if it is one
UNWIND $ids AS id
MATCH (source:SourceCode {id: id})
RETURN
  source.id AS id,
  source.code AS code,
  source.path AS path,
  source.execution_count AS execution_count,
  source.session_id AS session_id
