// Connects calls that read a file, table or URL to the call that wrote it last before.
//
// Where that one's session began after the reader's, the order cannot be told, and there is no connection.
//
// Parameters:
//   ids: LIST<STRING>    ids of calls that read
// Returns: nothing
UNWIND $ids AS id
MATCH (reader:Node&CallNode {id: id})-[:READS]->(dataset:Dataset)
MATCH (reader)-[:IN_SESSION]->(session:Session)
OPTIONAL MATCH (reader)-[old:READ_FROM {uri: dataset.uri}]->(:CallNode)
CALL (reader, dataset, session) {
  MATCH (dataset)<-[:WRITES]-(writer:CallNode)-[:IN_SESSION]->(wrote:Session)
  WHERE writer.written_at < reader.written_at
  WITH writer, wrote, session
  ORDER BY writer.written_at DESC, writer.id
  LIMIT 1
  WHERE wrote.creation_time <= session.creation_time
  RETURN
    writer,
    CASE
      WHEN wrote = session THEN 'exact'
      ELSE 'inferred'
    END AS certainty
}
FOREACH (stale IN [
  stale IN [old]
  WHERE stale IS NOT NULL AND endNode(stale) <> writer
] |
  DELETE stale
)
MERGE (reader)-[read:READ_FROM {uri: dataset.uri}]->(writer)
  ON CREATE SET read.certainty = certainty
