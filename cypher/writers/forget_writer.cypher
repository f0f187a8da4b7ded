// Forgets a writer that has closed in order.
//
// Parameters:
//   writer_id: STRING    the unit of work's id
// Returns: nothing
MATCH (writer:Writer {id: $writer_id})
DELETE writer
