// Source codes by id.
//
// Parameters:
//   ids: LIST<STRING>    ids of source codes
// Returns:
//   id: STRING    its id
//   properties: MAP    its fields
UNWIND $ids AS id
MATCH (source:SourceCode {id: id})
RETURN source.id AS id, properties(source) AS properties
