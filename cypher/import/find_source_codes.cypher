// Which of these source codes are there.
//
// Parameters:
//   keys: LIST<MAP>    id
// Returns:
//   id: STRING    the id of one that is there
UNWIND $keys AS key
MATCH (source:SourceCode {id: key.id})
RETURN source.id AS id
