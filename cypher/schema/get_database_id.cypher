// The database's own id, which it keeps for ever.
//
// Parameters: none
// Returns:
//   id: STRING    64 hexadecimal digits
CALL db.info() YIELD id
RETURN id
