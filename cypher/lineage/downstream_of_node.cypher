// What was made from a node, the nearest first.
//
// Parameters:
//   id: STRING    the node's id
//   types: LIST<STRING>    the types of the relationships to follow
//   level: STRING    node for all, statement for operations with source code, artifact for what artifacts and datasets come from
//   until: LOCAL DATETIME | NULL    leave out what was not there then
//   later: LIST<STRING>    the ids of the sessions that began after that
//   after_distance: INTEGER    the place in the order after which to begin: its distance,
//   after_written_at: INTEGER    its time of writing
//   after_key: STRING    and its key
//   limit: INTEGER    the largest number of rows
// Returns:
//   key: STRING    which thing it is: its kind and what identifies it
//   kind: STRING    the label of its kind
//   distance: INTEGER    how many relationships lead to it
//   written_at: INTEGER    when it was written, 0 where that is not recorded
//   properties: MAP    what identifies it and where it stands
//   session: MAP | NULL    id and name of its session
//   source: MAP | NULL    id, name, path and cell of its source code
//   artifacts: LIST<MAP>    the artifacts that point to it: id, name, version, date_created
//   writes: LIST<STRING>    the URIs of the datasets that it wrote
//   edges: LIST<LIST<STRING>>    what it refers to: a relationship's type, and the key of its end
MATCH
  path =
    (start:Node {id: $id})<-
      [:CALLS
        |POSITIONAL_ARG
        |KEYWORD_ARG
        |READS_GLOBAL
        |IMPLICIT_DEPENDENCY
        |MUTATES
        |MUTATED_BY
        |SET_BY
        |CONTROLLED_BY
        |TESTS
        |COMPANION
        |NOT_EXECUTED
        |READS_ARTIFACT
        |OF_NODE
        |READ_FROM
        |READS*0..]-
    (found)
USING INDEX SEEK start:Node(id)
WHERE all(edge IN relationships(path) WHERE type(edge) IN $types)
WITH found, min(length(path)) AS distance
WHERE
  ($level = 'node' OR
    ($level = 'statement' AND COUNT { (found)-[:FROM_SOURCE]->() } > 0) OR
    ($level = 'artifact' AND
      (found:Artifact OR found:Dataset OR COUNT { (found)-[:WRITES]->() } > 0))) AND
  ($until IS NULL OR
    (coalesce(found.date_created, $until) <= $until AND
      NOT coalesce(found.session_id, found.id) IN $later))
WITH
  found,
  distance,
  coalesce(found.written_at, 0) AS written_at,
  CASE
    WHEN found:Node THEN 'node/' + found.id
    WHEN found:Artifact THEN 'artifact/' + toString(found.id)
    WHEN found:Dataset THEN 'dataset/' + found.uri
    WHEN found:Session THEN 'session/' + found.id
    ELSE 'library/' + found.package_name + '/' + found.version
  END AS key
WHERE
  (distance > $after_distance OR
    (distance = $after_distance AND
      (written_at > $after_written_at OR
        (written_at = $after_written_at AND key > $after_key))))
WITH found, distance, written_at, key
ORDER BY distance, written_at, key
LIMIT $limit
OPTIONAL MATCH (found)-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  key,
  [label IN labels(found) WHERE label <> 'Node'][0] AS kind,
  distance,
  written_at,
  found {
    .id,
    .name,
    .version,
    .uri,
    .package_name,
    .session_id,
    .date_created,
    .lineno,
    .end_lineno,
    .written_at
  } AS properties,
  coalesce(
    [(found)-[:IN_SESSION]->(own:Session) | own {.id, .name} ][0],
    [
      (found)-[:OF_NODE]->(:Node)-[:IN_SESSION]->(own:Session)
      | own {.id, .name}
    ][0]
  ) AS session,
  source {.id, .name, .path, .execution_count} AS source,
  [
    (saved:Artifact)-[:OF_NODE]->(found)
    | saved {.id, .name, .version, .date_created}
  ] AS artifacts,
  [(found)-[:WRITES]->(dataset:Dataset) | dataset.uri ] AS writes,
  [
    (found)-
    [edge:CALLS
      |POSITIONAL_ARG
      |KEYWORD_ARG
      |READS_GLOBAL
      |IMPLICIT_DEPENDENCY
      |MUTATES
      |MUTATED_BY
      |SET_BY
      |CONTROLLED_BY
      |TESTS
      |COMPANION
      |NOT_EXECUTED
      |READS_ARTIFACT
      |OF_NODE
      |READ_FROM
      |READS
      |OF_LIBRARY]->
    (target)
    | [
      type(edge),
      CASE
        WHEN target:Node THEN 'node/' + target.id
        WHEN target:Artifact THEN 'artifact/' + toString(target.id)
        WHEN target:Dataset THEN 'dataset/' + target.uri
        WHEN target:Session THEN 'session/' + target.id
        ELSE 'library/' + target.package_name + '/' + target.version
      END
    ]
  ] AS edges
ORDER BY distance, written_at, key
