// The artifacts and datasets that most sessions read, the most used first.
//
// Parameters:
//   until: LOCAL DATETIME | NULL    leave out what was not there then
//   after_sessions: INTEGER    the place in the order after which to begin: minus how many sessions read it,
//   after_calls: INTEGER    minus how many calls do
//   after_key: STRING    and its key
//   limit: INTEGER    the largest number of rows
// Returns:
//   key: STRING    which thing it is
//   kind: STRING    artifact or dataset
//   name: STRING    its name; a dataset's URI
//   version: INTEGER | NULL    of an artifact
//   created: LOCAL DATETIME | NULL    when an artifact was saved
//   sessions: INTEGER    how many sessions read it
//   calls: INTEGER    how many calls do
CALL () {
  MATCH (input:Artifact)
  WHERE input.id >= 0
  MATCH (input)<-[:READS_ARTIFACT]-(call:CallNode)
  RETURN 'artifact/' + toString(input.id) AS key, input, call
    UNION
  MATCH (input:Dataset)
  WHERE input.uri >= ''
  MATCH (input)<-[:READS]-(call:CallNode)
  RETURN 'dataset/' + input.uri AS key, input, call
}
WITH key, input, call
WHERE
  $until IS NULL OR
  NOT EXISTS {
    MATCH (call)-[:IN_SESSION]->(begun:Session)
    WHERE begun.creation_time > $until
  }
WITH
  key,
  input,
  count(DISTINCT call.session_id) AS sessions,
  count(call) AS calls
WHERE
  - sessions > $after_sessions OR
  (- sessions = $after_sessions AND
    (- calls > $after_calls OR (- calls = $after_calls AND key > $after_key)))
RETURN
  key,
  toLower(labels(input)[0]) AS kind,
  coalesce(input.uri, input.name) AS name,
  input.version AS version,
  input.date_created AS created,
  sessions,
  calls
ORDER BY sessions DESC, calls DESC, key
LIMIT $limit
