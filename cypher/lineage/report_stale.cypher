// Of artifacts, the inputs that have a newer version: the last saved first.
//
// Only the latest version of an artifact counts. Of each input, the newest version counts that it was made from.
//
// Parameters:
//   before_id: INTEGER    the id before which to begin
//   until: LOCAL DATETIME | NULL    leave out what was not there then
//   later: LIST<STRING>    the ids of the sessions that began after that
//   page: INTEGER    the largest number of rows
// Returns:
//   id: INTEGER    an artifact's id
//   name: STRING    its name
//   version: INTEGER    its version
//   created: LOCAL DATETIME    when it was saved
//   session: MAP | NULL    id and name of its session
//   inputs: LIST<MAP>    those that have a newer version: end (the thing itself), key, name, newer (its version or place)
MATCH (artifact:Artifact)
WHERE
  artifact.id < $before_id AND
  ($until IS NULL OR artifact.date_created <= $until)
WITH artifact
ORDER BY artifact.id DESC
LIMIT $page
CALL (artifact) {
  WITH artifact
  WHERE
    NOT EXISTS {
      MATCH (next:Artifact {name: artifact.name})
      WHERE
        next.version > artifact.version AND
        ($until IS NULL OR next.date_created <= $until)
    }
  MATCH (artifact)-[:DERIVED_FROM*1..]->(input)
  WITH DISTINCT artifact, input
  WHERE
    $until IS NULL OR
    (coalesce(input.date_created, $until) <= $until AND
      NOT coalesce(input.session_id, '') IN $later)
  WITH artifact, collect(input) AS inputs
  CALL (artifact, inputs) {
    UNWIND inputs AS input
    WITH artifact, input
    WHERE input:Artifact AND input.name <> artifact.name
    WITH artifact, input
    ORDER BY input.version DESC
    WITH artifact, input.name AS name, collect(input)[0] AS newest
    MATCH (next:Artifact {name: name})
    WHERE
      next.version > newest.version AND
      ($until IS NULL OR next.date_created <= $until) AND
      NOT EXISTS {
        MATCH (next)-[:OF_NODE]->(:Node)<-[:OF_NODE]-(artifact)
      }
    WITH newest, max(next.version) AS version
    RETURN
      newest AS end,
      'artifact/' + toString(newest.id) AS key,
      newest.name + ' version ' + toString(newest.version) AS name,
      'version ' + toString(version) AS newer
      UNION
    UNWIND inputs AS input
    MATCH (input)-[:WRITES*0..1]->(dataset:Dataset)
    WITH artifact, inputs, dataset, input
    ORDER BY coalesce(input.written_at, 0) DESC, elementId(input)
    WITH
      artifact,
      inputs,
      dataset,
      max(coalesce(input.written_at, 0)) AS seen,
      collect(input) AS own
    MATCH (dataset)<-[:WRITES]-(write:CallNode)
    WHERE
      write.written_at > seen AND
      NOT write IN inputs AND
      NOT write.session_id IN $later
    WITH dataset, own, write
    ORDER BY write.written_at DESC, write.id
    WITH dataset, own, collect(write)[0] AS write
    OPTIONAL MATCH (write)-[:FROM_SOURCE]->(source:SourceCode)
    OPTIONAL MATCH (write)-[:IN_SESSION]->(session:Session)
    RETURN
      own[0] AS end,
      'dataset/' + dataset.uri AS key,
      dataset.uri AS name,
      'as ' +
      coalesce(source.name + ':' + toString(write.lineno) + ' of ', '') +
      coalesce(session.name, write.session_id) +
      ' wrote it' AS newer
  }
  WITH end, key, name, newer
  ORDER BY key
  RETURN
    collect({end: elementId(end), key: key, name: name, newer: newer}) AS inputs
}
RETURN
  artifact.id AS id,
  artifact.name AS name,
  artifact.version AS version,
  artifact.date_created AS created,
  [
    (artifact)-[:OF_NODE]->(:Node)-[:IN_SESSION]->(own:Session)
    | own {.id, .name}
  ][0] AS session,
  inputs
ORDER BY id DESC
