// Artifacts, sessions, variables, datasets and libraries by their names: the best first, then the newest.
//
// Of the assignments of a variable in a session, the last counts.
//
// Parameters:
//   words: STRING    a query of full text
//   text: STRING | NULL    what the name contains, in capitals or not; null means that the query is enough
//   labels: LIST<STRING>    the labels of what is searched
//   filtered: BOOLEAN    whether there is any condition below
//   user: STRING | NULL    the user of a session that it belongs to
//   package_name: STRING | NULL    a library that this session imports,
//   version: STRING | NULL    and its version; null means any
//   since: LOCAL DATETIME | NULL    it is not older than this
//   until: LOCAL DATETIME | NULL    it is not newer than this
//   after_rank: INTEGER    the place in the order after which to begin: its rank,
//   after_moment: INTEGER    its moment
//   after_key: STRING    and its key
//   limit: INTEGER    the largest number of rows
// Returns:
//   key: STRING    which thing it is: its kind and what identifies it
//   kind: STRING    its label
//   rank: INTEGER    0 where the name is the text, 1 where it begins with it, 2 elsewhere
//   moment: INTEGER    the seconds from when it was made to 1970, a negative number; 0 where it has no time
//   name: STRING    its name
//   version: ANY    of an artifact or a library
//   created: LOCAL DATETIME | NULL    when it was made
//   session: MAP | NULL    id, name and user_name of its session
//   source: STRING | NULL    the file or cell
//   lineno: INTEGER | NULL    the line there
CALL db.index.fulltext.queryNodes('search_names', $words) YIELD node AS found
WITH found
WHERE
  any(label IN labels(found) WHERE label IN $labels) AND
  ($text IS NULL OR toLower(found.name) CONTAINS toLower($text))
OPTIONAL MATCH (found)-[:OF_NODE|ASSIGNED_AT]->(node:Node)
WITH
  found,
  node,
  CASE
    WHEN found:Artifact THEN 'artifact/' + toString(found.id)
    WHEN found:Session THEN 'session/' + found.id
    WHEN found:Variable THEN 'variable/' + node.session_id + '/' + found.name
    WHEN found:Dataset THEN 'dataset/' + found.uri
    ELSE 'library/' + found.package_name + '/' + found.version
  END AS key
WHERE key IS NOT NULL
WITH key, found, node
ORDER BY found.written_at DESC, found.node_id
WITH key, collect(found)[0] AS found, collect(node)[0] AS node
WHERE
  NOT $filtered OR
  (found:Session AND
    ($user IS NULL OR found.user_name = $user) AND
    ($since IS NULL OR found.creation_time >= $since) AND
    ($until IS NULL OR found.creation_time <= $until) AND
    ($package_name IS NULL OR
      EXISTS {
        MATCH
          (import:ImportNode {session_id: found.id})-[:OF_LIBRARY]->
          (library:Library)
        WHERE
          library.package_name = $package_name AND
          ($version IS NULL OR library.version = $version)
      })) OR
  (($since IS NULL OR NOT found:Artifact OR found.date_created >= $since) AND
    ($until IS NULL OR NOT found:Artifact OR found.date_created <= $until) AND
    EXISTS {
      MATCH
        (found)-[:OF_NODE|ASSIGNED_AT|READS|WRITES|OF_LIBRARY]-
        (:Node)-[:IN_SESSION]->
        (session:Session)
      WHERE
        ($user IS NULL OR session.user_name = $user) AND
        ($since IS NULL OR found:Artifact OR session.creation_time >= $since) AND
        ($until IS NULL OR session.creation_time <= $until) AND
        ($package_name IS NULL OR
          EXISTS {
            MATCH
              (import:ImportNode {session_id: session.id})-[:OF_LIBRARY]->
              (library:Library)
            WHERE
              library.package_name = $package_name AND
              ($version IS NULL OR library.version = $version)
          })
    })
OPTIONAL MATCH (node)-[:IN_SESSION]->(own:Session)
WITH
  key,
  found,
  node,
  coalesce(own,
    CASE
      WHEN found:Session THEN found
    END) AS own
WITH
  key,
  found,
  node,
  own,
  coalesce(found.date_created, own.creation_time) AS created,
  CASE
    WHEN $text IS NULL THEN 0
    WHEN toLower(found.name) = toLower($text) THEN 0
    WHEN toLower(found.name) STARTS WITH toLower($text) THEN 1
    ELSE 2
  END AS rank
WITH
  key,
  found,
  node,
  own,
  created,
  rank,
  coalesce(
    - duration.inSeconds(localdatetime('1970-01-01T00:00:00'), created).seconds,
    0
  ) AS moment
WHERE
  rank > $after_rank OR
  (rank = $after_rank AND
    (moment > $after_moment OR (moment = $after_moment AND key > $after_key)))
WITH key, found, node, own, created, rank, moment
ORDER BY rank, moment, key
LIMIT $limit
OPTIONAL MATCH (node)-[:FROM_SOURCE]->(source:SourceCode)
RETURN
  key,
  labels(found)[0] AS kind,
  rank,
  moment,
  CASE
    WHEN found:Library THEN found.package_name
    ELSE coalesce(found.uri, found.name)
  END AS name,
  found.version AS version,
  created,
  own {.id, .name, .user_name} AS session,
  source.name AS source,
  node.lineno AS lineno
ORDER BY rank, moment, key
