// Deletes files, tables and URLs that no call reads or writes.
//
// Parameters: none
// Returns: nothing
MATCH (dataset:Dataset)
WHERE
  NOT EXISTS {
    MATCH (dataset)<-[:READS|WRITES]-(:CallNode)
  }
DETACH DELETE dataset
