// Forgets the writers of clients that ended without closing.
//
// So long after their last commit that none of their commits waits.
//
// Parameters:
//   days: INTEGER    how long a writer is kept after its last commit
// Returns: nothing
MATCH (writer:Writer)
WHERE writer.committed_at < localdatetime() - duration({days: $days})
DELETE writer
