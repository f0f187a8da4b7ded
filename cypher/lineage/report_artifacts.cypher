// Whether artifacts are used, and whether their values are there: the last saved first.
//
// Parameters:
//   before_id: INTEGER    the id before which to begin
//   until: LOCAL DATETIME | NULL    leave out what was not there then
//   page: INTEGER    the largest number of rows
// Returns:
//   id: INTEGER    an artifact's id
//   name: STRING    its name
//   version: INTEGER    its version
//   created: LOCAL DATETIME    when it was saved
//   session: MAP | NULL    id and name of its session
//   source: STRING | NULL    the file or cell
//   lineno: INTEGER | NULL    the line there
//   is_used: BOOLEAN    whether a call, another artifact or a pipeline uses it, under whichever name
//   values: INTEGER    how many values are recorded for it
//   locations: INTEGER    how many of these have a location
//   is_deleted: BOOLEAN    whether MLflow keeps it and has deleted it
MATCH (artifact:Artifact)
WHERE
  artifact.id < $before_id AND
  ($until IS NULL OR artifact.date_created <= $until)
WITH artifact
ORDER BY artifact.id DESC
LIMIT $page
OPTIONAL MATCH (artifact)-[:OF_NODE]->(node:Node)
OPTIONAL MATCH (node)-[:IN_SESSION]->(session:Session)
OPTIONAL MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  artifact.id AS id,
  artifact.name AS name,
  artifact.version AS version,
  artifact.date_created AS created,
  session {.id, .name} AS session,
  source.name AS source,
  node.lineno AS lineno,
  EXISTS {
    MATCH (artifact)<-[:CONTAINS|REUSES]-(:Pipeline)
  } OR
  EXISTS {
    MATCH (node)<-[:OF_NODE]-(name:Artifact)
    MATCH (name)<-[:READS_ARTIFACT|DERIVED_FROM]-(user)
    WHERE
      ($until IS NULL OR coalesce(user.date_created, $until) <= $until) AND
      ($until IS NULL OR
        NOT EXISTS {
          MATCH (user)-[:IN_SESSION]->(begun:Session)
          WHERE begun.creation_time > $until
        })
  } AS is_used,
  COUNT {
    MATCH (artifact)-[:IN_EXECUTION]->(run:Execution)
    MATCH (node)<-[:VALUE_OF]-(value:NodeValue)
    WHERE value.execution_id = run.id
  } AS values,
  COUNT {
    MATCH (artifact)-[:IN_EXECUTION]->(run:Execution)
    MATCH (node)<-[:VALUE_OF]-(value:NodeValue)
    WHERE value.execution_id = run.id AND coalesce(value.value, '') <> ''
  } AS locations,
  EXISTS {
    MATCH (kept:MLflowMetadata {artifact_id: artifact.id})
    WHERE kept.delete_time IS NOT NULL
  } AS is_deleted
ORDER BY id DESC
