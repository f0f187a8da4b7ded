// The artifacts and written datasets that were made from an artifact, the nearest first.
//
// Parameters:
//   id: INTEGER    the artifact's id
//   until: LOCAL DATETIME | NULL    leave out what was not there then
//   later: LIST<STRING>    the ids of the sessions that began after that
//   after_distance: INTEGER    the place in the order after which to begin: its distance,
//   after_written_at: INTEGER    its time of writing
//   after_key: STRING    and its key
//   limit: INTEGER    the largest number of rows
// Returns:
//   rows: LIST<LIST<ANY>>    of each of up to a thousand: its key, the label of its kind, how many relationships lead to it, when it was written, what identifies it and where it stands, its session, its source code, the URIs of the datasets that it wrote, and what it refers to as a relationship's type and the key of its end
MATCH path = (start:Artifact {id: $id})<-[:DERIVED_FROM*0..]-(found)
USING INDEX SEEK start:Artifact(id)
WITH found, min(length(path)) AS distance
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
        (written_at = $after_written_at AND key > $after_key)))) AND
  ($until IS NULL OR
    (coalesce(found.date_created, $until) <= $until AND
      NOT coalesce(found.session_id, found.id) IN $later))
WITH found, distance, written_at, key
ORDER BY distance, written_at, key
LIMIT $limit
WITH collect([found, distance, written_at, key]) AS ordered
UNWIND range(0, size(ordered) - 1, 1000) AS begin
CALL (ordered, begin) {
  UNWIND ordered[begin..begin + 1000] AS each
  WITH
    each[0] AS found,
    each[1] AS distance,
    each[2] AS written_at,
    each[3] AS key
  OPTIONAL MATCH (found)-[:OF_NODE]->(saved:Node)
  WITH found, distance, written_at, key, coalesce(saved, found) AS node
  OPTIONAL MATCH (node)-[:IN_SESSION]->(session:Session)
  OPTIONAL MATCH (found)-[:FROM_SOURCE]->(source:SourceCode)
  WITH found, distance, written_at, key, session, source
  ORDER BY distance, written_at, key
  RETURN
    collect([
      key,
      [label IN labels(found) WHERE label <> 'Node'][0],
      distance,
      written_at,
      CASE
        WHEN found:Artifact THEN found {.name, .version, .date_created}
        WHEN found:Dataset THEN found {.uri}
        ELSE found {.id, .name, .lineno, .end_lineno}
      END,
      session {.id, .name},
      source {.id, .name, .path, .execution_count},
      [(found)-[:WRITES]->(dataset:Dataset) | dataset.uri ],
      [
        (found)-[edge:DERIVED_FROM]->(target)
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
      ]
    ]) AS rows
}
RETURN rows
