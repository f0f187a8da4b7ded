// The ids of calls, a page at a time.
//
// Parameters:
//   after: STRING    the id after which to begin
//   limit: INTEGER    the largest number of rows
// Returns:
//   id: STRING    a call's id
MATCH (call:Node)
WHERE call.id > $after
WITH call
ORDER BY call.id
LIMIT $limit
RETURN call.id AS id
