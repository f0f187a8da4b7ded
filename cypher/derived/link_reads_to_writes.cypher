// Connects calls that read a file, table or URL to the call that wrote it last before.
//
// Where that one's session began after the reader's, the order cannot be told, and there is no connection.
//
// Parameters:
//   ids: LIST<STRING>    ids of calls that read
// Returns:
//   id: STRING    the id of a call that read
//   writer_id: STRING | NULL    the id of the call that wrote it, if that is of the same session
//   stale: STRING | NULL    the reader's session, if it read from another one than was thought before
CYPHER replan = skip
UNWIND $ids AS id
MATCH (reader:Node&CallNode {id: id})-[:READS]->(dataset:Dataset)
USING INDEX SEEK reader:Node(id)
MATCH (reader)-[:IN_SESSION]->(session:Session)
CALL (reader, dataset, session) {
  OPTIONAL MATCH
    (dataset)<-[:WRITES]-(last:CallNode)-[:IN_SESSION]->(wrote:Session)
  WHERE last.written_at < reader.written_at
  WITH last, wrote, session
  ORDER BY last.written_at DESC, last.id
  LIMIT 1
  RETURN
    CASE
      WHEN wrote.creation_time <= session.creation_time THEN last
    END AS writer,
    CASE
      WHEN wrote = session THEN 'exact'
      ELSE 'inferred'
    END AS certainty
}
CALL (reader, dataset, writer) {
  MATCH (reader)-[old:READ_FROM {uri: dataset.uri}]->(other:CallNode)
  WHERE writer IS NULL OR other <> writer
  RETURN collect(old) AS stale
}
FOREACH (old IN stale |
  DELETE old
)
FOREACH (found IN
CASE
  WHEN writer IS NULL THEN []
  ELSE [writer]
END |
  MERGE (reader)-[read:READ_FROM {uri: dataset.uri}]->(found)
    ON CREATE SET read.certainty = certainty
)
RETURN
  reader.id AS id,
  CASE
    WHEN writer.session_id = reader.session_id THEN writer.id
  END AS writer_id,
  CASE
    WHEN size(stale) > 0 THEN session.id
  END AS stale
