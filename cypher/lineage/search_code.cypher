// Source codes by their text, the newest first.
//
// Parameters:
//   words: STRING    a query of full text
//   text: STRING | NULL    what the code contains, in capitals or not; null means that the query is enough
//   filtered: BOOLEAN    whether there is any condition below
//   user: STRING | NULL    the user of its session
//   package_name: STRING | NULL    a library that its session imports,
//   version: STRING | NULL    and its version; null means any
//   since: LOCAL DATETIME | NULL    its session did not begin before this
//   until: LOCAL DATETIME | NULL    its session did not begin after this
//   from_moment: INTEGER    the place in the order at which to begin: its moment
//   from_id: STRING    and its id
//   limit: INTEGER    the largest number of rows
// Returns:
//   id: STRING    the source code's id
//   name: STRING    the file or cell
//   code: STRING    its text
//   moment: INTEGER    the seconds from the beginning of its session to 1970, a negative number; 0 without a session
//   created: LOCAL DATETIME | NULL    when its session began
//   session: MAP | NULL    id, name and user_name of its session
CALL db.index.fulltext.queryNodes('search_code', $words) YIELD node AS source
WITH source
WHERE $text IS NULL OR toLower(source.code) CONTAINS toLower($text)
CALL (source) {
  OPTIONAL MATCH
    (source)<-[:FROM_SOURCE]-(:Node)-[:IN_SESSION]->(session:Session)
  RETURN session
  LIMIT 1
}
OPTIONAL MATCH (of_cell:Session {id: source.session_id})
WITH source, coalesce(session, of_cell) AS session
WHERE
  NOT $filtered OR
  (session IS NOT NULL AND
    ($user IS NULL OR session.user_name = $user) AND
    ($since IS NULL OR session.creation_time >= $since) AND
    ($until IS NULL OR session.creation_time <= $until) AND
    ($package_name IS NULL OR
      EXISTS {
        MATCH
          (import:ImportNode {session_id: session.id})-[:OF_LIBRARY]->
          (library:Library)
        WHERE
          library.package_name = $package_name AND
          ($version IS NULL OR library.version = $version)
      }))
WITH
  source,
  session,
  coalesce(
    -
    duration.inSeconds(
      localdatetime('1970-01-01T00:00:00'),
      session.creation_time
    ).seconds,
    0
  ) AS moment
WHERE moment > $from_moment OR (moment = $from_moment AND source.id >= $from_id)
RETURN
  source.id AS id,
  source.name AS name,
  source.code AS code,
  moment,
  session.creation_time AS created,
  session {.id, .name, .user_name} AS session
ORDER BY moment, id
LIMIT $limit
