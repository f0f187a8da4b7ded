// Leaves the token of the commit that this transaction is, and returns the writer's last one.
//
// The lock on the writer makes a repeated commit wait until the one before it has ended, so that it learns its
// outcome.
//
// Parameters:
//   writer_id: STRING    the unit of work's id
//   commit_id: STRING    the commit's id
// Returns:
//   last: STRING | NULL    the commit that this writer made before, or this very one
CYPHER replan = skip
MERGE (writer:Writer {id: $writer_id})
SET writer.seen = writer.commit_id
SET
  writer.commit_id = $commit_id,
  writer.committed_at = localdatetime(),
  writer.name = "writer"
RETURN writer.seen AS last
