// Which of these source codes are there.
//
// Parameters:
//   ids: LIST<STRING>    ids of source codes
// Returns:
//   id: STRING    the id of one that is there
CYPHER replan = skip
UNWIND $ids AS id
MATCH (source:SourceCode {id: id})
RETURN source.id AS id
