// The sessions whose operations refer to operations that are missing.
//
// Parameters:
//   limit: INTEGER    the largest number of rows
// Returns:
//   session_id: STRING    a session's id
//   missing: INTEGER    how many operations are missing
MATCH (missing:MissingNode)
WHERE missing.id >= ''
MATCH (missing)<--(node:Node)
RETURN node.session_id AS session_id, count(DISTINCT missing) AS missing
ORDER BY session_id
LIMIT $limit
