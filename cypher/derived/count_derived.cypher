// How many edges of each derived type there are.
//
// Parameters: none
// Returns:
//   type: STRING    the relationship's type
//   count: INTEGER    how many
MATCH
  ()-
    [edge:READS
      |WRITES
      |READS_ARTIFACT
      |READ_FROM
      |DERIVED_FROM
      |USED
      |USED_DATA
      |INFORMED_BY]->
  ()
RETURN type(edge) AS type, count(*) AS count
ORDER BY type
  UNION
MATCH (:CallNode)-[edge:OF_LIBRARY]->()
RETURN type(edge) AS type, count(*) AS count
ORDER BY type
